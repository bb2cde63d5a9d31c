package log

import (
	"encoding/binary"
	"sort"

	"sandcastle/model"
)

// offsetEntrySize is the length of an entry on disk: relative offset and position, four bytes each.
const offsetEntrySize = 8

// offsetIndex says for some offsets of a segment where their batches begin (OffsetIndex, 3.9).
type offsetIndex struct {
	file    model.File
	entries []offsetEntry // ascending in both
}

type offsetEntry struct {
	offset   int32 // relative to the segment's base
	position int32
}

// add appends an entry.
func (x *offsetIndex) add(offset model.Offset, position int64) error {
	e := offsetEntry{int32(offset), int32(position)}
	var b [offsetEntrySize]byte
	binary.BigEndian.PutUint32(b[:], uint32(e.offset))
	binary.BigEndian.PutUint32(b[4:], uint32(e.position))
	if _, err := x.file.WriteAt(b[:], int64(len(x.entries))*offsetEntrySize); err != nil {
		return err
	}
	x.entries = append(x.entries, e)
	return nil
}

// lookup is the position of the last entry at or before offset, 0 when there is none.
func (x *offsetIndex) lookup(offset model.Offset) int64 {
	i := sort.Search(len(x.entries), func(i int) bool { return model.Offset(x.entries[i].offset) > offset })
	if i == 0 {
		return 0
	}
	return int64(x.entries[i-1].position)
}

// truncate drops every entry whose batch begins at or behind position.
func (x *offsetIndex) truncate(position int64) error {
	n := sort.Search(len(x.entries), func(i int) bool { return int64(x.entries[i].position) >= position })
	x.entries = x.entries[:n]
	return x.file.Truncate(int64(n) * offsetEntrySize)
}

// load reads the entries back. It fails when they do not ascend or lie outside a file of size bytes.
func (x *offsetIndex) load(size int64) bool {
	b := make([]byte, x.file.Size())
	if len(b)%offsetEntrySize != 0 {
		return false
	}
	if n, _ := x.file.ReadAt(b, 0); n < len(b) {
		return false
	}
	x.entries = make([]offsetEntry, 0, len(b)/offsetEntrySize)
	last := offsetEntry{-1, -1}
	for ; len(b) > 0; b = b[offsetEntrySize:] {
		e := offsetEntry{int32(binary.BigEndian.Uint32(b)), int32(binary.BigEndian.Uint32(b[4:]))}
		if e.offset <= last.offset || e.position <= last.position || int64(e.position) >= size {
			return false
		}
		x.entries = append(x.entries, e)
		last = e
	}
	return true
}
