package record

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Options say where and how long a scenario's clients play. Errors call them by the flags that set
// them.
type Options struct {
	Servers []string      // of the cluster, HOST:PORT
	Timeout time.Duration // for reaching it
	Out     string        // the history's file; "" for the usual one
	Prefix  string        // in front of the names of topics and groups
	Length  time.Duration // 0 for as long as the scenario says
	// Remark is called with what happens and with what the scenario's timeline would do now.
	Remark func(line string)
}

// Summary is what a recording holds.
type Summary struct {
	File              string
	Sent, Acked, Read int // records: sent, acknowledged, and read at the end
}

// Begin reaches the cluster and creates the topics of s, once it is known that the history can be
// written. Finish the recording, or Abandon it.
func Begin(ctx context.Context, s *scenarios.Scenario, o Options) (*Recording, error) {
	if o.Length < 0 {
		return nil, model.BadInput("--for %s: want a time above 0", o.Length)
	}
	if o.Length == 0 {
		o.Length = s.Duration
	}
	if o.Out == "" {
		name := strings.NewReplacer("/", "-", ".yaml", "", ".yml", "").Replace(filepath.ToSlash(s.Name))
		o.Out = filepath.Join("out", "record-"+name+".ndjson")
	}
	out, err := createHistory(o.Out)
	if err != nil {
		return nil, err
	}
	r := &Recording{s: s, o: o, out: out}
	if err := r.reach(ctx); err != nil {
		r.Abandon()
		return nil, err
	}
	return r, nil
}

// Finish has a fresh reader read everything and gives the history its name.
func (r *Recording) Finish(ctx context.Context) (*Summary, error) {
	defer r.Abandon()
	if err := r.readAll(ctx, time.Minute); err != nil {
		r.o.Remark(fmt.Sprintf("the final read is not complete: %s", err))
	}
	h := r.history.lines()
	err := errors.Join(kafka.WriteHistory(r.out, h), r.out.Sync())
	if err == nil {
		err = os.Rename(r.out.Name(), r.o.Out)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.o.Out, err)
	}
	sum := &Summary{File: r.o.Out}
	sum.Sent, sum.Acked, sum.Read = countOps(h)
	return sum, nil
}

// Abandon removes a history that is not whole. An earlier one of the same name stays.
func (r *Recording) Abandon() {
	r.out.Close()
	os.Remove(r.out.Name()) // there is nothing by this name once it is whole
}

// createHistory makes sure that path can be written before the recording begins. The file gets its
// name when it is whole.
func createHistory(path string) (*os.File, error) {
	if err := checkHistory(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, model.BadInput("--out %s: %s", path, model.PlainCause(err))
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return nil, model.BadInput("--out %s: %s", path, model.PlainCause(err))
	}
	return f, nil
}

// checkHistory refuses to replace anything but a history.
func checkHistory(path string) error {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return model.BadInput("--out %s: %s", path, model.PlainCause(err))
	case !info.Mode().IsRegular():
		return model.BadInput("--out %s: it is no file; name the file of the history to write", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return model.BadInput("--out %s: %s", path, model.PlainCause(err))
	}
	defer f.Close()
	line, err := bufio.NewReaderSize(f, 1<<20).ReadSlice('\n')
	if len(line) == 0 && err == io.EOF {
		return nil
	}
	if _, err := kafka.ReadHistory(bytes.NewReader(line), path); err != nil {
		return model.BadInput("--out %s: it is there, and is no history: name another file, or move it "+
			"away", path)
	}
	return nil
}

func countOps(h kafka.Operations) (sent, acked, read int) {
	for i := range h.Len() {
		op := h.At(i)
		switch {
		case op.F == kafka.FSend && op.Type == kafka.Invoke:
			sent++
		case op.F == kafka.FSend && op.Type == kafka.OK:
			acked++
		case op.F == kafka.FPoll && op.Type == kafka.OK && op.Final:
			for _, m := range op.Value {
				for _, p := range m.Polled {
					read += len(p.Records)
				}
			}
		}
	}
	return sent, acked, read
}
