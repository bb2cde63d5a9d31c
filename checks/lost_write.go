package checks

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// lostWrite finds values whose sends are known to have taken effect, that stand at or before the
// furthest place that any reader reached, and were read by nobody (Jepsen's :lost-write): readers
// walked over the place where the record should have been.
func lostWrite(parts []*partition, o Options, t *tally) {
	committed := 0
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
				text := fmt.Sprintf("%s; readers got as far as offset %d, and nobody ever read it",
					p.toldOf(s, p.ranks[v.high], o), p.ranks[bound])
				return text, inOrder(p.sendWitness(s), p.passedBy(v.high))
			})
			if _, passed := p.committedAt(s, o); passed {
				committed++
			}
		}
	}
	if c := t.own(); c != nil && c.count > 1 && o.Committed != nil {
		c.explanation += fmt.Sprintf(". Of these %d records, the high watermark had passed %d", c.count,
			committed)
	}
}

// toldOf says what was told of a send, and whether its record, at offset at, was ever committed:
// acknowledged is what a client was told, committed what the high watermark has passed.
func (p *partition) toldOf(s *send, at kafka.Offset, o Options) string {
	value := p.values[s.value].text
	if s.outcome != endedOK {
		return fmt.Sprintf("%q took effect at offset %d of %s, as another record of its operation shows",
			value, at, p.key)
	}
	text := fmt.Sprintf("%q was acknowledged by %s", value, p.key)
	if at >= 0 {
		text = fmt.Sprintf("%q was acknowledged at offset %d of %s", value, at, p.key)
	}
	if o.Committed == nil || s.offset < 0 {
		return text
	}
	if when, passed := p.committedAt(s, o); passed {
		return text + fmt.Sprintf(", and committed: the high watermark passed it at %s", when)
	}
	return text + ", and never committed: the high watermark never passed it"
}

// committedAt is when the high watermark passed the record of s; false when it never did, or nobody
// knows.
func (p *partition) committedAt(s *send, o Options) (model.Time, bool) {
	if o.Committed == nil || s.offset < 0 {
		return 0, false
	}
	return o.Committed(kafka.PartitionOffset{Key: p.key, Offset: s.offset}, s.call, s.ret)
}

// lost says whether s took effect, was passed over and never read.
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
			if at := p.positions(r)[j]; r.ok && at >= 0 && p.rank(at, n) >= rank {
				return p.readWitness(r, j)
			}
		}
	}
	return kafka.Witness{}
}
