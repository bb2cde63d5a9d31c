package replica

import (
	"errors"
	"io"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// LogDir is the broker's only log directory. It remembers the first error of the disk, whoever met
// it (LogDirFailureChannel, 3.9): afterwards nothing that was read or written can be relied on.
type LogDir struct {
	disk   model.Disk
	failed error
	halted bool
	// The flushes that are out, by token, with what is to be done when they have completed.
	flushes uint64
	onFlush map[uint64]func(*model.Effects)
}

// NewLogDir makes a disk a log directory.
func NewLogDir(disk model.Disk) *LogDir {
	return &LogDir{disk: disk, onFlush: map[uint64]func(*model.Effects){}}
}

// Open implements model.Disk.
func (d *LogDir) Open(path string) (model.File, error) {
	f, err := d.disk.Open(path)
	if err != nil {
		return nil, d.watch(err)
	}
	viewer, _ := f.(model.Viewer)
	return &logDirFile{d, f, viewer}, nil
}

// List implements model.Disk.
func (d *LogDir) List(dir string) ([]string, error) {
	names, err := d.disk.List(dir)
	return names, d.watch(err)
}

// Rename implements model.Disk.
func (d *LogDir) Rename(from, to string) error { return d.watch(d.disk.Rename(from, to)) }

// Remove implements model.Disk.
func (d *LogDir) Remove(path string) error { return d.watch(d.disk.Remove(path)) }

// Flush makes path durable and then calls done, unless that is nil.
func (d *LogDir) Flush(out *model.Effects, path string, done func(*model.Effects)) {
	d.flushes++
	d.onFlush[d.flushes] = done
	out.Flush(path, d.flushes)
}

// OnFlushed goes on where a flush was waited for. One that failed has made nothing durable, and the
// page cache may have dropped what it could not write: the directory is given up
// (UnifiedLog.flush in maybeHandleIOException, 3.9).
func (d *LogDir) OnFlushed(in model.Event, out *model.Effects) {
	done := d.onFlush[in.Token]
	delete(d.onFlush, in.Token)
	if in.Text != "" {
		_ = d.watch(errors.New("flush: " + in.Text))
		return
	}
	if done != nil {
		done(out)
	}
}

// Failed tells whether the disk has.
func (d *LogDir) Failed() bool { return d.failed != nil }

func (d *LogDir) watch(err error) error {
	if err != nil && d.failed == nil && !errors.Is(err, io.EOF) {
		d.failed = err
	}
	return err
}

// logDirFile is a file of a LogDir. It lends its bytes when the disk's file does.
type logDirFile struct {
	dir    *LogDir
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

// HaltIfFailed ends the broker when its disk has failed: no log directory is left
// (LogManager.handleLogDirFailure, 3.9). It runs at the end of a step, for Kafka's handler is a
// thread of its own: requests that met the error are answered with KAFKA_STORAGE_ERROR first. With
// one directory the notice under /log_dir_event_notification is never written: Kafka halts before.
func (d *LogDir) HaltIfFailed(out *model.Effects) {
	if d.failed == nil || d.halted {
		return
	}
	d.halted = true
	kafka.AddNote(out, kafka.Note{Kind: kafka.LogDirFailed, Text: d.failed.Error()})
	out.Halt("all log dirs have failed: " + d.failed.Error())
}
