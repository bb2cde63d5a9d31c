package rundir

import (
	"errors"
	"os"
	"path/filepath"

	"sandcastle/model"
	"sandcastle/reports"
	"sandcastle/reports/digest"
)

// Redraw draws the figures and the page of the run in dir again. program is how the reader calls
// the command line, "" where nobody knows.
func Redraw(dir, program string) error {
	run, err := Read(dir)
	if err != nil {
		return err
	}
	s, err := Scenario(dir, run)
	if err != nil {
		return err
	}
	lesson := LessonOf(s)
	story, err := digest.Load(os.DirFS(dir), lesson)
	if err != nil {
		return within(dir, err)
	}
	story.Run.Program = program
	lesson.Around = neighbours(s, dir, false)
	return reports.Write(story, lesson, func(name string, data []byte) error {
		return ReplaceFile(filepath.Join(dir, filepath.FromSlash(name)), data)
	})
}

// within is an error about a file of a directory, with the directory in its name.
func within(dir string, err error) error {
	var input *model.InputError
	if !errors.As(err, &input) {
		return model.BadInput("%s: %s", dir, err)
	}
	named := *input
	named.File = filepath.Join(dir, named.File)
	return &named
}

// newSuffix ends the name of a file until it is whole.
const newSuffix = ".new"

// ReplaceFile writes a file whole or not at all.
func ReplaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + newSuffix
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
