package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
	"sandcastle/scenarios/swarm"
)

// recipe is sweep.json: what a sweep was told to play. With it the shards of a sweep are put
// together where neither the scenario nor the command line is at hand.
type recipe struct {
	Engine   string `json:"engine"`
	Scenario string `json:"scenario"`
	YAML     string `json:"yaml,omitempty"` // "" where a swarm draws everything
	// Swarm is what a swarm draws by, which disturbs the scenario where there is one.
	Swarm   *swarmRecipe `json:"swarm,omitempty"`
	Set     []string     `json:"set,omitempty"` // each PATH=VALUE,VALUE
	Seeds   string       `json:"seeds"`         // A..B
	Measure []string     `json:"measure,omitempty"`
	Plot    bool         `json:"plot,omitempty"`
	Shard   string       `json:"shard,omitempty"` // I/N; "" for everything

	file string // where it was read
}

// swarmRecipe is a swarm.Source without its scenario.
type swarmRecipe struct {
	File    string   `json:"file,omitempty"`    // of the profile; "" for the program's own
	Profile string   `json:"profile,omitempty"` // the whole file
	Set     []string `json:"set,omitempty"`     // of the scenario that is disturbed, each PATH=VALUE
}

// swarmRecipeOf is what a source draws by.
func swarmRecipeOf(s *swarm.Source) *swarmRecipe {
	r := &swarmRecipe{File: s.File}
	if s.File != "" {
		r.Profile = s.Profile.Source
	}
	if s.Base != nil {
		r.Set = s.Base.Set
	}
	return r
}

// source is what draws by the recipe; base is the scenario that it disturbs, nil for none.
func (r *swarmRecipe) source(base *scenarios.Scenario) (s *swarm.Source, err error) {
	s = &swarm.Source{Profile: swarm.DefaultProfile(), File: r.File, Base: base}
	if r.File != "" {
		if s.Profile, err = swarm.ParseProfile(r.File, []byte(r.Profile)); err != nil {
			return nil, err
		}
	}
	if base != nil {
		s.Base, err = scenarios.OverrideAll(base, r.Set)
	}
	return s, err
}

func (d directory) recipePath() string { return filepath.Join(string(d), "sweep.json") }

// recipe is what the plan plays.
func (p *Plan) recipe() recipe {
	r := recipe{
		Engine: kafka.EngineVersion, Measure: p.measures, Plot: p.Plot,
		Seeds: seedsText(p.seeds[0], p.seeds[len(p.seeds)-1]),
	}
	of := p.scenario
	if p.Swarm != nil {
		r.Swarm, of = swarmRecipeOf(p.Swarm), p.Swarm.Base
		r.Scenario = p.Swarm.Name()
	}
	if of != nil {
		r.Scenario, r.YAML = of.Name, of.Source()
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
	o := Options{Set: r.Set, Seeds: r.Seeds, Measure: r.Measure, Plot: r.Plot, Jobs: 1, Out: out}
	var s *scenarios.Scenario
	var err error
	if r.YAML != "" || r.Swarm == nil {
		s, err = scenarios.Parse(r.Scenario, []byte(r.YAML))
	}
	if err == nil && r.Swarm != nil {
		o.Swarm, err = r.Swarm.source(s)
		s = nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	p, err := New(s, o)
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
	case !reflect.DeepEqual(r.Swarm, other.Swarm):
		different = "a swarm draws by other profiles or settings, or one was not drawn"
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
