package scenarios

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutantTableFile holds what hunts of mutants found: `make mutants` writes it.
const mutantTableFile = "MUTANTS.md"

const mutantTableHead = `# Mutants

Bugs of one line (mutants_*_test.go), each planted alone into the sound program and hunted by
` + "`sandcastle sweep --swarm`" + ` alone, from seed 1 on, until a seed fails with a kind of finding that the sound
program does not show under that seed. ` + "`make mutants`" + ` hunts all and writes this file;
` + "`SANDCASTLE_MUTANTS=missed`" + ` hunts only those that were not caught or not hunted with so many seeds yet,
` + "`SANDCASTLE_MUTANT_SEEDS`" + ` of them. A mutant without a row has not been hunted.

`

// mutantTable is what was found of each mutant, by name.
type mutantTable struct {
	mutex sync.Mutex
	rows  map[string]catch
}

// caughtSoon is within how many seeds a mutant was caught that `make test` may hunt again.
const caughtSoon = 20

// turn are the numbers of those mutants that `make test` hunts: a few that were caught soon, others
// with each commit.
func (tb *mutantTable) turn(t *testing.T, all []mutant) (list []int) {
	t.Helper()
	var soon []int
	for i := range all {
		if row := tb.rows[all[i].name]; row.by != "" && row.seeds <= caughtSoon {
			soon = append(soon, i)
		}
	}
	for _, n := range turns(t, mutantsHunted, uint64(len(soon))) {
		list = append(list, soon[n])
	}
	return list
}

// readMutantTable reads the rows of the file, of which those stay that are not hunted now.
func readMutantTable(t *testing.T) *mutantTable {
	t.Helper()
	table := &mutantTable{rows: map[string]catch{}}
	data, err := os.ReadFile(mutantTableFile)
	if os.IsNotExist(err) {
		return table
	}
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 4 {
			continue
		}
		seeds, err := strconv.Atoi(strings.TrimSuffix(cells[3], " |"))
		if err != nil {
			continue // the head
		}
		row := catch{cells[2], seeds}
		if strings.HasPrefix(row.by, "not caught") {
			row.by = ""
		}
		table.rows[strings.TrimPrefix(cells[0], "| ")] = row
	}
	return table
}

// wants tells whether the mutant was not caught, with fewer seeds than now, or was not hunted.
func (m *mutantTable) wants(of *mutant, seeds int) bool {
	row, hunted := m.rows[of.name]
	return !hunted || row.by == "" && row.seeds < seeds
}

// put adds a row and writes the file.
func (m *mutantTable) put(t *testing.T, all []mutant, name string, found catch) {
	t.Helper()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.rows[name] = found
	require.NoError(t, os.WriteFile(mutantTableFile, []byte(m.render(all)), 0o644)) //nolint:gosec
}

// render lists the mutants that were hunted in their order, and how many were caught.
func (m *mutantTable) render(all []mutant) string {
	var rows strings.Builder
	var caught []int
	hunted := 0
	for _, of := range all {
		row, ok := m.rows[of.name]
		if !ok {
			continue
		}
		hunted++
		by := row.by
		if by != "" {
			caught = append(caught, row.seeds)
		} else if by = "not caught"; missedMutants[of.name] != "" {
			by += ": " + missedMutants[of.name]
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %d |\n", of.name, of.file, by, row.seeds)
	}
	slices.Sort(caught)
	head := mutantTableHead + fmt.Sprintf("%d of %d were caught", len(caught), hunted)
	if n := len(caught); n > 0 {
		head += fmt.Sprintf(", half of them within %d seeds, nine of ten within %d, the last by seed %d",
			caught[n/2], caught[n*9/10], caught[n-1])
	}
	return head + ".\n\n| mutant | file | caught by | seeds |\n|---|---|---|---|\n" + rows.String()
}

// missedMutants are those that no seed shows, with the reason.
var missedMutants = map[string]string{
	"codecs: an empty value is null": "no drawn producer sends an empty value, which differs from null",
	"codecs: the largest timestamp is the last one": "within a batch timestamps fall only when a client's " +
		"clock is set back while the batch is open",
	"codecs: the CRC of a rewritten batch is the old one": "only a batch that is sent again under a new " +
		"producer epoch is rewritten, which few seeds come to",
}

// The table is as its rows say: in the order of the lists, and counted.
func TestMutantTable(t *testing.T) {
	table, all := readMutantTable(t), allMutants()
	for name := range table.rows { //unordered: each is its own
		require.True(t, slices.ContainsFunc(all, func(m mutant) bool { return m.name == name }),
			"%s: there is no mutant %q any more: take its row out", mutantTableFile, name)
	}
	if *rewrite {
		require.NoError(t, os.WriteFile(mutantTableFile, []byte(table.render(all)), 0o644)) //nolint:gosec
	}
	data, err := os.ReadFile(mutantTableFile)
	require.NoError(t, err)
	require.Equal(t, table.render(all), string(data), "make mutants writes it; -rewrite counts anew")
}
