package checks

import (
	"cmp"
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// logOrder is the linear-time checker of one log. It decides: the operations of the partition are
// linearizable against kafka.PartitionLog just when contradictions finds nothing.
//
// In a log the offset is the order, so nothing is searched for. Rank the offsets; what is left are
// three questions:
//
//	conflicts   is each rank appended to once?
//	precedence  had nothing at a rank or above been answered before the append of that rank began?
//	skips       does each poll give records in order, and leave out none that was acknowledged?
//
// That they suffice: let no rank have two appends, and place the append of rank r at
// t(r) = max(call(s), s ≤ r), the earliest moment that lets the lower ones come first. It lies
// within its own operation, call(r) ≤ t(r) ≤ end(r), unless some s ≤ r was called after the end of
// r; that is the question of precedence. A poll whose last record has rank r is placed at t(r) or
// at its call, whichever is later; it ends before that only if some s ≤ r was called after the end
// of the poll, which is the same question, since the end of a poll counts as one of rank r. What it
// returns is then a run of the log, which is the question of skips. That they are necessary: two
// appends cannot have one offset, and of two operations the one that ended first comes first.
//
// Intervals are closed: an operation called at the very moment at which another ends is open
// together with it.
type logOrder struct {
	p      *partition
	list   []appended // in order of rank, then of value
	proofs []proof    // by rank
}

// contradiction is something that no order of the operations explains.
type contradiction struct {
	rank     int32         // where it shows
	cause    kafka.Anomaly // what it comes from, "" when it stands by itself
	evidence evidence
}

// logOrder resolves what happened to every send.
func (p *partition) logOrder() logOrder {
	list, proofs := p.appends()
	return logOrder{p, list, proofs}
}

// contradictions tells found all of them.
func (l *logOrder) contradictions(found func(contradiction)) {
	l.conflicts(found)
	l.precedence(found)
	l.skips(found)
}

// conflicts finds the appends beyond the first at each rank.
func (l *logOrder) conflicts(found func(contradiction)) {
	p := l.p
	for i := 1; i < len(l.list); i++ {
		a, b := &l.list[i-1], &l.list[i]
		if a.rank != b.rank {
			continue
		}
		found(contradiction{a.rank, p.twice[a.rank], func() (string, []kafka.Witness) {
			text := fmt.Sprintf("two appends to %s both got offset %d: no order of the two explains that",
				p.key, p.ranks[a.rank])
			return text, inOrder(p.appendWitness(a), p.appendWitness(b))
		}})
	}
}

// precedence walks from the end and keeps the earliest completion at the current rank or above.
// An append called after it had to get a higher rank. What was lost, or stood in its place, is
// followed apart: only what stands can contradict by itself.
func (l *logOrder) precedence(found func(contradiction)) {
	p := l.p
	standing := p.standingProofs(l.list, l.proofs)
	all, own := earlier{by: proof{at: model.Never}}, earlier{by: proof{at: model.Never}}
	for i := len(l.list) - 1; i >= 0; i-- {
		a := &l.list[i]
		all.reach(a.rank, l.proofs)
		own.reach(a.rank, standing)
		switch {
		case p.called(a) > own.by.at && p.stands(a.value, a.rank):
			found(contradiction{a.rank, "", p.sentLate(own, a)})
		case p.called(a) > all.by.at:
			cause := cmp.Or(p.cause(a.value, a.rank), p.cause(p.proven(all.by), all.rank))
			found(contradiction{a.rank, cause, p.sentLate(all, a)})
		}
	}
}

// earlier is the earliest completion at a rank or above, and its rank.
type earlier struct {
	by      proof
	rank    int32
	reached bool
	at      int32 // the last rank that was reached
}

// reach takes in the completion of the next lower rank.
func (e *earlier) reach(rank int32, proofs []proof) {
	if e.reached && e.at == rank {
		return
	}
	if e.reached, e.at = true, rank; proofs[rank].at < e.by.at {
		e.by, e.rank = proofs[rank], rank
	}
}

// sentLate is the evidence that append a was called after the completion above it.
func (p *partition) sentLate(above earlier, a *appended) evidence {
	return func() (string, []kafka.Witness) {
		called := p.called(a)
		text := fmt.Sprintf("offset %d of %s was known by %s, yet the record at offset %d was only "+
			"sent at %s", p.ranks[above.rank], p.key, above.by.at, p.ranks[a.rank], called)
		return text, []kafka.Witness{p.proofWitness(above.by), p.appendWitness(a)}
	}
}

// skips finds the polls whose records are out of order, or leave out acknowledged ones.
func (l *logOrder) skips(found func(contradiction)) {
	p := l.p
	acked := ackedBelow(l.list, len(p.ranks))
	standing, left := acked, l.list
	if p.suffered {
		left = p.standing(l.list)
		standing = ackedBelow(left, len(p.ranks))
	}
	for i := range p.reads {
		r := &p.reads[i]
		if !r.ok || r.rebalanced {
			continue
		}
		numbers := p.numbers(r)
		last, from := int32(-1), -1 // the rank before, and its record
		for j, at := range p.positions(r) {
			if at < 0 {
				continue
			}
			rank := p.rank(at, numbers[j])
			if from >= 0 && (rank <= last || standing[rank] > standing[last+1]) {
				found(p.skip(r, [2]int{from, j}, rank, left))
				break
			}
			if from >= 0 && acked[rank] > acked[last+1] {
				found(p.skip(r, [2]int{from, j}, rank, l.list))
				break
			}
			last, from = rank, j
		}
	}
}

// ackedBelow returns, for each rank and one more, how many acknowledged appends have a smaller one.
func ackedBelow(list []appended, ranks int) []int32 {
	below := make([]int32, ranks+1)
	for i := range list {
		if list[i].acked {
			below[list[i].rank+1]++
		}
	}
	for i := 1; i < len(below); i++ {
		below[i] += below[i-1]
	}
	return below
}

// skip is the jump between two records of r to a rank, over appends of list.
func (p *partition) skip(r *read, records [2]int, rank int32, list []appended) contradiction {
	from, to := p.positions(r)[records[0]], p.positions(r)[records[1]]
	if to <= from {
		return contradiction{rank, kafka.IntNonmonotonicPoll, func() (string, []kafka.Witness) {
			text := fmt.Sprintf("one poll of %s returned offset %d after offset %d: a log is read in order",
				p.key, to, from)
			return text, []kafka.Witness{p.readWitness(r, records[1])}
		}}
	}
	low, _ := slices.BinarySearch(p.ranks, from+1)
	at, _ := slices.BinarySearchFunc(list, int32(low), func(a appended, rank int32) int {
		return cmp.Compare(a.rank, rank)
	})
	for !list[at].acked { // one is, or the two ranks would not be so far apart
		at++
	}
	a := &list[at]
	return contradiction{rank, p.skipCause(a), func() (string, []kafka.Witness) {
		text := fmt.Sprintf("one poll of %s went from offset %d to offset %d and left out the "+
			"acknowledged record at offset %d", p.key, from, to, p.ranks[a.rank])
		return text, inOrder(p.appendWitness(a), p.readWitness(r, records[1]))
	}}
}

// skipCause is what a poll that left a out shows first.
func (p *partition) skipCause(a *appended) kafka.Anomaly {
	if p.stands(a.value, a.rank) {
		return kafka.IntPollSkip
	}
	return p.cause(a.value, a.rank)
}
