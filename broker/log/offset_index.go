package log

import (
	"encoding/binary"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// offsetEntrySize is the length of an entry on disk: relative offset and position, four bytes each.
const offsetEntrySize = 8

// offsetIndex says for the last offsets of some batches of a segment where these batches begin
// (OffsetIndex, 3.9).
type offsetIndex struct {
	file    model.File
	entries []offsetEntry // ascending in both
	buf     [offsetEntrySize]byte
}

type offsetEntry struct {
	offset   int32 // last of a batch, relative to the segment's base
	position int32 // of that batch
}

// add appends an entry.
func (x *offsetIndex) add(offset kafka.Offset, position int64) error {
	e := offsetEntry{int32(offset), int32(position)}
	binary.BigEndian.PutUint32(x.buf[:], uint32(e.offset))
	binary.BigEndian.PutUint32(x.buf[4:], uint32(e.position))
	if _, err := x.file.WriteAt(x.buf[:], int64(len(x.entries))*offsetEntrySize); err != nil {
		return err
	}
	x.entries = append(x.entries, e)
	return nil
}

// full is true when there is no room for an entry in size bytes.
func (x *offsetIndex) full(size int64) bool {
	return int64(len(x.entries)+1)*offsetEntrySize > size
}

// lookup is the position of the last entry at or before offset, 0 when there is none.
func (x *offsetIndex) lookup(offset kafka.Offset) int64 {
	i := sort.Search(len(x.entries), func(i int) bool {
		return kafka.Offset(x.entries[i].offset) > offset
	})
	if i == 0 {
		return 0
	}
	return int64(x.entries[i-1].position)
}

// lastWithin is the last position, not behind position, before which every record lies below
// offset; 0 when the index knows none.
func (x *offsetIndex) lastWithin(offset kafka.Offset, position int64) int64 {
	i := sort.Search(len(x.entries), func(i int) bool {
		e := x.entries[i]
		return kafka.Offset(e.offset) > offset || int64(e.position) > position
	})
	if i == 0 {
		return 0
	}
	return int64(x.entries[i-1].position)
}

// last is the last entry, zero when there is none.
func (x *offsetIndex) last() offsetEntry {
	if n := len(x.entries); n > 0 {
		return x.entries[n-1]
	}
	return offsetEntry{}
}

// truncate drops every entry whose batch begins at or behind position.
func (x *offsetIndex) truncate(position int64) error {
	n := sort.Search(len(x.entries), func(i int) bool {
		return int64(x.entries[i].position) >= position
	})
	x.entries = x.entries[:n]
	return x.file.Truncate(int64(n) * offsetEntrySize)
}

// load reads the entries back. It is false when they do not ascend or lie outside a file of size
// bytes.
func (x *offsetIndex) load(size int64) (bool, error) {
	b := make([]byte, x.file.Size())
	if err := readFull(x.file, b, 0); err != nil {
		return false, err
	}
	x.entries = make([]offsetEntry, 0, len(b)/offsetEntrySize)
	last := offsetEntry{-1, 0}
	for ; len(b) >= offsetEntrySize; b = b[offsetEntrySize:] {
		e := offsetEntry{int32(binary.BigEndian.Uint32(b)), int32(binary.BigEndian.Uint32(b[4:]))}
		if e.offset <= last.offset || e.position <= last.position || int64(e.position) >= size {
			return false, nil
		}
		x.entries = append(x.entries, e)
		last = e
	}
	return len(b) == 0, nil
}
