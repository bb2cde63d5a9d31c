package host

import (
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sandcastle/model"
)

// Dir is a directory of real files as a process's model.Disk. The process's goroutine uses it, and
// flushes run beside.
type Dir struct {
	root  string
	files map[string]*File // open ones, by path
	lent  arena            // what views are made of
	lock  *os.File

	handles  handles
	unsynced unsynced
}

// OpenDir takes root for this process alone, and makes it if it is not there.
func OpenDir(root string) (*Dir, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	lock, err := lockDir(root)
	if err != nil {
		return nil, err
	}
	return &Dir{
		root: root, files: map[string]*File{}, lock: lock,
		handles:  handles{limit: defaultHandles, used: list.New()},
		unsynced: unsynced{parts: map[string]*unsyncedPart{}},
	}, nil
}

// Close closes all files and unlocks the directory. The process must have ended.
func (d *Dir) Close() error {
	d.handles.closeAll()
	d.files = map[string]*File{}
	return d.lock.Close()
}

// Open implements model.Disk.
func (d *Dir) Open(name string) (model.File, error) {
	if !valid(name) {
		return nil, fmt.Errorf("open %q: no path of a file", name)
	}
	if f := d.files[name]; f != nil {
		return f, nil
	}
	full := d.full(name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return nil, err
	}
	_, missing := os.Lstat(full)
	f := &File{path: full, name: name, lent: &d.lent, handles: &d.handles, unsynced: &d.unsynced}
	if err := d.handles.create(f); err != nil {
		return nil, err
	}
	d.files[name] = f
	if missing != nil {
		d.unsynced.touch(name)
	}
	return f, nil
}

// valid reports whether name is a clean relative path of a file.
func valid(name string) bool {
	return fs.ValidPath(name) && name != "." && name != lockName
}

func (d *Dir) full(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// List implements model.Disk.
func (d *Dir) List(dir string) (list []string, err error) {
	err = d.handles.patiently(func() error {
		list, err = d.list(d.full(strings.TrimSuffix(dir, "/")))
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	slices.Sort(list)
	return list, err
}

func (d *Dir) list(root string) (list []string, err error) {
	err = filepath.WalkDir(root, func(full string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(d.root, full)
		if name = filepath.ToSlash(name); err == nil && name != lockName {
			list = append(list, name)
		}
		return err
	})
	return list, err
}

// Rename implements model.Disk.
func (d *Dir) Rename(from, to string) error {
	if !valid(from) || !valid(to) {
		return fmt.Errorf("rename %q to %q: no paths of files", from, to)
	}
	if from == to {
		_, err := os.Lstat(d.full(from))
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.full(to)), 0o755); err != nil {
		return err
	}
	if f := d.files[to]; f != nil {
		d.handles.lose(f) // whoever has it open goes on with it
		d.unsynced.forget(f)
	}
	f := d.files[from]
	err := d.handles.rename(f, d.full(to), func() error {
		return os.Rename(d.full(from), d.full(to))
	})
	if err != nil {
		return err
	}
	d.unsynced.touch(to)
	delete(d.files, to)
	if f != nil {
		d.unsynced.rename(f, to)
		d.files[to] = f
	}
	d.onNameGone(from)
	return nil
}

// Remove implements model.Disk.
func (d *Dir) Remove(name string) error {
	if !valid(name) {
		return fmt.Errorf("remove %q: no path of a file", name)
	}
	if f := d.files[name]; f != nil {
		d.handles.lose(f)
		d.unsynced.forget(f)
	}
	if err := os.Remove(d.full(name)); err != nil {
		return err
	}
	d.onNameGone(name)
	return nil
}

// onNameGone cleans up after a file that was renamed or removed.
func (d *Dir) onNameGone(name string) {
	d.unsynced.touch(name)
	delete(d.files, name)
	d.removeEmpty(path.Dir(name))
}

// removeEmpty removes dir and those above it that hold nothing.
func (d *Dir) removeEmpty(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		if os.Remove(d.full(dir)) != nil {
			return
		}
	}
}
