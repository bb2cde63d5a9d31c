package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"sandcastle/model/kafka"
	"sandcastle/reports"
	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

// runDir is a run directory in the making. It is written beside its place and moved there when it
// is whole, so that an interrupted run leaves nothing behind and harms no older one.
type runDir struct {
	path  string // where it will be
	tmp   string // where it is
	trace *os.File
	out   *bufio.Writer
}

func newRunDir(path string) (*runDir, error) {
	path = filepath.Clean(path)
	if err := checkReplaceable(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, inputError("cannot make %s: %s", filepath.Dir(path), plainCause(err))
	}
	tmp, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return nil, inputError("cannot write to %s: %s", filepath.Dir(path), plainCause(err))
	}
	d := &runDir{path: path, tmp: tmp}
	removeOnInterrupt(tmp)
	if d.trace, err = os.Create(filepath.Join(tmp, "trace.ndjson")); err != nil {
		d.discard()
		return nil, inputError("cannot write to %s: %s", tmp, plainCause(err))
	}
	d.out = bufio.NewWriterSize(d.trace, 1<<20)
	return d, nil
}

// checkReplaceable refuses to replace anything that is not an older run.
func checkReplaceable(path string) error {
	entries, err := os.ReadDir(path)
	if os.IsNotExist(err) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return inputError("%s cannot be a run directory: %s", path, plainCause(err))
	}
	if _, err := os.Stat(filepath.Join(path, "run.json")); err != nil {
		return inputError("%s is not empty and holds no run: give --out another directory", path)
	}
	return nil
}

func (d *runDir) write(name string, data []byte) error {
	path := filepath.Join(d.tmp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// finish writes everything but the trace, which is there already, and moves the directory to its
// place.
func (d *runDir) finish(
	result *scenarios.Result,
	story *digest.Story,
	lesson digest.Lesson,
) error {
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("trace.ndjson: %w", err)
	}
	if err := d.trace.Close(); err != nil {
		return fmt.Errorf("trace.ndjson: %w", err)
	}
	if err := writeHistory(d, result.History); err != nil {
		return err
	}
	if err := writeJSON(d, "findings.json", result.Run.Findings); err != nil {
		return err
	}
	if err := writeJSON(d, "run.json", result.Run); err != nil {
		return err
	}
	if story != nil {
		if err := reports.Write(story, lesson, d.write); err != nil {
			return err
		}
	}
	if err := writeLinearizability(d, result); err != nil {
		return err
	}
	if err := os.RemoveAll(d.path); err != nil {
		return fmt.Errorf("replacing %s: %w", d.path, err)
	}
	if err := os.Rename(d.tmp, d.path); err != nil {
		return fmt.Errorf("moving the run to its place: %w", err)
	}
	keepOnInterrupt(d.tmp)
	return nil
}

// discard removes what was written so far.
func (d *runDir) discard() {
	if d.trace != nil {
		d.trace.Close()
	}
	os.RemoveAll(d.tmp)
	keepOnInterrupt(d.tmp)
}

func writeJSON(d *runDir, name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return d.write(name, append(data, '\n'))
}

func writeHistory(d *runDir, h kafka.History) error {
	f, err := os.Create(filepath.Join(d.tmp, "history.ndjson"))
	if err != nil {
		return err
	}
	if err := kafka.WriteHistory(f, h); err != nil {
		f.Close()
		return fmt.Errorf("history.ndjson: %w", err)
	}
	return f.Close()
}
