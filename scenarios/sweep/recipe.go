package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
)

// recipe is sweep.json: what a sweep was told to play. With it the shards of a sweep are put
// together where neither the scenario nor the command line is at hand.
type recipe struct {
	Engine   string   `json:"engine"`
	Scenario string   `json:"scenario"`
	YAML     string   `json:"yaml"`
	Set      []string `json:"set,omitempty"` // each PATH=VALUE,VALUE
	Seeds    string   `json:"seeds"`         // A..B
	Measure  []string `json:"measure,omitempty"`
	Plot     bool     `json:"plot,omitempty"`
	Shard    string   `json:"shard,omitempty"` // I/N; "" for everything

	file string // where it was read
}

func (d directory) recipePath() string { return filepath.Join(string(d), "sweep.json") }

// recipe is what the plan plays.
func (p *Plan) recipe() recipe {
	r := recipe{
		Engine: kafka.EngineVersion, Scenario: p.scenario.Name, YAML: p.scenario.YAML,
		Measure: p.measures, Plot: p.Plot,
		Seeds: seedsText(p.seeds[0], p.seeds[len(p.seeds)-1]),
	}
	for _, a := range p.axes {
		r.Set = append(r.Set, a.String())
	}
	if !p.shard.whole() {
		r.Shard = p.shard.String()
	}
	return r
}

func seedsText(from, to uint64) string {
	return strconv.FormatUint(from, 10) + ".." + strconv.FormatUint(to, 10)
}

func (d directory) writeRecipe(p *Plan) error {
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p.recipe()); err != nil {
		return fmt.Errorf("sweep.json: %w", err)
	}
	if err := rundir.ReplaceFile(d.recipePath(), data.Bytes()); err != nil {
		return fmt.Errorf("writing %s: %w", d.recipePath(), err)
	}
	return nil
}

// readRecipe reads the recipe of a directory, nil where there is none.
func readRecipe(d directory) (*recipe, error) {
	path := d.recipePath()
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, model.BadInput("%s cannot be read: %s", path, model.PlainCause(err))
	}
	r := &recipe{file: path}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(r); err != nil {
		line := 1 + bytes.Count(data[:min(int(dec.InputOffset()), len(data))], []byte("\n"))
		return nil, &model.InputError{File: path, Line: line,
			Problem: "it says not what a sweep was to play: " + model.Clip(err.Error(), 200)}
	}
	return r, nil
}

// plan is the whole sweep of the recipe, into another directory.
func (r *recipe) plan(out string) (*Plan, error) {
	s, err := scenarios.Parse(r.Scenario, []byte(r.YAML))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	p, err := New(s, Options{
		Set: r.Set, Seeds: r.Seeds, Measure: r.Measure, Plot: r.Plot, Jobs: 1, Out: out,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	return p, nil
}

// joined is the recipe of what both tell of, which may be of other seeds and shards. The error says
// what else is different.
func (r *recipe) joined(other *recipe) (*recipe, error) {
	different := ""
	switch {
	case r.Engine != other.Engine:
		different = fmt.Sprintf("the engine is %s, and %s", r.Engine, other.Engine)
	case r.Scenario != other.Scenario:
		different = fmt.Sprintf("the scenario is %s, and %s", r.Scenario, other.Scenario)
	case r.YAML != other.YAML:
		different = "the scenario " + r.Scenario + " is not the same file"
	case !slices.Equal(r.Set, other.Set):
		different = fmt.Sprintf("--set is %q, and %q", r.Set, other.Set)
	case !slices.Equal(r.Measure, other.Measure):
		different = fmt.Sprintf("--measure is %q, and %q", r.Measure, other.Measure)
	}
	if different != "" {
		return nil, model.BadInput("%s and %s are of different sweeps: %s", r.file, other.file, different)
	}
	both := *r
	a, err := parseSeeds(r.Seeds, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	b, err := parseSeeds(other.Seeds, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", other.file, err)
	}
	both.Seeds = seedsText(min(a[0], b[0]), max(a[len(a)-1], b[len(b)-1]))
	both.Plot = r.Plot || other.Plot
	return &both, nil
}
