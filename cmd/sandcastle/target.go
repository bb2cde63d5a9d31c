package main

import (
	"os"
	"strings"

	"sandcastle/model"
	"sandcastle/scenarios"
)

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
