package host

import (
	"path"
	"strings"
	"sync"
)

// unsynced is what of a directory was changed since it was last flushed. It is kept by the first
// part of the name, which is a partition's directory or a file at the root, so that the flush of one
// of thousands of partitions does not look at the others.
type unsynced struct {
	mu    sync.Mutex
	parts map[string]*unsyncedPart
}

// unsyncedPart is what was changed under one first part of a name.
type unsyncedPart struct {
	files map[*File]struct{}  // written to
	dirs  map[string]struct{} // in which a name has come, gone or changed
}

// partOf is the first part of a name.
func partOf(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

func (u *unsynced) partLocked(first string) *unsyncedPart {
	p := u.parts[first]
	if p == nil {
		p = &unsyncedPart{files: map[*File]struct{}{}, dirs: map[string]struct{}{}}
		u.parts[first] = p
	}
	return p
}

// wrote notes that a file was written to, or could not be flushed.
func (u *unsynced) wrote(f *File) {
	if f.dirty.Swap(true) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.listLocked(f)
}

func (u *unsynced) listLocked(f *File) {
	if f.name != "" {
		u.partLocked(partOf(f.name)).files[f] = struct{}{}
	}
}

func (u *unsynced) unlistLocked(f *File) {
	first := partOf(f.name)
	if p := u.parts[first]; p != nil {
		delete(p.files, f)
		u.dropIfEmptyLocked(first, p)
	}
}

func (u *unsynced) dropIfEmptyLocked(first string, p *unsyncedPart) {
	if len(p.files)+len(p.dirs) == 0 {
		delete(u.parts, first)
	}
}

// rename follows a file to its new name.
func (u *unsynced) rename(f *File, to string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unlistLocked(f)
	f.name = to
	if f.dirty.Load() {
		u.listLocked(f)
	}
}

// forget drops a file that loses its name: nobody can ask for its flush any more.
func (u *unsynced) forget(f *File) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unlistLocked(f)
	f.name = ""
}

// touch notes that the directory of name has changed, and those above it, which may be new.
func (u *unsynced) touch(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		u.partLocked(partOf(dir)).dirs[dir] = struct{}{}
		if dir == "." {
			return
		}
	}
}

// take takes the files below name ("" is everything) that were written to, and the directories
// around them in which names have changed, down from the root.
func (u *unsynced) take(name string) (files []*File, dirs []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if name != "" {
		files, dirs = u.takePartLocked(".", name, files, dirs)
		return u.takePartLocked(partOf(name), name, files, dirs)
	}
	//unordered: all of them are flushed, in whatever order
	for first := range u.parts {
		files, dirs = u.takePartLocked(first, name, files, dirs)
	}
	return files, dirs
}

func (u *unsynced) takePartLocked(first, name string, files []*File, dirs []string,
) ([]*File, []string) {
	p := u.parts[first]
	if p == nil {
		return files, dirs
	}
	//unordered: all of them are flushed, in whatever order
	for f := range p.files {
		if name == "" || f.name == name || strings.HasPrefix(f.name, name+"/") {
			f.dirty.Store(false)
			files = append(files, f)
			delete(p.files, f)
		}
	}
	//unordered: as above
	for dir := range p.dirs {
		dirs = append(dirs, dir)
		delete(p.dirs, dir)
	}
	u.dropIfEmptyLocked(first, p)
	return files, dirs
}
