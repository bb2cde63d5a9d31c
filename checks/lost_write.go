package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// lostWrite finds values that are known to be committed, stand at or before the furthest place that
// any reader reached, and were read by nobody (Jepsen's :lost-write): readers walked over the place
// where the record should have been.
func lostWrite(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		bound := p.reached()
		done := make([]bool, len(p.values))
		for i := range p.sends {
			s := &p.sends[i]
			if done[s.value] || !p.lost(s, bound) {
				continue
			}
			done[s.value] = true
			t.add(func() (string, []kafka.Witness) {
				v := &p.values[s.value]
				text := fmt.Sprintf("%q was committed at offset %d of %s, readers got as far as offset "+
					"%d, and nobody ever read it", v.text, p.ranks[v.high], p.key, p.ranks[bound])
				return text, inOrder(p.sendWitness(s), p.passedBy(v.high))
			})
		}
	}
}

// lost says whether s was committed, passed over and never read.
func (p *partition) lost(s *send, bound int32) bool {
	v := &p.values[s.value]
	return s.committed && !v.seen && v.high >= 0 && v.high <= bound && p.ranks[v.high] >= p.start
}

// reached is the rank up to which everything should have been read: the largest of the smallest
// ranks of the values that an ok poll returned, −1 when there is none.
func (p *partition) reached() int32 {
	bound := int32(-1)
	for i := range p.values {
		if v := &p.values[i]; v.seen {
			bound = max(bound, v.low)
		}
	}
	return bound
}

// passedBy is the first ok poll that returned a record of the given rank or beyond.
func (p *partition) passedBy(rank int32) kafka.Witness {
	for i := range p.reads {
		r := &p.reads[i]
		for j, n := range p.numbers(r) {
			if r.ok && r.records[j].Offset >= 0 && p.rank(r.records[j].Offset, n) >= rank {
				return p.readWitness(r, j)
			}
		}
	}
	return kafka.Witness{}
}
