package checks

import (
	"cmp"
	"encoding/binary"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// consumedRun is records that one poll was the first to return, by offset. Everything that was ever
// read is remembered, so it is kept small.
type consumedRun struct {
	first, last kafka.Offset
	lengths     []byte // by record: what its offset is above the one before, the length of its value
	text        string // the values, one after the other
	count       int
	op          int // the history line
	at          model.Time
	who         string
}

// newConsumedRun keeps copies of records, which op returned.
func newConsumedRun(op *kafka.Op, records []kafka.PolledRecord) *consumedRun {
	r := &consumedRun{
		first: records[0].Offset, last: records[len(records)-1].Offset, count: len(records),
		op: op.Index, at: op.Time, who: who(op),
	}
	var lengths, text []byte
	before := r.first
	for i := range records {
		rec := &records[i]
		lengths = binary.AppendUvarint(lengths, uint64(rec.Offset-before))
		lengths = binary.AppendUvarint(lengths, uint64(len(rec.Value)))
		text = append(text, rec.Value...)
		before = rec.Offset
	}
	r.lengths, r.text = slices.Clip(slices.Clone(lengths)), string(text)
	return r
}

// records unpacks them.
func (r *consumedRun) records() []kafka.PolledRecord {
	list := make([]kafka.PolledRecord, r.count)
	lengths, text, at := r.lengths, r.text, r.first
	for i := range list {
		above, n := binary.Uvarint(lengths)
		length, m := binary.Uvarint(lengths[n:])
		at += kafka.Offset(above)
		list[i] = kafka.PolledRecord{Offset: at, Value: text[:length]}
		lengths, text = lengths[n+m:], text[length:]
	}
	return list
}

// has tells of an offset up to the last one whether its record is here.
func (r *consumedRun) has(o kafka.Offset) bool {
	if o < r.first {
		return false
	}
	if int64(r.last-r.first)+1 == int64(r.count) { // no gaps
		return true
	}
	_, known := slices.BinarySearchFunc(r.records(), o,
		func(r kafka.PolledRecord, o kafka.Offset) int { return cmp.Compare(r.Offset, o) })
	return known
}
