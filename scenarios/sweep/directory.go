package sweep

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/figures"
	"sandcastle/reports/text"
	"sandcastle/scenarios/rundir"
)

// directory is the path where a sweep leaves what it found, and looks for what an earlier one did.
type directory string

// openDirectory refuses a directory that holds anything but an earlier sweep.
func openDirectory(path string) (directory, error) {
	d := directory(filepath.Clean(path))
	entries, err := os.ReadDir(string(d))
	switch {
	case os.IsNotExist(err), err == nil && len(entries) == 0:
		return d, nil
	case err != nil:
		return "", model.BadInput("%s cannot be the directory of a sweep: %s", path,
			model.PlainCause(err))
	}
	if _, err := os.Stat(d.runsPath()); err != nil {
		return "", model.BadInput("%s is not empty and holds no sweep: give --out another directory",
			path)
	}
	if !d.isSweep() {
		return "", model.BadInput("%s is there, and is no list of runs: give --out another directory",
			d.runsPath())
	}
	return d, nil
}

// isSweep tells whether the first line of runs.ndjson is one that a sweep writes. What is no JSON
// at all is said by who reads it.
func (d directory) isSweep() bool {
	f, err := os.Open(d.runsPath())
	if err != nil {
		return false
	}
	defer f.Close()
	line, err := bufio.NewReaderSize(f, 1<<20).ReadSlice('\n')
	if len(line) == 0 && err == io.EOF {
		return true
	}
	var l Line
	return json.Unmarshal(line, &l) != nil || strings.HasPrefix(l.Engine, "sandcastle")
}

func (d directory) runsPath() string { return filepath.Join(string(d), "runs.ndjson") }

// Line is a line of runs.ndjson, and what --json prints of a run.
type Line struct {
	Engine   string        `json:"engine"`
	Scenario string        `json:"scenario"`
	Sum      string        `json:"sum"` // of the scenario as it was played
	Set      []string      `json:"set,omitempty"`
	Drawn    string        `json:"drawn,omitempty"` // what the command line draws the scenario by
	Seed     uint64        `json:"seed"`
	Verdict  kafka.Verdict `json:"verdict"`
	Reason   string        `json:"reason,omitempty"`

	TraceHash string           `json:"trace_hash"`
	Events    uint64           `json:"events"`
	VirtualNS int64            `json:"virtual_ns"`
	Findings  []FindingCount   `json:"findings"`
	Counters  map[string]int64 `json:"counters"`
	// Failure is what the run failed by, with # for numbers and names: those that fail alike have the
	// same.
	Failure string `json:"failure,omitempty"`
	Again   string `json:"again,omitempty"` // plays a run again that did not go well
	// Probes are the rare paths that a drawn run took.
	Probes []string `json:"probes,omitempty"`
}

// FindingCount is a finding without its witnesses.
type FindingCount struct {
	Anomaly kafka.Anomaly `json:"anomaly"`
	Count   int           `json:"count"`
	// Follows is what follows from it.
	Follows []kafka.Consequence `json:"follows,omitempty"`
}

// slimmed is a run without what a sweep does not compare.
func slimmed(r *kafka.Run) *kafka.Run {
	slim := *r
	slim.YAML, slim.Checkpoints, slim.Findings = "", nil, nil
	for _, f := range r.Findings {
		slim.Findings = append(slim.Findings, kafka.Finding{
			Anomaly: f.Anomaly, Count: f.Count, Follows: f.Follows,
		})
	}
	return &slim
}

// lineOf is the line that describes a run.
func lineOf(r *Run) Line {
	l := Line{
		Engine: r.run.Engine, Scenario: r.run.Scenario, Sum: r.sum, Set: r.run.Set, Drawn: r.run.Drawn,
		Seed: r.run.Seed, Verdict: r.run.Verdict, Reason: r.run.Reason, TraceHash: r.run.TraceHash,
		Events: r.run.Events, VirtualNS: r.run.VirtualNS, Counters: r.run.Counters,
		Findings: []FindingCount{}, Probes: r.probes, Failure: r.failure,
	}
	for _, f := range r.run.Findings {
		l.Findings = append(l.Findings, FindingCount{f.Anomaly, f.Count, f.Follows})
	}
	if Failed(r.run.Verdict) {
		l.Again = text.Command(r.run)
	}
	return l
}

