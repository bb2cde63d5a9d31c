package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

// completeTarget offers the lessons to a shell's completion, by what is typed of their whole or
// their short names; files complete themselves.
func completeTarget(_ *cobra.Command, args []string, typed string,
) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, name := range scenarios.Lessons() {
		for _, known := range []string{name, path.Base(name)} {
			if strings.HasPrefix(known, typed) && (known == name || typed != "") {
				names = append(names, known)
			}
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

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
