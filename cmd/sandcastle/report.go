package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/reports"
	"sandcastle/reports/digest"
)

func newReport() *cobra.Command {
	return &cobra.Command{
		Use:   "report RUNDIR",
		Short: "Draw the figures and the page of a run again",
		Args:  exactly(1, "name one run directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			run, err := readRun(dir)
			if err != nil {
				return err
			}
			s, err := scenarioOf(dir, run)
			if err != nil {
				return err
			}
			lesson := lessonOf(s)
			story, err := digest.Load(os.DirFS(dir), lesson.Notes...)
			if err != nil {
				return within(dir, err)
			}
			err = reports.Write(story, lesson, func(name string, data []byte) error {
				return replaceFile(filepath.Join(dir, filepath.FromSlash(name)), data)
			})
			if err != nil {
				return &exitError{exitInternal, err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "report    %s\n", filepath.Join(dir, "report.html"))
			return nil
		},
	}
}

// within is an error about a file of a directory, with the directory in its name.
func within(dir string, err error) error {
	var input *model.InputError
	if !errors.As(err, &input) {
		return inputError("%s: %w", dir, err)
	}
	told := *input
	told.File = filepath.Join(dir, told.File)
	return &told
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
