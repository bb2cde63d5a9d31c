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
		return nil, &model.InputError{File: target, Problem: "cannot be read: " + plainCause(err)}
	}
	return scenarios.Parse(target, data)
}

// plainCause is the last part of a file system error: the path in front of it is already told.
func plainCause(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		return text[at+2:]
	}
	return text
}
