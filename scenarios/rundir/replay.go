package rundir

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sandcastle/model"
	"sandcastle/scenarios"
)

// Difference is the first line in which a run that was played again differs from what its directory
// holds.
type Difference struct {
	File string // the trace
	Line int    // from 1
	// Recorded and Replayed are the two lines, cut where they are long.
	Recorded, Replayed string
}

// String implements fmt.Stringer.
func (d *Difference) String() string {
	return fmt.Sprintf("the run differs from %s in line %d\n  recorded  %s\n  replayed  %s", d.File,
		d.Line, d.Recorded, d.Replayed)
}

// Replay plays the run in dir again. A difference with no error means that this program does not
// play the run as it was played then; with an error, that the files were altered.
func Replay(dir string, progress func(now, end model.Time),
) (*scenarios.Result, *Difference, error) {
	recorded, err := Read(dir)
	if err != nil {
		return nil, nil, err
	}
	s, err := Scenario(dir, recorded)
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, "trace.ndjson")
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &model.InputError{
			File: path, Problem: "cannot be read: " + model.PlainCause(err),
		}
	}
	defer f.Close()
	compare := &comparison{recorded: bufio.NewReaderSize(f, 1<<20)}
	result, err := scenarios.Play(s, scenarios.Options{
		Seed: recorded.Seed, HasSeed: true, Trace: compare, Progress: progress,
	})
	if err != nil {
		return nil, nil, err
	}
	compare.end()
	same := result.Run.TraceHash == recorded.TraceHash
	if compare.line > 0 {
		d := &Difference{path, compare.line, clipLine(compare.was), clipLine(compare.is)}
		if same {
			err = &model.InputError{File: path, Line: compare.line, Problem: "this is not the line that " +
				"the run wrote: its hash is the same as then, so the file was cut or altered afterwards"}
		}
		return result, d, err
	}
	if !same {
		file := filepath.Join(dir, "run.json")
		return nil, nil, &model.InputError{
			File: file, Line: lineWith(file, "trace_hash"),
			Problem: fmt.Sprintf("the hash here is %s, but the run, whose every line is as it was "+
				"recorded, has %s: the file was altered", recorded.TraceHash, result.Run.TraceHash),
		}
	}
	return result, nil, nil
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

// clipLine is a line of a trace, for a person.
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
