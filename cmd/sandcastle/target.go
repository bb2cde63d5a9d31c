package main

import (
	"os"
	"path/filepath"
	"strings"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

// calledAs is how the reader called this program, so that the commands that are shown work where he
// stands: ./bin/sandcastle where he said that, sandcastle where the shell found it.
func calledAs() string {
	called := os.Args[0]
	if filepath.Base(called) != digest.Program || !strings.ContainsRune(called, filepath.Separator) {
		return digest.Program
	}
	return called
}

// loadTarget finds what the user means by a lesson's name or the path of a YAML file.
func loadTarget(target string) (*scenarios.Scenario, error) {
	if !strings.HasSuffix(target, ".yaml") && !strings.HasSuffix(target, ".yml") {
		return scenarios.Lesson(target)
	}
	data, err := os.ReadFile(target)
	if err != nil {
		return nil, &model.InputError{File: target, Problem: "cannot be read: " + model.PlainCause(err)}
	}
	return scenarios.Parse(target, data)
}
