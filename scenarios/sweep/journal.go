package sweep

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"

	"sandcastle/model"
)

// journal is runs.ndjson while a sweep is at work: a line is added when its run is done, whole or
// not at all, so that a sweep that is killed loses only the runs under way.
type journal struct{ file *os.File }

// claim makes the directory and takes it until the file that it returns is closed, or the process
// ends.
func (d directory) claim() (*os.File, error) {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return nil, model.BadInput("%s cannot be the directory of a sweep: %s", d,
			model.PlainCause(err))
	}
	lock, err := os.Open(string(d))
	if err != nil {
		return nil, model.BadInput("%s cannot be the directory of a sweep: %s", d,
			model.PlainCause(err))
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, model.BadInput("%s is in use by another sweep: give each its own --out, and join "+
			"them by `sandcastle sweep merge`", d)
	}
	return lock, nil
}

// openJournal writes down what is known of runs already, and what is to be played.
func (d directory) openJournal(p *Plan, runs []*Run) (*journal, error) {
	o := Outcome{}
	for _, r := range runs {
		if r.run != nil {
			o.Lines = append(o.Lines, lineOf(r))
		}
	}
	if err := d.writeLines(&o); err != nil {
		return nil, err
	}
	if err := d.writeRecipe(p); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.runsPath(), os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", d.runsPath(), err)
	}
	return &journal{f}, nil
}

// add writes down a run that is done.
func (j *journal) add(r *Run) error {
	line, err := json.Marshal(lineOf(r))
	if err != nil {
		return fmt.Errorf("runs.ndjson: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", j.file.Name(), err)
	}
	return nil
}

func (j *journal) close() error {
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", j.file.Name(), err)
	}
	return nil
}
