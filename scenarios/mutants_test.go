package scenarios

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutant is a bug of one line: old, which stands once in file, becomes new.
type mutant struct {
	name     string
	file     string // below the module's root
	old, new string
}

// mutantsHunted is how many mutants `make test` hunts, the next ones with each commit.
const mutantsHunted = 2

// allMutants are all mutants, room by room.
func allMutants() []mutant {
	return slices.Concat(mutants, clientMutants, logMutants, groupMutants, zookeeperMutants, simMutants,
		checkMutants, frontMutants)
}

// Every mutant is caught by some check under a seed of a swarm. SANDCASTLE_MUTANTS says which are
// hunted: all, those that the table calls missed (missed or not hunted yet), those whose names
// contain it, or none. Without it, it is the turn of a few of those that the table says were caught
// soon: they still have to be. The others must still fit the source.
// With SANDCASTLE_MUTANTS the table MUTANTS.md gets what was found; SANDCASTLE_MUTANT_SEEDS says how
// many seeds hunt each.
//
// A mutant of which missedMutants says why no seed shows it may be missed.
func TestMutants(t *testing.T) {
	wanted := os.Getenv("SANDCASTLE_MUTANTS")
	all := allMutants()
	seeds := seedsOfHunt(t)
	table := readMutantTable(t)
	turn := table.turn(t, all)
	hunts := func(i int, m *mutant) bool {
		switch wanted {
		case "":
			return slices.Contains(turn, i)
		case "all":
			return true
		case "missed":
			return table.wants(m, seeds)
		default:
			return strings.Contains(m.name, wanted)
		}
	}
	sound := sync.OnceValue(func() *hunter { return newHunter(t, all) })
	names := map[string]bool{}
	for i, m := range all {
		require.False(t, names[m.name], "two mutants are called %q", m.name)
		names[m.name] = true
		t.Run(m.name, func(t *testing.T) {
			source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m.file)))
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(source), m.old), "%s: %q must stand there once",
				m.file, m.old)
			require.NotEqual(t, m.old, m.new)
			if !hunts(i, &m) {
				return
			}
			h := sound()
			t.Parallel()
			caught := h.hunt(t, i, seeds)
			t.Logf("%s: %+v", m.name, caught)
			if wanted != "" {
				table.put(t, all, m.name, caught)
			}
			if caught.by == "" && missedMutants[m.name] == "" {
				t.Errorf("%s: not caught by %d seeds", m.name, seeds)
			}
		})
	}
}
