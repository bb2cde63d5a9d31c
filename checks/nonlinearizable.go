package checks

import (
	"fmt"

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
		before := t.count
		list, proofs := p.appends()
		p.conflicts(list, t)
		p.precedence(list, proofs, t)
		p.skips(list, t)
		if t.count == before {
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
		t.add(func() (string, []kafka.Witness) {
			text := fmt.Sprintf("two appends to %s both got offset %d: no order of the two explains that",
				p.key, p.ranks[a.rank])
			return text, inOrder(p.appendWitness(a), p.appendWitness(b))
		})
	}
}

// precedence walks from the end and keeps the earliest completion at the current rank or above. An
// append called after it had to get a higher rank.
func (p *partition) precedence(list []appended, proofs []proof, t *tally) {
	earliest := proof{at: model.Never}
	var rank, above int32 = -1, -1 // above: the rank of earliest
	for i := len(list) - 1; i >= 0; i-- {
		a := &list[i]
		if a.rank != rank {
			if rank = a.rank; proofs[rank].at < earliest.at {
				earliest, above = proofs[rank], rank
			}
		}
		if a.call <= earliest.at {
			continue
		}
		by, at := earliest, above
		t.add(func() (string, []kafka.Witness) {
			called := model.Time(a.call)
			text := fmt.Sprintf("offset %d of %s was known by %s, yet the record at offset %d was only "+
				"sent at %s", p.ranks[at], p.key, by.at, p.ranks[a.rank], called)
			return text, []kafka.Witness{p.proofWitness(by), p.appendWitness(a)}
		})
	}
}

// skips counts the polls whose records are out of order, or leave out acknowledged ones.
func (p *partition) skips(list []appended, t *tally) {
	acked := ackedBelow(list, len(p.ranks))
	for i := range p.reads {
		r := &p.reads[i]
		if !r.ok || r.rebalanced {
			continue
		}
		numbers := p.numbers(r)
		last, from := int32(-1), -1 // the rank before, and its record
		for j, rec := range r.records {
			if rec.Offset < 0 {
				continue
			}
			rank := p.rank(rec.Offset, numbers[j])
			if from >= 0 && (rank <= last || acked[rank] > acked[last+1]) {
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

// addSkip counts the jump between two records of r.
func (p *partition) addSkip(r *read, records [2]int, list []appended, t *tally) {
	t.add(func() (string, []kafka.Witness) {
		from, to := r.records[records[0]].Offset, r.records[records[1]].Offset
		reader := p.readWitness(r, records[1])
		if to <= from {
			text := fmt.Sprintf("one poll of %s returned offset %d after offset %d: a log is read in order",
				p.key, to, from)
			return text, []kafka.Witness{reader}
		}
		for i := range list {
			a := &list[i]
			if offset := p.ranks[a.rank]; a.acked && offset > from && offset < to {
				text := fmt.Sprintf("one poll of %s went from offset %d to offset %d and left out the "+
					"acknowledged record at offset %d", p.key, from, to, offset)
				return text, inOrder(p.appendWitness(a), reader)
			}
		}
		panic(fmt.Sprintf("checks: a skip from %d to %d over nothing", from, to))
	})
}
