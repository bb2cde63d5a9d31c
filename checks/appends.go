package checks

import (
	"cmp"
	"math"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// appended is one append that is known to have taken effect, at a known rank: in the closed
// interval from partition.called to partition.returned.
type appended struct {
	rank  int32
	value int32
	send  int32 // in partition.sends, −1 when nobody recorded the send
	acked bool  // the client was told this offset
	ended bool  // it took effect before the send ended
}

// called is when an append began at the earliest; when nobody recorded the send, at any time.
func (p *partition) called(a *appended) model.Time {
	if a.send < 0 {
		return math.MinInt64
	}
	return p.sends[a.send].call
}

// returned is when an append had taken effect for certain, Never when nobody was told.
func (p *partition) returned(a *appended) model.Time {
	if !a.ended {
		return model.Never
	}
	return p.sends[a.send].ret
}

// proof is the earliest completion that shows that a rank was filled.
type proof struct {
	at     model.Time // Never when there is none
	send   int32      // in partition.sends, or −1 and then
	read   int32      // in partition.reads, with
	record int32      // the number of its record
}

// appends resolves what happened to every send, by the evidence of all reads: an unknown outcome is
// decided by whoever read the value, and is dropped when nobody did (then it cannot be told from
// one that never happened). The etcd robustness tests do the same before they search, and so must
// anyone: the cost of a search grows exponentially in the unknown outcomes, hardly in the length.
//
// What was appended though no operation says so (a record that stood there before the history
// began, or the second copy of a duplicate) is an append by somebody unrecorded, at any time:
// duplicate and G1a have names of their own.
//
// The list is in order of rank, then of value. proofs has one entry for each rank.
func (p *partition) appends() (list []appended, proofs []proof) {
	list = make([]appended, 0, len(p.slots))
	claimed := make([]bool, len(p.slots))
	for i := range p.sends {
		if s := &p.sends[i]; s.committed && s.offset >= 0 {
			at := p.slotOf(p.rank(s.offset, s.value), s.value)
			claimed[at] = true
			list = append(list, appended{
				p.slots[at].rank, s.value, int32(i), s.outcome == endedOK, true,
			})
		}
	}
	list = p.assignUnclaimed(list, claimed)
	slices.SortStableFunc(list, func(a, b appended) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.value, b.value))
	})
	return list, p.proofs(list, everything)
}

// slotOf is the index in slots of a value at a rank where it stands.
func (p *partition) slotOf(rank, value int32) int {
	if len(p.slots) == len(p.ranks) {
		return int(rank)
	}
	i, _ := slices.BinarySearchFunc(p.slots, slot{rank: rank, value: value}, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.value, b.value))
	})
	return i
}

// assignUnclaimed gives every slot that no send claims to a send of its value whose offset the
// client was not told, those that may have taken effect before those that failed, earlier ones
// before later ones; that is the order which contradicts least, since an earlier call excuses a
// lower rank. What is left over goes to nobody.
func (p *partition) assignUnclaimed(list []appended, claimed []bool) []appended {
	var free []int32 // slots, by value then by rank
	for i := range p.slots {
		if !claimed[i] {
			free = append(free, int32(i))
		}
	}
	if len(free) == 0 {
		return list
	}
	slices.SortStableFunc(free, func(a, b int32) int {
		return cmp.Compare(p.slots[a].value, p.slots[b].value)
	})
	unsure := p.unsure()
	for _, i := range free {
		s := p.slots[i]
		for len(unsure) > 0 && p.sends[unsure[0]].value < s.value {
			unsure = unsure[1:]
		}
		a := appended{rank: s.rank, value: s.value, send: -1}
		if len(unsure) > 0 && p.sends[unsure[0]].value == s.value {
			a.send = unsure[0]
			unsure = unsure[1:]
		}
		list = append(list, a)
	}
	return list
}

// unsure lists the sends without a known offset of values that stand somewhere, in the order in
// which assignUnclaimed takes them.
func (p *partition) unsure() (list []int32) {
	for i := range p.sends {
		s := &p.sends[i]
		if (s.offset < 0 || !s.committed) && p.values[s.value].places > 0 {
			list = append(list, int32(i))
		}
	}
	late := func(s *send) int {
		if s.outcome == endedFail {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(i, j int32) int {
		a, b := &p.sends[i], &p.sends[j]
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(late(a), late(b)),
			cmp.Compare(a.call, b.call))
	})
	return list
}

// everything lets every value at every rank count.
func everything(_, _ int32) bool { return true }

// proofs finds, for each rank, the earliest completion of an acknowledged send or an ok poll of a
// value that counts there.
func (p *partition) proofs(list []appended, counts func(value, rank int32) bool) []proof {
	proofs := make([]proof, len(p.ranks))
	for i := range proofs {
		proofs[i] = proof{at: model.Never, send: -1, read: -1}
	}
	for i := range list {
		a := &list[i]
		if ret := p.returned(a); a.acked && ret < proofs[a.rank].at && counts(a.value, a.rank) {
			proofs[a.rank] = proof{at: ret, send: a.send, read: -1}
		}
	}
	for i := range p.reads {
		r := &p.reads[i]
		numbers := p.numbers(r)
		for j, o := range p.positions(r) {
			if !r.ok || o < 0 {
				continue
			}
			rank := p.rank(o, numbers[j])
			if at := &proofs[rank]; r.ret < at.at && counts(numbers[j], rank) {
				*at = proof{at: r.ret, send: -1, read: int32(i), record: int32(j)}
			}
		}
	}
	return proofs
}

// appendWitness shows the append: the send, or whoever saw its record.
func (p *partition) appendWitness(a *appended) kafka.Witness {
	if a.send >= 0 {
		return p.sendWitness(&p.sends[a.send])
	}
	return p.witness(p.ranks[a.rank], a.value)
}

func (p *partition) proofWitness(by proof) kafka.Witness {
	if by.send >= 0 {
		return p.sendWitness(&p.sends[by.send])
	}
	return p.readWitness(&p.reads[by.read], int(by.record))
}
