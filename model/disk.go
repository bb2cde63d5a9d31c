package model

import "io"

// Disk is the file system that a process is handed when it is made. Reads and writes are plain
// calls, as on a real file: a write goes to the page cache and can be read back at once. Only a
// flush (Effects.Flush) makes it survive a power loss.
//
// Paths are relative, with '/' between names; directories come and go with their files.
type Disk interface {
	// Open opens path for reading and writing and creates it, empty, when it is not there.
	Open(path string) (File, error)
	// List returns the paths of all files below dir ("" is everything), sorted.
	List(dir string) ([]string, error)
	// Rename moves a file and replaces to when it exists.
	Rename(from, to string) error
	// Remove takes a file away; it is an error when it is not there.
	Remove(path string) error
}

// File is one open file. Every method may return the disk's error; io.EOF ends a read as in
// io.ReaderAt.
type File interface {
	io.ReaderAt
	io.WriterAt
	// Truncate cuts or zero-extends the file to size bytes.
	Truncate(size int64) error
	// Size is the length in bytes.
	Size() int64
}

// Viewer is implemented by files that can lend their bytes, so that the reader needs no memory of
// its own. The view is read-only and lasts until the next write or truncation of the file, but not
// beyond the step; nil means that this range cannot be lent.
type Viewer interface {
	View(off int64, n int) []byte
}
