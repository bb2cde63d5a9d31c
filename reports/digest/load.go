package digest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The files of a run directory that Load reads.
const (
	runFile     = "run.json"
	traceFile   = "trace.ndjson"
	historyFile = "history.ndjson"
)

// Load reads a run directory. A file that is missing, cut short or damaged is an
// *model.InputError that names it, with the line where one is known; it can also be the file
// system's error. What the lesson says of the run goes with it.
func Load(fsys fs.FS, lesson Lesson) (*Story, error) {
	run, err := loadRun(fsys)
	if err != nil {
		return nil, err
	}
	c := NewCollector()
	c.Narrate(lesson)
	if err := loadTrace(fsys, c, run.Events); err != nil {
		return nil, err
	}
	if err := loadHistory(fsys, c, operations(&run)); err != nil {
		return nil, err
	}
	return c.Story(run), nil
}

func loadRun(fsys fs.FS) (kafka.Run, error) {
	var run kafka.Run
	data, err := fs.ReadFile(fsys, runFile)
	if err != nil {
		return run, missing(runFile, err)
	}
	if err := json.Unmarshal(data, &run); err != nil {
		return run, &model.InputError{File: runFile, Problem: "not the JSON of a run: " + err.Error(),
			Hint: "play the scenario again"}
	}
	if run.Engine != kafka.EngineVersion {
		return run, &model.InputError{File: runFile,
			Problem: fmt.Sprintf("the run was recorded by engine %q, this is %q", run.Engine,
				kafka.EngineVersion),
			Hint: "play the scenario again with this version"}
	}
	return run, nil
}

// missing turns the absence of a file into a message for people.
func missing(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &model.InputError{File: name, Problem: "is missing: this is no run directory, or not a " +
			"complete one", Hint: "\"sandcastle run\" writes one"}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// loadTrace reads a trace of so many events.
func loadTrace(fsys fs.FS, c *Collector, events uint64) error {
	f, err := fsys.Open(traceFile)
	if err != nil {
		return missing(traceFile, err)
	}
	defer f.Close()
	r := newTraceReader(f)
	for {
		line, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", traceFile, err)
		}
		if err := r.observe(line, c); err != nil {
			return &model.InputError{File: traceFile, Line: r.number, Problem: err.Error()}
		}
	}
	if !r.ended {
		return &model.InputError{File: traceFile, Line: r.number,
			Problem: "the trace stops here, without its end line", Hint: "the file is cut short"}
	}
	if events > 0 && r.last.Seq != events {
		return &model.InputError{File: traceFile, Line: r.number, Problem: fmt.Sprintf("the trace has "+
			"%d events, but %s tells of %d: one of the files was altered", r.last.Seq, runFile, events)}
	}
	return nil
}

func newTraceReader(f io.Reader) *traceReader {
	return &traceReader{lines: bufio.NewReaderSize(f, 1<<18), names: map[string]string{},
		known: map[string]kafka.TopicPartition{}}
}

// loadHistory reads a history of so many operations; −1 says that nobody knows how many.
func loadHistory(fsys fs.FS, c *Collector, operations int64) error {
	f, err := fsys.Open(historyFile)
	if err != nil {
		return missing(historyFile, err)
	}
	defer f.Close()
	h, err := kafka.ReadHistory(bufio.NewReaderSize(f, 1<<18), historyFile)
	if err != nil {
		return err
	}
	for i := range h {
		if h[i].Index != i {
			return &model.InputError{File: historyFile, Line: i + 1, Problem: fmt.Sprintf(
				"operation %d follows here, where operation %d was expected: lines were taken out",
				h[i].Index, i)}
		}
		c.ObserveOp(&h[i])
	}
	if n := int64(len(h)); operations >= 0 && n != operations {
		return &model.InputError{File: historyFile, Line: len(h), Problem: fmt.Sprintf(
			"the history ends here, after %d operations, but %s counts %d", n, runFile, operations),
			Hint: "the file is cut short, or one of the files was altered"}
	}
	return nil
}

// operations is how many lines the history has by the run's own count, −1 when it counts none.
func operations(run *kafka.Run) int64 {
	sum, counted := int64(0), false
	for _, f := range []kafka.Function{kafka.FSend, kafka.FPoll, kafka.FTxn, kafka.FAssign,
		kafka.FSubscribe, kafka.FCommit, kafka.FProcess, kafka.FSeek, kafka.FReset, kafka.FCrash} {
		for _, end := range []kafka.OpType{kafka.Invoke, kafka.OK, kafka.Fail, kafka.Info} {
			n, ok := run.Counters[string(f)+"."+string(end)]
			sum, counted = sum+n, counted || ok
		}
	}
	if !counted {
		return -1
	}
	return sum
}
