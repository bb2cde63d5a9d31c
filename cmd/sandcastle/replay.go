package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

func newReplay() *cobra.Command {
	return &cobra.Command{
		Use:   "replay RUNDIR",
		Short: "Play a run again and say where it differs, if it does",
		Args:  exactly(1, "name one run directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return replay(cmd, args[0])
		},
	}
}

// readRun reads run.json and refuses a run of another engine version.
func readRun(dir string) (*kafka.Run, error) {
	path := filepath.Join(dir, "run.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &model.InputError{
			File: path, Problem: "cannot be read: " + plainCause(err),
			Hint: "a run directory is what `sandcastle run` writes",
		}
	}
	var r kafka.Run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, &model.InputError{
			File:    path,
			Line:    lineOf(data, err),
			Problem: "no run: " + err.Error(),
		}
	}
	if r.Engine != kafka.EngineVersion {
		return nil, &model.InputError{File: path, Problem: fmt.Sprintf(
			"the run was played by %q, this is %q: their traces cannot be compared",
			r.Engine,
			kafka.EngineVersion,
		)}
	}
	return &r, nil
}

// scenarioOf reads the scenario that run.json keeps.
func scenarioOf(dir string, run *kafka.Run) (*scenarios.Scenario, error) {
	s, err := scenarios.Parse(run.Scenario, []byte(run.YAML))
	if err != nil {
		return nil, &model.InputError{
			File:    filepath.Join(dir, "run.json"),
			Problem: "the scenario in it cannot be played: " + err.Error(),
			Hint:    "the file was altered",
		}
	}
	return s, nil
}

// lineOf is the line of a JSON error, 0 when it names no place.
func lineOf(data []byte, err error) int {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
	case errors.As(err, &typed):
		return 1 + bytes.Count(data[:min(int(typed.Offset), len(data))], []byte("\n"))
	default:
		return 0
	}
}

func replay(cmd *cobra.Command, dir string) error {
	recorded, err := readRun(dir)
	if err != nil {
		return err
	}
	s, err := scenarioOf(dir, recorded)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "trace.ndjson")
	f, err := os.Open(path)
	if err != nil {
		return &model.InputError{File: path, Problem: "cannot be read: " + plainCause(err)}
	}
	defer f.Close()
	compare := &comparison{recorded: bufio.NewReaderSize(f, 1<<20)}
	bar := newProgress(cmd.ErrOrStderr(), "replaying "+s.Name)
	result, err := scenarios.Play(s, scenarios.Options{
		Seed: recorded.Seed, HasSeed: true, Trace: compare, Progress: bar.update,
	})
	bar.done()
	if err != nil {
		return err
	}
	compare.end()
	w := cmd.OutOrStdout()
	same := result.Run.TraceHash == recorded.TraceHash
	if compare.line > 0 {
		fmt.Fprintf(w, "the run differs from %s in line %d\n  recorded  %s\n  replayed  %s\n", path,
			compare.line, clipLine(compare.was), clipLine(compare.is))
		if same {
			return &model.InputError{File: path, Line: compare.line, Problem: "this is not the line that " +
				"the run wrote: its hash is the same as then, so the file was cut or altered afterwards"}
		}
		return &exitError{code: exitInternal}
	}
	if !same {
		file := filepath.Join(dir, "run.json")
		return &model.InputError{
			File: file, Line: lineWith(file, "trace_hash"),
			Problem: fmt.Sprintf("the hash here is %s, but the run, whose every line is as it was "+
				"recorded, has %s: the file was altered", recorded.TraceHash, result.Run.TraceHash),
		}
	}
	fmt.Fprintf(w, "identical: %d events, hash %s\n", result.Run.Events, result.Run.TraceHash)
	return nil
}

// lineWith is the first line of a file that holds text, 0 when there is none.
func lineWith(path, text string) int {
	data, err := os.ReadFile(path)
	at := bytes.Index(data, []byte(text))
	if err != nil || at < 0 {
		return 0
	}
	return 1 + bytes.Count(data[:at], []byte("\n"))
}

func clipLine(b []byte) string {
	const most = 300
	if b == nil {
		return "(nothing: the trace ends before)"
	}
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}

// comparison is a writer that holds a trace against a recorded one, line by line.
type comparison struct {
	recorded *bufio.Reader
	partial  []byte
	lines    int
	line     int // of the first difference, from 1; 0 for none
	was, is  []byte
}

// Write implements io.Writer.
func (c *comparison) Write(b []byte) (int, error) {
	n := len(b)
	for c.line == 0 {
		at := bytes.IndexByte(b, '\n')
		if at < 0 {
			c.partial = append(c.partial, b...)
			break
		}
		line := b[:at]
		if len(c.partial) > 0 {
			line = append(c.partial, line...)
		}
		c.compare(line)
		c.partial, b = c.partial[:0], b[at+1:]
	}
	return n, nil
}

func (c *comparison) compare(line []byte) {
	c.lines++
	was, err := c.recorded.ReadBytes('\n')
	if err == io.EOF && len(was) == 0 {
		c.line, c.is = c.lines, bytes.Clone(line)
		return
	}
	if was = bytes.TrimSuffix(was, []byte("\n")); !bytes.Equal(was, line) {
		c.line, c.was, c.is = c.lines, bytes.Clone(was), bytes.Clone(line)
	}
}

// end finds lines that were recorded but not replayed.
func (c *comparison) end() {
	if c.line > 0 {
		return
	}
	if was, _ := c.recorded.ReadBytes('\n'); len(was) > 0 {
		c.line, c.was = c.lines+1, bytes.TrimSuffix(was, []byte("\n"))
	}
}
