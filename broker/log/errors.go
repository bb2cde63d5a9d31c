package log

import (
	"fmt"
	"io"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// OutOfRangeError says that a log was asked for an offset that it does not hold:
// OFFSET_OUT_OF_RANGE.
type OutOfRangeError struct {
	Log        string // the partition, as in "orders-0"
	Offset     kafka.Offset
	Start, End kafka.Offset // of the log
}

// Error implements error.
func (e *OutOfRangeError) Error() string {
	return fmt.Sprintf("%s: offset %d is outside %d to %d", e.Log, e.Offset, e.Start, e.End)
}

// UnexpectedOffsetError says that a follower was handed a batch that begins before its log's end
// (UnexpectedAppendOffsetException, 3.9).
type UnexpectedOffsetError struct {
	Log    string       // the partition, as in "orders-0"
	Offset kafka.Offset // first of the batch
	Last   kafka.Offset // last of the batch
	End    kafka.Offset // of the log
}

// Error implements error.
func (e *UnexpectedOffsetError) Error() string {
	return fmt.Sprintf("%s: a batch at offset %d, the log ends at %d", e.Log, e.Offset, e.End)
}

// readFull fills b from off on. A short read is an error, the end of the file after the last byte
// is none.
func readFull(f model.File, b []byte, off int64) error {
	n, err := f.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil:
		return io.ErrUnexpectedEOF
	default:
		return err
	}
}

// view borrows bytes of a file, nil when the file cannot lend them.
func view(f model.File, off int64, n int) []byte {
	if v, ok := f.(model.Viewer); ok {
		return v.View(off, n)
	}
	return nil
}
