package checks

import (
	"cmp"
	"fmt"
	"slices"

	"sandcastle/model/kafka"
)

// nonmonotonicSend finds sends of one client to one partition of which the later got the lower
// offset (Jepsen's :nonmonotonic-send, there of one process). A producer with many sends open is
// one pipeline: the order of its invocations is the order that it asked for. A send is not out of
// order for standing in the place of one that was lost.
func nonmonotonicSend(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		for _, sends := range p.byClient() {
			var high, standing *send // the highest so far, and of those whose order must be right
			for _, s := range sends {
				stands := p.stands(s.value, p.rank(s.offset, s.value))
				before, cause := standing, kafka.Anomaly("")
				if !stands || before == nil || s.offset > before.offset {
					before, cause = high, p.eitherCause(high, s)
				}
				if before != nil && s.offset <= before.offset {
					t.addFrom(cause, p.outOfOrder(before, s))
				}
				if high == nil || s.offset > high.offset {
					high = s
				}
				if stands && (standing == nil || s.offset > standing.offset) {
					standing = s
				}
			}
		}
	}
}

// outOfOrder is the evidence that the send before got a higher offset than s.
func (p *partition) outOfOrder(before, s *send) evidence {
	return func() (string, []kafka.Witness) {
		text := fmt.Sprintf("%s sent %q before %q, and was told offsets %d and %d of %s",
			p.from(s.op).who, p.values[before.value].text, p.values[s.value].text, before.offset,
			s.offset, p.key)
		return text, []kafka.Witness{p.sendWitness(before), p.sendWitness(s)}
	}
}

// byClient are the sends whose offset the client was told, by client and then in the order of
// invocation.
func (p *partition) byClient() [][]*send {
	number := map[string]int{}
	var lists [][]*send
	for i := range p.sends {
		s := &p.sends[i]
		if s.outcome != endedOK || s.offset < 0 || s.invoke < 0 {
			continue
		}
		client := p.from(s.op).who
		n, known := number[client]
		if !known {
			n = len(lists)
			number[client] = n
			lists = append(lists, nil)
		}
		lists[n] = append(lists[n], s)
	}
	for _, sends := range lists {
		slices.SortFunc(sends, func(a, b *send) int { return cmp.Compare(a.invoke, b.invoke) })
	}
	return lists
}
