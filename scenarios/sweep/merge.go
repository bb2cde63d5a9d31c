package sweep

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Merged is what came of putting parts of a sweep together.
type Merged struct {
	Outcome
	Again   int      // how many lines told of a run that another one had told of
	Missing []string // what was not played, in sentences
}

// DifferError says that one run was told of in two ways: the program is not deterministic, or two
// programs call themselves by one version.
type DifferError struct{ One, Other string } // places of lines

// Error implements error.
func (e *DifferError) Error() string {
	return fmt.Sprintf("%s and %s tell of the same run under the same seed, and differ: "+
		"`sandcastle run` them to see which is right", e.One, e.Other)
}

// Merge puts together what sweeps have left at paths, each a directory or a runs.ndjson, and writes
// it to the directory out, as one sweep would have written it that had played everything. What out
// holds already is taken in too. A line that is torn is left out, with a remark.
func Merge(paths []string, out string, remark func(string)) (*Merged, error) {
	dir, err := openDirectory(out)
	if err != nil {
		return nil, err
	}
	lock, err := dir.claim()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if _, err := os.Stat(dir.runsPath()); err == nil {
		paths = append(slices.Clone(paths), string(dir))
	}
	m := &merging{remark: remark, shards: map[int][]int{}, read: map[string]bool{}}
	for _, path := range paths {
		if err := m.take(path); err != nil {
			return nil, err
		}
	}
	if m.recipe == nil {
		return nil, model.BadInput("there is no sweep.json beside %s, which says what was to be played: "+
			"name the directories that `sandcastle sweep` wrote", strings.Join(paths, ", "))
	}
	plan, err := m.recipe.plan(out)
	if err != nil {
		return nil, err
	}
	runs := plan.runs()
	merged := &Merged{}
	if merged.Again, err = m.place(runs); err != nil {
		return nil, err
	}
	merged.Missing = m.missing(plan, runs)
	merged.Outcome = *plan.outcome(runs)
	merged.File = dir.runsPath()
	if err := dir.writeRecipe(plan); err != nil {
		return nil, err
	}
	return merged, dir.write(&merged.Outcome, plan.Plot)
}

// merging is a merge under way.
type merging struct {
	remark func(string)
	recipe *recipe // of everything that was taken in; nil for nothing yet
	lines  []placedLine
	shards map[int][]int   // which parts are there, by how many there were to be
	read   map[string]bool // the files that were read
}

// take takes in what lies at a path.
func (m *merging) take(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return &model.InputError{File: path, Problem: "cannot be read: " + model.PlainCause(err)}
	}
	d, file := directory(filepath.Dir(path)), path
	if info.IsDir() {
		d = directory(filepath.Clean(path))
		file = d.runsPath()
		if _, err := os.Stat(file); err != nil {
			return &model.InputError{File: path, Problem: "holds no sweep: there is no runs.ndjson in it"}
		}
	}
	if file = filepath.Clean(file); m.read[file] {
		return nil
	}
	m.read[file] = true
	r, err := readRecipe(d)
	if err != nil {
		return err
	}
	if r != nil {
		if err := m.takeRecipe(r); err != nil {
			return err
		}
	}
	lines, torn, err := readLines(file)
	if err != nil {
		return err
	}
	if torn != "" {
		m.remark(torn)
	}
	m.lines = append(m.lines, lines...)
	return nil
}

func (m *merging) takeRecipe(r *recipe) error {
	shard, err := ParseShard(r.Shard, func(string) string { return "" })
	if err != nil {
		return fmt.Errorf("%s: %w", r.file, err)
	}
	m.shards[shard.Of] = append(m.shards[shard.Of], shard.Part)
	if m.recipe == nil {
		m.recipe = r
		return nil
	}
	m.recipe, err = m.recipe.joined(r)
	return err
}

// place gives each line to its run and returns how many were there already.
func (m *merging) place(runs []*Run) (again int, err error) {
	type key struct {
		sum  string
		seed uint64
	}
	at := make(map[key]int, len(runs))
	for i, r := range runs {
		at[key{r.sum, r.seed}] = i
	}
	told := make([]*placedLine, len(runs))
	for i := range m.lines {
		l := &m.lines[i]
		if l.Engine != kafka.EngineVersion {
			return 0, &model.InputError{File: l.file, Line: l.number, Problem: fmt.Sprintf(
				"its run was played by %s, and this is %s: they are not comparable", l.Engine,
				kafka.EngineVersion)}
		}
		n, known := at[key{l.Sum, l.Seed}]
		if !known {
			return 0, &model.InputError{File: l.file, Line: l.number, Problem: fmt.Sprintf(
				"it is no run of this sweep: %s with seed %d %s", l.Scenario, l.Seed, strings.Join(l.Set, " "))}
		}
		if told[n] == nil {
			told[n], runs[n].run = l, l.run()
			runs[n].probes, runs[n].failure = l.Probes, l.Failure
			continue
		}
		if !reflect.DeepEqual(told[n].Line, l.Line) {
			return 0, &DifferError{told[n].place(), l.place()}
		}
		again++
	}
	return again, nil
}

// missing says what was not played: parts that nobody named, and seeds by setting.
func (m *merging) missing(p *Plan, runs []*Run) []string {
	var list []string
	if len(m.shards) == 1 {
		for of, parts := range m.shards { //unordered: there is one
			for part := 1; part <= of; part++ {
				if !slices.Contains(parts, part) {
					list = append(list, fmt.Sprintf("shard %s is not among them", Shard{part, of}))
				}
			}
		}
	}
	for i := 0; i < len(runs); i += len(p.seeds) {
		var open []uint64
		for _, r := range runs[i : i+len(p.seeds)] {
			if r.run == nil {
				open = append(open, r.seed)
			}
		}
		if len(open) > 0 {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s: seeds %s were not played",
				runs[i].name, ranges(open))))
		}
	}
	return list
}

// ranges writes numbers that are in order, as in 1..4, 7.
func ranges(list []uint64) string {
	var words []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if i == j {
			words = append(words, fmt.Sprint(list[i]))
		} else {
			words = append(words, seedsText(list[i], list[j]))
		}
		i = j + 1
	}
	return strings.Join(words, ", ")
}
