package rundir

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports"
)

// dir is a run directory in the making. It is written beside its place and moved there when it is
// whole, so that a run that breaks off harms no older one.
type dir struct {
	path       string // where it will be
	tmp        string // where it is
	trace      *os.File
	out        *bufio.Writer
	unfinished Unfinished
}

// Unfinished keeps track of the directories that are half-written, so that whoever ends the program
// early can remove them.
type Unfinished interface {
	Add(path string)
	Remove(path string) // it is whole now, or gone
}

// create begins the run directory path. Where that is a link to a directory, it is the directory.
func create(path string, unfinished Unfinished) (*dir, error) {
	path = filepath.Clean(path)
	if err := CheckReplaceable(path); err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := checkMovable(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, model.BadInput("cannot make %s: %s", filepath.Dir(path), model.PlainCause(err))
	}
	tmp, err := makeBeside(path)
	if err != nil {
		return nil, model.BadInput("cannot write to %s: %s", filepath.Dir(path), model.PlainCause(err))
	}
	d := &dir{path: path, tmp: tmp, unfinished: unfinished}
	unfinished.Add(tmp)
	if d.trace, err = os.Create(filepath.Join(tmp, "trace.ndjson")); err != nil {
		d.discard()
		return nil, model.BadInput("cannot write to %s: %s", tmp, model.PlainCause(err))
	}
	d.out = bufio.NewWriterSize(d.trace, 1<<20)
	return d, nil
}

// makeBeside makes a directory beside path that everybody may read, as os.MkdirTemp does not.
func makeBeside(path string) (string, error) {
	tmp, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return "", err
	}
	if err := os.Remove(tmp); err != nil {
		return "", err
	}
	return tmp, os.Mkdir(tmp, 0o755)
}

func (d *dir) write(name string, data []byte) error {
	path := filepath.Join(d.tmp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// finish writes everything but the trace, which is there already, and moves the directory to its
// place.
func (d *dir) finish(p *Played) error {
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("trace.ndjson: %w", err)
	}
	if err := d.trace.Close(); err != nil {
		return fmt.Errorf("trace.ndjson: %w", err)
	}
	if err := writeHistory(d, p.Result.History); err != nil {
		return err
	}
	if err := writeJSON(d, "findings.json", p.Result.Run.Findings); err != nil {
		return err
	}
	if err := writeJSON(d, "run.json", p.Result.Run); err != nil {
		return err
	}
	if err := reports.Write(p.Story, p.Lesson, d.write); err != nil {
		return err
	}
	if err := writeLinearizability(d, p.Result); err != nil {
		return err
	}
	if err := replace(d.path, d.tmp); err != nil {
		return err
	}
	d.unfinished.Remove(d.tmp)
	return nil
}

// discard removes what was written so far.
func (d *dir) discard() {
	if d.trace != nil {
		d.trace.Close()
	}
	os.RemoveAll(d.tmp)
	d.unfinished.Remove(d.tmp)
}

func writeJSON(d *dir, name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return d.write(name, append(data, '\n'))
}

func writeHistory(d *dir, h kafka.Operations) error {
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
