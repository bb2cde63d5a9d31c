package swarm

import (
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"path/filepath"
	"strings"

	"sandcastle/scenarios"
)

// Source is what a swarm draws scenarios from: one for each seed.
type Source struct {
	Profile *Profile
	// File is where the profile comes from, "" for the program's own.
	File string
	// Base is the scenario that is disturbed; nil draws everything.
	Base *scenarios.Scenario
}

// Name is what its scenarios are called.
func (s *Source) Name() string {
	if s.Base == nil {
		return Name
	}
	base := strings.TrimSuffix(strings.TrimSuffix(s.Base.Name, ".yaml"), ".yml")
	if filepath.IsAbs(base) || strings.Contains(base, "..") {
		base = path.Base(filepath.ToSlash(base))
	}
	return Name + "/" + base
}

// Flags are what the command line draws a scenario by, but for the seed.
func (s *Source) Flags() string {
	words := []string{"--swarm"}
	if s.Base != nil {
		words = append([]string{quoted(s.Base.Name)}, words...)
		for _, set := range s.Base.Set {
			words = append(words, "--set", quoted(set))
		}
	}
	if s.File != "" {
		words = append(words, "--profile", quoted(s.File))
	}
	return strings.Join(words, " ")
}

// quoted is a word for a shell.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t\n'\"\\$`*?[]{}()<>|&;#!~") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// Sum identifies what is drawn from, whatever the seed.
func (s *Source) Sum() string {
	h := fnv.New64a()
	h.Write(defaultProfile)
	io.WriteString(h, s.Profile.Source)
	if s.Base != nil {
		io.WriteString(h, s.Base.YAML)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// Draw draws the scenario of a seed.
func (s *Source) Draw(seed uint64) (*scenarios.Scenario, error) {
	d := &drawing{seed: seed, profile: s.Profile}
	var drawn *scenarios.Scenario
	var err error
	if s.Base == nil {
		drawn, err = d.draw()
	} else {
		drawn, err = d.disturb(s.Base)
	}
	if err != nil {
		return nil, err
	}
	drawn.Name, drawn.Drawn = s.Name(), s.Flags()
	return drawn, nil
}
