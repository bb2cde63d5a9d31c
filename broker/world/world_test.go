package world_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"sandcastle/broker/world"
	"sandcastle/broker/world/wires"
	"sandcastle/model"
	"sandcastle/sim"
)

func disk() wires.Disk { return sim.NewDisk(model.NewRand(1, "disk")) }

// TestScripts plays every script below testdata. With -rewrite it writes down what was seen.
//
// A block "setup" is a list of commands of whose output nothing is shown; every other directive is
// one command.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Parallel()
		w := world.New(disk)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "setup" {
				return play(t, w, line(d))
			}
			for _, command := range strings.Split(strings.TrimSpace(d.Input), "\n") {
				play(t, w, command)
			}
			return ""
		})
	})
}

// line is the directive as it was written.
func line(d *datadriven.TestData) string {
	words := []string{d.Cmd}
	for _, arg := range d.CmdArgs {
		word := arg.Key
		if len(arg.Vals) > 0 {
			word += "=" + strings.Join(arg.Vals, ",")
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func play(t *testing.T, w *world.World, command string) string {
	said, err := w.Do(command)
	require.NoError(t, err)
	return said
}

// Every script says at its head what it shows.
func TestScriptsOpenWithTheirClaim(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(text), "\n")
		require.Regexp(t, `^# \S.+`, first, path)
	})
}
