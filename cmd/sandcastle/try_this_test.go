package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// wordsOf takes a command apart as the reader's shell does.
func wordsOf(t *testing.T, command string) []string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to take commands apart")
	}
	out, err := exec.Command(sh, "-c", "set -- "+command+`; for word; do printf '%s\0' "$word"; done`).Output()
	require.NoError(t, err, command)
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// requireRuns holds a command that a page shows to being one: the scenario is found and takes its settings.
func requireRuns(t *testing.T, command string) {
	t.Helper()
	words := wordsOf(t, command)
	require.Equal(t, "sandcastle", filepath.Base(words[0]))
	cmd, rest, err := newRoot(io.Discard, io.Discard).Find(words[1:])
	require.NoError(t, err, command)
	require.NoError(t, cmd.ParseFlags(rest), command)
	require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), command)
	s, err := loadTarget(cmd.Flags().Arg(0))
	require.NoError(t, err, command)
	set, err := cmd.Flags().GetStringArray("set")
	require.NoError(t, err)
	_, err = scenarios.OverrideAll(s, set)
	require.NoError(t, err, command)
}

// What a page tells its reader to try can be run: of every lesson, anywhere.
func TestTryThisOfEveryLesson(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range scenarios.Lessons() {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		run := &kafka.Run{Scenario: s.Name, Seed: s.Seed}
		require.NotEmpty(t, s.Knob.Set, name)
		requireRuns(t, text.CommandWith(run, s.Knob.Set))
		requireRuns(t, text.Command(run))
		around, ok := scenarios.AroundLesson(name)
		require.True(t, ok)
		for _, other := range append(around.Twins, around.Next) {
			if other != "" {
				requireRuns(t, text.Command(&kafka.Run{Scenario: other}))
			}
		}
	}
}

// The command of a scenario file names the file, by the path by which it was played.
func TestTryThisOfAFile(t *testing.T) {
	lesson, err := scenarios.Lesson("tools/break-it-first")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("it's mine", 0o755))
	const path = "it's mine/a lesson.yaml"
	require.NoError(t, os.WriteFile(path, []byte(lesson.YAML), 0o644))
	s, err := loadTarget(path)
	require.NoError(t, err)
	requireRuns(t, text.CommandWith(&kafka.Run{Scenario: s.Name, Seed: s.Seed}, s.Knob.Set))
}

// Commands call the program as the reader did, so that they work where he stands.
func TestCommandsCallTheProgramAsTheReaderDid(t *testing.T) {
	before := os.Args[0]
	defer func() { os.Args[0] = before }()
	for called, want := range map[string]string{
		"sandcastle": "sandcastle", "./bin/sandcastle": "./bin/sandcastle", "/opt/x/sandcastle": "/opt/x/sandcastle",
		"/tmp/go-build1/sandcastle.test": "sandcastle",
	} {
		os.Args[0] = called
		require.Equal(t, want, calledAs())
		require.Equal(t, want+" run log/reading --seed 1",
			text.Command(&kafka.Run{Scenario: "log/reading", Seed: 1, Program: calledAs()}))
	}
}
