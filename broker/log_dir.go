package broker

import (
	"errors"
	"io"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// logDir is the broker's only log directory. It remembers the first error of the disk, whoever met
// it (LogDirFailureChannel, 3.9): afterwards nothing that was read or written can be relied on.
type logDir struct {
	disk   model.Disk
	failed error
}

// Open implements model.Disk.
func (d *logDir) Open(path string) (model.File, error) {
	f, err := d.disk.Open(path)
	if err != nil {
		return nil, d.watch(err)
	}
	viewer, _ := f.(model.Viewer)
	return &logDirFile{d, f, viewer}, nil
}

// List implements model.Disk.
func (d *logDir) List(dir string) ([]string, error) {
	names, err := d.disk.List(dir)
	return names, d.watch(err)
}

// Rename implements model.Disk.
func (d *logDir) Rename(from, to string) error { return d.watch(d.disk.Rename(from, to)) }

func (d *logDir) watch(err error) error {
	if err != nil && d.failed == nil && !errors.Is(err, io.EOF) {
		d.failed = err
	}
	return err
}

// logDirFile is a file of a logDir. It lends its bytes when the disk's file does.
type logDirFile struct {
	dir    *logDir
	file   model.File
	viewer model.Viewer
}

// ReadAt implements model.File.
func (f *logDirFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.file.ReadAt(b, off)
	return n, f.dir.watch(err)
}

// WriteAt implements model.File.
func (f *logDirFile) WriteAt(b []byte, off int64) (int, error) {
	n, err := f.file.WriteAt(b, off)
	return n, f.dir.watch(err)
}

// Truncate implements model.File.
func (f *logDirFile) Truncate(size int64) error { return f.dir.watch(f.file.Truncate(size)) }

// Size implements model.File.
func (f *logDirFile) Size() int64 { return f.file.Size() }

// View implements model.Viewer.
func (f *logDirFile) View(off int64, n int) []byte {
	if f.viewer == nil {
		return nil
	}
	return f.viewer.View(off, n)
}

// haltIfFailed ends the broker when its disk has failed: no log directory is left
// (LogManager.handleLogDirFailure, 3.9). It runs at the end of a step, for Kafka's handler is a
// thread of its own: requests that met the error are answered with KAFKA_STORAGE_ERROR first. With
// one directory the notice under /log_dir_event_notification is never written: Kafka halts before.
func (b *Broker) haltIfFailed(out *model.Effects) {
	if b.dir.failed == nil || b.halted {
		return
	}
	b.halted = true
	kafka.AddNote(out, kafka.Note{Kind: kafka.LogDirFailed, Text: b.dir.failed.Error()})
	out.Halt("all log dirs have failed: " + b.dir.failed.Error())
}
