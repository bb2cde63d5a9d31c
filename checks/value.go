package checks

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ending is how a send ended, in a byte: there are millions.
type ending uint8

const (
	endedOK   ending = iota // kafka.OK
	endedFail               // kafka.Fail
	endedInfo               // kafka.Info
)

func endingOf(end kafka.OpType) ending {
	switch end {
	case kafka.OK:
		return endedOK
	case kafka.Fail:
		return endedFail
	}
	return endedInfo
}

// absence says by what a value counts as acknowledged and not there.
type absence uint8

const (
	present     absence = iota
	lostForGood         // kafka.LostWrite
	neverSeen           // kafka.Unseen
)

// gone is the anomaly by which a value counts as acknowledged and not there, "" for none.
func (p *partition) gone(value int32) kafka.Anomaly {
	switch p.values[value].gone {
	case lostForGood:
		return kafka.LostWrite
	case neverSeen:
		return kafka.Unseen
	}
	return ""
}

// valueNumbers finds the number of a value by its text: a hash table that holds numbers alone,
// since the texts stand in the values.
type valueNumbers struct {
	// Invariant: the length is a power of two and the table at most three quarters full. An entry is
	// a number and one, 0 where there is none, below half of its hash; it stands at its hash or behind
	// it.
	table []uint64
}

// find is the number of text, whose hash is given, among values.
func (t *valueNumbers) find(values []value, text string, hash uint64) (int32, bool) {
	if len(t.table) == 0 {
		return 0, false
	}
	mask := uint64(len(t.table) - 1)
	for at := hash & mask; t.table[at] != 0; at = (at + 1) & mask {
		if e := t.table[at]; e>>32 == hash>>32 && values[uint32(e)-1].text == text {
			return int32(uint32(e) - 1), true
		}
	}
	return 0, false
}

// add takes in the last of values.
func (t *valueNumbers) add(values []value, hash uint64) {
	if 4*len(values) <= 3*len(t.table) {
		t.put(hash, len(values)-1)
		return
	}
	t.table = make([]uint64, max(16, 4*len(t.table)))
	for n := range values {
		t.put(hashOf(values[n].text), n)
	}
}

func (t *valueNumbers) put(hash uint64, n int) {
	mask := uint64(len(t.table) - 1)
	at := hash & mask
	for t.table[at] != 0 {
		at = (at + 1) & mask
	}
	t.table[at] = hash>>32<<32 | uint64(n+1)
}

func hashOf(text string) uint64 { return model.SumString(0, text) }

// closed gives back what gathering needed and a partition that grows no more does not.
func (p *partition) closed() {
	p.numbered = valueNumbers{}
	p.values, p.sends = fitting(p.values), fitting(p.sends)
	p.polled, p.offsets = fitting(p.polled), fitting(p.offsets)
}

// roomy is list with room for one more, and for as many again where there was none: lists that grow
// by a quarter at a time are copied four times as often.
func roomy[T any](list []T) []T {
	if len(list) < cap(list) {
		return list
	}
	return slices.Grow(list, max(16, len(list)))
}

// fitting is list without the room to grow, where that is much.
func fitting[T any](list []T) []T {
	if cap(list)-len(list) < 1024 {
		return list
	}
	return append(make([]T, 0, len(list)), list...)
}
