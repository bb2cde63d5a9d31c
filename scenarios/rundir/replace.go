package rundir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
)

// A directory is replaced by renaming: the run that is there steps aside, the new one takes its
// place, and then the old one is removed. Where a crash comes between, the old one is put back by
// whoever next looks for it. So a run is whole at every moment, or one step away.

// written lists the files of a run directory, as patterns. Nothing else may stand in a directory
// that is replaced: it would go with it.
func written() []string {
	return []string{"run.json", "trace.ndjson", "history.ndjson", "findings.json", "report.html",
		"linearizability.html", "figures/*.svg"}
}

// isWritten tells whether a run writes a file of that name, or has been writing it (ReplaceFile).
func isWritten(name string) bool {
	name = strings.TrimSuffix(name, newSuffix)
	return slices.ContainsFunc(written(), func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
}

// CheckReplaceable refuses a directory that holds, or that is, anything but an older run, with the
// first thing that is none of a run's. An empty directory and none at all are fine.
func CheckReplaceable(dir string) error {
	dir = filepath.Clean(dir)
	if err := restore(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return model.BadInput("%s cannot be a run directory: %s", dir, model.PlainCause(err))
	}
	if within, err := holdsWorkingDirectory(dir); err != nil || within {
		return model.BadInput("%s cannot be replaced by a run, for it is, or holds, the directory that "+
			"you are in: give --out a directory below it, such as %s", dir, filepath.Join(dir, "run"))
	}
	if len(entries) == 0 {
		return nil
	}
	if !holdsRun(dir) {
		return model.BadInput("%s is not empty and holds no run: give --out another directory", dir)
	}
	other, err := otherFile(dir)
	if err != nil {
		return model.BadInput("%s cannot be replaced: %s", dir, model.PlainCause(err))
	}
	if other != "" {
		return model.BadInput("%s holds a run and %s, which no run has written and which would be lost: "+
			"move it away, or give --out another directory", dir, strconv.Quote(other))
	}
	return nil
}

// holdsRun tells whether run.json is that of some version of this program.
func holdsRun(dir string) bool {
	data, err := os.ReadFile(filepath.Join(dir, "run.json"))
	var run struct{ Engine string }
	return err == nil && json.Unmarshal(data, &run) == nil &&
		strings.HasPrefix(run.Engine, "sandcastle")
}

// otherFile is the path of a file or directory in dir that no run writes, "" if there is none.
func otherFile(dir string) (other string, err error) {
	found := errors.New("found")
	root := os.DirFS(dir)
	err = fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == "." || e.IsDir() && name == "figures" || e.Type().IsRegular() && isWritten(name):
			return nil
		}
		other = name
		return found
	})
	if errors.Is(err, found) {
		err = nil
	}
	return other, err
}

// holdsWorkingDirectory tells whether the directory that the program was started in is dir, or
// below it: who stands there would be left in one that is gone.
func holdsWorkingDirectory(dir string) (bool, error) {
	at, err := os.Getwd()
	if err != nil {
		return false, err
	}
	target, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	for {
		info, err := os.Stat(at)
		if err == nil && os.SameFile(info, target) {
			return true, nil
		}
		parent := filepath.Dir(at)
		if parent == at {
			return false, nil
		}
		at = parent
	}
}

// asideOf is where the run in dir stands while another takes its place.
func asideOf(dir string) string {
	return filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".old")
}

// restore puts an older run back that a crash has left aside.
func restore(dir string) error {
	aside := asideOf(dir)
	if _, err := os.Lstat(dir); !os.IsNotExist(err) || !holdsRun(aside) {
		return nil
	}
	if err := os.Rename(aside, dir); err != nil && !os.IsNotExist(err) {
		return model.BadInput("%s: an older run cannot be put back: %s", dir, model.PlainCause(err))
	}
	return nil
}

// replace moves a whole new directory to the place of the one at dir, if there is one.
func replace(dir, with string) error {
	if err := CheckReplaceable(dir); err != nil {
		return err // something came while the run was played
	}
	aside := asideOf(dir)
	if holdsRun(aside) {
		if err := os.RemoveAll(aside); err != nil {
			return fmt.Errorf("replacing %s: %w", dir, err)
		}
	}
	err := os.Rename(dir, aside)
	there := err == nil
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("replacing %s: %w", dir, err)
	}
	if err := os.Rename(with, dir); err != nil {
		if there {
			err = errors.Join(err, os.Rename(aside, dir))
		}
		return fmt.Errorf("moving the run to its place: %w", err)
	}
	if there {
		return os.RemoveAll(aside)
	}
	return nil
}

// checkMovable refuses a directory that cannot be renamed, such as one where a file system is
// mounted, before a run is played for it.
func checkMovable(dir string) error {
	if _, err := os.Lstat(dir); err != nil {
		return nil
	}
	aside := asideOf(dir)
	err := os.Rename(dir, aside)
	if err == nil {
		err = os.Rename(aside, dir)
	}
	if err != nil {
		return model.BadInput("%s cannot be replaced: %s; give --out a directory below it, such as %s",
			dir, model.PlainCause(err), filepath.Join(dir, "run"))
	}
	return nil
}

// CheckPage refuses to replace a file that is no page of this program. title is how its pages begin
// their title.
func CheckPage(file, title string) error {
	data, err := os.ReadFile(file)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return model.BadInput("%s cannot be replaced: %s", file, model.PlainCause(err))
	case len(data) > 0 && !bytes.Contains(data[:min(len(data), 4096)], []byte("<title>"+title)):
		return model.BadInput("%s is there, and is no page of sandcastle: move it away, or give --out "+
			"another directory", file)
	}
	return nil
}
