package log

import (
	"encoding/binary"
	"sort"

	"sandcastle/model"
)

// timeEntrySize is the length of an entry on disk: timestamp, eight bytes, and relative offset, four.
const timeEntrySize = 12

// timeIndex says for some offsets of a segment the largest timestamp up to there (TimeIndex, 3.9).
type timeIndex struct {
	file    model.File
	entries []timeEntry // ascending in both
}

type timeEntry struct {
	timestamp int64 // milliseconds
	offset    int32 // relative to the segment's base
}

// maybeAdd appends an entry when the largest timestamp has grown since the last.
func (x *timeIndex) maybeAdd(timestamp int64, offset model.Offset) error {
	if n := len(x.entries); timestamp < 0 || n > 0 && timestamp <= x.entries[n-1].timestamp {
		return nil
	}
	var b [timeEntrySize]byte
	binary.BigEndian.PutUint64(b[:], uint64(timestamp))
	binary.BigEndian.PutUint32(b[8:], uint32(offset))
	if _, err := x.file.WriteAt(b[:], int64(len(x.entries))*timeEntrySize); err != nil {
		return err
	}
	x.entries = append(x.entries, timeEntry{timestamp, int32(offset)})
	return nil
}

// lookup is a relative offset before which no record has a timestamp of at least timestamp.
func (x *timeIndex) lookup(timestamp int64) model.Offset {
	i := sort.Search(len(x.entries), func(i int) bool { return x.entries[i].timestamp >= timestamp })
	if i == 0 {
		return 0
	}
	return model.Offset(x.entries[i-1].offset)
}

// truncate drops every entry at or behind a relative offset.
func (x *timeIndex) truncate(offset model.Offset) error {
	n := sort.Search(len(x.entries), func(i int) bool { return model.Offset(x.entries[i].offset) >= offset })
	x.entries = x.entries[:n]
	return x.file.Truncate(int64(n) * timeEntrySize)
}

// load reads the entries back. It fails when they do not ascend.
func (x *timeIndex) load() bool {
	b := make([]byte, x.file.Size())
	if len(b)%timeEntrySize != 0 {
		return false
	}
	if n, _ := x.file.ReadAt(b, 0); n < len(b) {
		return false
	}
	x.entries = make([]timeEntry, 0, len(b)/timeEntrySize)
	last := timeEntry{-1, -1}
	for ; len(b) > 0; b = b[timeEntrySize:] {
		e := timeEntry{int64(binary.BigEndian.Uint64(b)), int32(binary.BigEndian.Uint32(b[8:]))}
		if e.timestamp <= last.timestamp || e.offset < last.offset {
			return false
		}
		x.entries = append(x.entries, e)
		last = e
	}
	return true
}