// Failed tells whether a run is one to look at: it was judged, and what it claims does not hold, or
// nobody can tell.
func Failed(v kafka.Verdict) bool { return v != kafka.VerdictOK && v != kafka.VerdictUnjudged }

// run is the run that the line describes, without the witnesses of its findings.
func (l *Line) run() *kafka.Run {
	r := &kafka.Run{
		Engine: l.Engine, Scenario: l.Scenario, Set: l.Set, Drawn: l.Drawn, Seed: l.Seed,
		Verdict: l.Verdict, Reason: l.Reason, TraceHash: l.TraceHash, Events: l.Events,
		VirtualNS: l.VirtualNS, Counters: l.Counters,
	}
	for _, f := range l.Findings {
		r.Findings = append(r.Findings, kafka.Finding{
			Anomaly: f.Anomaly, Count: f.Count, Follows: f.Follows,
		})
	}
	return r
}

// recall takes over the runs that an earlier sweep played: of this engine, of the very same
// scenario, under the same seed. One of them is played again; when it comes out otherwise, the
// program is not the one that played them: alike is false, and none is taken over.
func (d directory) recall(runs []*Run, watch Observer) (known int, alike bool, err error) {
	known, err = d.read(runs, watch)
	if err != nil || known == 0 {
		return known, true, err
	}
	probe := runs[slices.IndexFunc(runs, func(r *Run) bool { return r.run != nil })]
	was := lineOf(probe)
	if probe.play(watch); probe.err != nil {
		return 0, true, probe.err
	}
	if reflect.DeepEqual(was, lineOf(probe)) {
		return known, true, nil
	}
	for _, r := range runs {
		if r != probe {
			r.run = nil
		}
	}
	return 0, false, nil
}

// read reads the runs that are there and gives them their places. It returns how many.
func (d directory) read(runs []*Run, watch Observer) (int, error) {
	type key struct {
		sum  string
		seed uint64
	}
	at := make(map[key]*Run, len(runs))
	for _, r := range runs {
		at[key{r.sum, r.seed}] = r
	}
	lines, torn, err := readLines(d.runsPath())
	if err != nil {
		return 0, err
	}
	if torn != "" {
		watch.Remark(torn)
	}
	n := 0
	for i := range lines {
		l := &lines[i]
		if r := at[key{l.Sum, l.Seed}]; r != nil && r.run == nil && l.Engine == kafka.EngineVersion {
			r.run, r.probes, r.failure = l.run(), l.Probes, l.Failure
			n++
		}
	}
	return n, nil
}

// writeLines writes the runs in their order.
func (d directory) writeLines(o *Outcome) error {
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	for i := range o.Lines {
		if err := enc.Encode(&o.Lines[i]); err != nil {
			return fmt.Errorf("runs.ndjson: %w", err)
		}
	}
	if err := rundir.ReplaceFile(d.runsPath(), lines.Bytes()); err != nil {
		return fmt.Errorf("writing %s: %w", d.runsPath(), err)
	}
	return nil
}

// write writes the runs, the numbers, and the figure when it is asked for.
func (d directory) write(o *Outcome, plot bool) error {
	if err := d.writeLines(o); err != nil {
		return err
	}
	if o.Numbers == nil {
		return nil
	}
	table := filepath.Join(string(d), "sweep.csv")
	if err := rundir.ReplaceFile(table, text.SweepCSV(o.Numbers)); err != nil {
		return fmt.Errorf("writing %s: %w", table, err)
	}
	if !plot {
		return nil
	}
	f, ok := figures.Sweep(o.Numbers)
	if !ok {
		return nil
	}
	o.Figure, o.FigureFile = f, filepath.Join(string(d), "sweep.svg")
	if err := rundir.ReplaceFile(o.FigureFile, f.SVG); err != nil {
		return fmt.Errorf("writing %s: %w", o.FigureFile, err)
	}
	return nil
}
