package checks

import "sandcastle/model/kafka"

// Much of what a history shows comes from one thing. When a log loses its tail and is filled anew,
//
//	before   … 90:a  91:b  92:c
//	after    … 90:x  91:y
//
// a, b and c were lost; and because of that offset 90 held two records, x, which was sent after c,
// stands before it, and no order of the appends explains the answers. Each of these is a case of a
// check of its own, whose cause is the loss: it is told under it (tally.addFrom).

// findCauses notes which values are gone, and which offsets were given twice.
func (p *partition) findCauses() {
	bound := p.reached()
	for i := range p.sends {
		s := &p.sends[i]
		switch v := &p.values[s.value]; {
		case p.lost(s, bound):
			v.gone, p.suffered = lostForGood, true
		case p.readToTheEnd && v.gone == present && p.unread(s):
			v.gone, p.suffered = neverSeen, true
		}
	}
	for i := 1; i < len(p.slots); i++ {
		a, b := p.slots[i-1], p.slots[i]
		if a.rank != b.rank {
			continue
		}
		if p.twice == nil {
			p.twice, p.suffered = map[int32]kafka.Anomaly{}, true
		}
		for _, gone := range []kafka.Anomaly{p.gone(a.value), p.gone(b.value)} {
			if was := p.twice[a.rank]; was == "" || was == kafka.InconsistentOffsets {
				p.twice[a.rank] = gone
			}
		}
		if p.twice[a.rank] == "" {
			p.twice[a.rank] = kafka.InconsistentOffsets
		}
	}
}

// cause is what a value at a rank has suffered: it is gone, or its offset was given twice; "" for
// nothing.
func (p *partition) cause(value, rank int32) kafka.Anomaly {
	if gone := p.gone(value); gone != "" {
		return gone
	}
	return p.twice[rank]
}

// stands tells whether the order of a value at a rank must be right: it suffered nothing, or it is
// what the offset holds in the end.
func (p *partition) stands(value, rank int32) bool {
	return p.cause(value, rank) == "" || p.values[value].gone == present && p.values[value].final
}

// standing are the appends of a list whose order must be right.
func (p *partition) standing(list []appended) (kept []appended) {
	for _, a := range list {
		if p.stands(a.value, a.rank) {
			kept = append(kept, a)
		}
	}
	return kept
}

// standingProofs are proofs without those that only what was lost, or replaced, gives.
func (p *partition) standingProofs(list []appended, proofs []proof) []proof {
	if !p.suffered {
		return proofs
	}
	return p.proofs(list, p.stands)
}

// proven is the value whose append a proof shows.
func (p *partition) proven(by proof) int32 {
	if by.send >= 0 {
		return p.sends[by.send].value
	}
	return p.numbers(&p.reads[by.read])[by.record]
}
