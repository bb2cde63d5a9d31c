package scenarios

import (
	"embed"
	"io/fs"
	"path"
	"sort"
	"strings"

	"sandcastle/model"
)

// The lessons of the course, one YAML file each, by subject.
//
//go:embed lessons
var lessonFiles embed.FS

const lessonRoot = "lessons"

// Lessons returns the names of all lessons, such as "replication/leader-failover", sorted.
func Lessons() []string {
	var names []string
	err := fs.WalkDir(lessonFiles, lessonRoot, func(p string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(p) == ".yaml" {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(p, lessonRoot+"/"), ".yaml"))
		}
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	sort.Strings(names)
	return names
}

// Lesson reads the lesson called name. The subject may be left out where the rest is clear.
func Lesson(name string) (*Scenario, error) {
	var matches []string
	names := Lessons()
	for _, n := range names {
		if n == name || path.Base(n) == name {
			matches = append(matches, n)
		}
	}
	if len(matches) != 1 {
		bases := make([]string, 0, 2*len(names))
		for _, n := range names {
			bases = append(bases, n, path.Base(n))
		}
		hint := model.DidYouMean(name, bases)
		if hint == "" {
			hint = "`sandcastle list` shows all lessons; a file's path ends in .yaml"
		}
		return nil, &model.InputError{File: name, Problem: "there is no such lesson", Hint: hint}
	}
	data, err := lessonFiles.ReadFile(lessonRoot + "/" + matches[0] + ".yaml")
	if err != nil {
		panic(err) // Lessons listed it
	}
	return Parse(matches[0], data)
}
