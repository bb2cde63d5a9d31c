package checks

import (
	"cmp"
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// nonlinearizable finds partitions for which no order of the operations explains the answers, by
// the promises of kafka.PartitionLog. In a log the offset is the order, so three questions of
// linear cost decide, and with a better message than a search has:
//
//	conflicts   two appends at one offset
//	precedence  if A had returned before B was called, A's offset is the smaller; a record is not
//	            read before it is sent
//	skips       a poll returns records in order and leaves out none that was acknowledged
//
// Where they find nothing, Porcupine is asked as well, as an oracle that knows nothing of this
// file.
func nonlinearizable(parts []*partition, o Options, t *tally) {
	for _, p := range parts {
		before := t.total()
		list, proofs := p.appends()
		p.conflicts(list, t)
		p.precedence(list, proofs, t)
		p.skips(list, t)
		if t.total() == before {
			p.search(list, proofs, o, t)
		}
	}
}

// conflicts counts the appends beyond the first at each rank.
func (p *partition) conflicts(list []appended, t *tally) {
	for i := 1; i < len(list); i++ {
		a, b := &list[i-1], &list[i]
		if a.rank != b.rank {
			continue
		}
		t.addFrom(p.twice[a.rank], func() (string, []kafka.Witness) {
			text := fmt.Sprintf("two appends to %s both got offset %d: no order of the two explains that",
				p.key, p.ranks[a.rank])
			return text, inOrder(p.appendWitness(a), p.appendWitness(b))
		})
	}
}

// precedence walks from the end and keeps the earliest completion at the current rank or above.
// An append called after it had to get a higher rank. What was lost, or stood in its place, is
// followed apart: only what stands can contradict by itself.
func (p *partition) precedence(list []appended, proofs []proof, t *tally) {
	standing := p.standingProofs(list, proofs)
	all, own := earlier{by: proof{at: model.Never}}, earlier{by: proof{at: model.Never}}
	for i := len(list) - 1; i >= 0; i-- {
		a := &list[i]
		all.reach(a.rank, proofs)
		own.reach(a.rank, standing)
		switch {
		case a.call > own.by.at && p.stands(a.value, a.rank):
			t.add(p.sentLate(own, a))
		case a.call > all.by.at:
			t.addFrom(cmp.Or(p.cause(a.value, a.rank), p.cause(p.proven(all.by), all.rank)),
				p.sentLate(all, a))
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
		called := model.Time(a.call)
		text := fmt.Sprintf("offset %d of %s was known by %s, yet the record at offset %d was only "+
			"sent at %s", p.ranks[above.rank], p.key, above.by.at, p.ranks[a.rank], called)
		return text, []kafka.Witness{p.proofWitness(above.by), p.appendWitness(a)}
	}
}

// skips counts the polls whose records are out of order, or leave out acknowledged ones.
func (p *partition) skips(list []appended, t *tally) {
	acked := ackedBelow(list, len(p.ranks))
	standing, left := acked, list
	if p.suffered {
		left = p.standing(list)
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
				p.addSkip(r, [2]int{from, j}, left, t)
				break
			}
			if from >= 0 && acked[rank] > acked[last+1] {
				p.addSkip(r, [2]int{from, j}, list, t)
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

// addSkip counts the jump between two records of r, over appends of list.
func (p *partition) addSkip(r *read, records [2]int, list []appended, t *tally) {
	from, to := p.positions(r)[records[0]], p.positions(r)[records[1]]
	if to <= from {
		t.add(func() (string, []kafka.Witness) {
			text := fmt.Sprintf("one poll of %s returned offset %d after offset %d: a log is read in order",
				p.key, to, from)
			return text, []kafka.Witness{p.readWitness(r, records[1])}
		})
		return
	}
	at := slices.IndexFunc(list, func(a appended) bool {
		return a.acked && p.ranks[a.rank] > from && p.ranks[a.rank] < to
	})
	a := &list[at] // there is one, or the two ranks would not be so far apart
	t.addFrom(p.skipCause(a), func() (string, []kafka.Witness) {
		text := fmt.Sprintf("one poll of %s went from offset %d to offset %d and left out the "+
			"acknowledged record at offset %d", p.key, from, to, p.ranks[a.rank])
		return text, inOrder(p.appendWitness(a), p.readWitness(r, records[1]))
	})
}

// skipCause is why a poll left a out, "" when nothing excuses it.
func (p *partition) skipCause(a *appended) kafka.Anomaly {
	if p.stands(a.value, a.rank) {
		return ""
	}
	return p.cause(a.value, a.rank)
}
