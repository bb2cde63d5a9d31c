package kafka

import (
	"math"
)

// mops reads the micro-operations of a send, poll or txn.
func (l *opLine) mops() {
	from := len(l.lent.mops)
	l.array(`a list of micro-operations, such as [["poll"]]`, func() {
		l.peek()
		at := l.pos
		if !l.take('[') {
			l.expected(`a micro-operation, such as ["send","orders-0","v7"]`)
			return
		}
		switch l.choice("micro-operation", string(FSend), string(FPoll)) {
		case string(FSend):
			if l.op.F == FPoll {
				l.failAt(at, "a send inside a poll", `an operation that does both has "f":"txn"`)
			}
			l.sendMop()
		case string(FPoll):
			if l.op.F == FSend {
				l.failAt(at, "a poll inside a send", `an operation that does both has "f":"txn"`)
			}
			l.pollMop()
		}
		if !l.take(']') {
			l.expected("']' after the micro-operation")
		}
	})
	l.op.Value = part(l.lent.mops, from)
}

// lentOp is memory for what operations consist of. An operation takes the ends of it.
type lentOp struct {
	mops    []Mop
	polled  []PolledRecords
	records []PolledRecord
}

// part is the end of what was lent, nil for nothing.
func part[T any](lent []T, from int) []T {
	if from == len(lent) {
		return nil
	}
	return lent[from:len(lent):len(lent)]
}

// again has the memory be used again.
func (l *lentOp) again() { l.mops, l.polled, l.records = l.mops[:0], l.polled[:0], l.records[:0] }

// sendMop reads what follows "send": a key, then a value, [value known only], or [offset, value].
func (l *opLine) sendMop() {
	if !l.take(',') {
		l.expected(`a key, as in ["send","orders-0","v7"]`)
	}
	m := Mop{F: FSend, Key: l.key(), Offset: NoOffset}
	if !l.take(',') {
		l.expected(`a value, as in ["send","orders-0","v7"]`)
	}
	m.Offset, m.Value = l.record()
	l.lent.mops = append(l.lent.mops, m)
}

// pollMop reads what follows "poll": nothing, null, or an object of records by key.
func (l *opLine) pollMop() {
	m, from := Mop{F: FPoll}, len(l.lent.polled)
	if l.take(',') && !l.word("null") {
		l.object(`records by key, such as {"orders-0":[[4,"v6"]]}`, func(name string, at int) {
			polled, from := PolledRecords{Key: l.parseKey(name, at)}, len(l.lent.records)
			l.array(`a list of records, such as [[4,"v6"]]`, func() {
				offset, value := l.record()
				l.lent.records = append(l.lent.records, PolledRecord{offset, value})
			})
			polled.Records = part(l.lent.records, from)
			l.lent.polled = append(l.lent.polled, polled)
		})
	}
	m.Polled = part(l.lent.polled, from)
	l.lent.mops = append(l.lent.mops, m)
}

// record reads a value, whose offset is not known, or [offset, value].
func (l *opLine) record() (Offset, string) {
	const what = `a value or [offset, value], such as "v7" or [5,"v7"]`
	if l.peek() != '[' {
		return NoOffset, l.any(what)
	}
	l.take('[')
	offset := NoOffset
	if !l.word("null") {
		offset = l.offset()
	}
	if !l.take(',') {
		l.expected("',' and a value after the offset")
	}
	value := l.any("a value")
	if !l.take(']') {
		l.expected("']' after the value")
	}
	return offset, value
}

// any reads a string, or any other value as it is written.
func (l *opLine) any(what string) string {
	switch l.peek() {
	case '"':
		return l.str(what)
	case 0, ',', ']', '}':
		l.expected(what)
		return ""
	}
	start := l.pos
	l.skip()
	return string(l.text[start:l.pos])
}

// offset reads an offset; −1 stands for one that is not known, as in Kafka's own replies.
func (l *opLine) offset() Offset {
	return Offset(l.whole("an offset: a whole number from 0, or null", -1, math.MaxInt64))
}

// key reads the key of a send: a partition such as "orders-0", or a key of Jepsen's, such as 9.
func (l *opLine) key() TopicPartition {
	l.peek()
	at := l.pos
	return l.parseKey(l.scalar("a key, such as \"orders-0\" or 9"), at)
}

func (l *opLine) parseKey(s string, at int) TopicPartition {
	if s == "" {
		l.failAt(at, "a key without a name: expected one such as \"orders-0\" or 9", "")
	}
	return ParseKey(s)
}

// commitOffsets reads the positions that a commit names.
func (l *opLine) commitOffsets() {
	if l.word("null") {
		return
	}
	l.object(`positions by key, such as {"orders-0":5}`, func(name string, at int) {
		po := PartitionOffset{Key: l.parseKey(name, at)}
		po.Offset = l.offset()
		l.op.Offsets = append(l.op.Offsets, po)
	})
}
