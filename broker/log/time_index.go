package log

import (
	"encoding/binary"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// timeEntrySize is the length of an entry on disk: timestamp, eight bytes, and relative offset,
// four.
const timeEntrySize = 12

// timeIndex says for some offsets of a segment the largest timestamp up to there (TimeIndex, 3.9).
type timeIndex struct {
	file    model.File
	entries []timeEntry // ascending in both
	buf     [timeEntrySize]byte
}

type timeEntry struct {
	timestamp int64 // milliseconds
	offset    int32 // last of the batch that has it, relative to the segment's base
}

// maybeAdd appends an entry when the largest timestamp has grown since the last.
func (x *timeIndex) maybeAdd(timestamp int64, offset kafka.Offset) error {
	if timestamp < 0 || timestamp <= x.lastTimestamp() {
		return nil
	}
	binary.BigEndian.PutUint64(x.buf[:], uint64(timestamp))
	binary.BigEndian.PutUint32(x.buf[8:], uint32(offset))
	if _, err := x.file.WriteAt(x.buf[:], int64(len(x.entries))*timeEntrySize); err != nil {
		return err
	}
	x.entries = append(x.entries, timeEntry{timestamp, int32(offset)})
	return nil
}

// lastTimestamp is the largest timestamp of the index, −1 when it is empty.
func (x *timeIndex) lastTimestamp() int64 {
	if n := len(x.entries); n > 0 {
		return x.entries[n-1].timestamp
	}
	return -1
}

// full is true when there is no room for an entry in size bytes and for the one that seals the
// segment.
func (x *timeIndex) full(size int64) bool {
	return int64(len(x.entries)+2)*timeEntrySize > size
}

// lookup is a relative offset before which no record has a timestamp of at least timestamp.
func (x *timeIndex) lookup(timestamp int64) kafka.Offset {
	i := sort.Search(len(x.entries), func(i int) bool {
		return x.entries[i].timestamp >= timestamp
	})
	if i == 0 {
		return 0
	}
	return kafka.Offset(x.entries[i-1].offset)
}

// truncate drops every entry at or behind a relative offset.
func (x *timeIndex) truncate(offset kafka.Offset) error {
	n := sort.Search(len(x.entries), func(i int) bool {
		return kafka.Offset(x.entries[i].offset) >= offset
	})
	x.entries = x.entries[:n]
	return x.file.Truncate(int64(n) * timeEntrySize)
}

// load reads the entries back. It is false when they do not ascend.
func (x *timeIndex) load() (bool, error) {
	b := make([]byte, x.file.Size())
	if err := readFull(x.file, b, 0); err != nil {
		return false, err
	}
	x.entries = make([]timeEntry, 0, len(b)/timeEntrySize)
	last := timeEntry{-1, -1}
	for ; len(b) >= timeEntrySize; b = b[timeEntrySize:] {
		e := timeEntry{int64(binary.BigEndian.Uint64(b)), int32(binary.BigEndian.Uint32(b[8:]))}
		if e.timestamp <= last.timestamp || e.offset <= last.offset {
			return false, nil
		}
		x.entries = append(x.entries, e)
		last = e
	}
	return len(b) == 0, nil
}
