package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// unseen finds values that were acknowledged and never read by the end (Jepsen's :unseen), unless
// they are known to be lost. From the outside such a write cannot be told from one that readers
// have not come to yet, so runs end with reads of everything.
func unseen(parts []*partition, o Options, t *tally) {
	for _, p := range parts {
		bound := p.reached()
		done := make([]bool, len(p.values))
		for i := range p.sends {
			s := &p.sends[i]
			if done[s.value] || p.lost(s, bound) || !p.unread(s) {
				continue
			}
			done[s.value] = true
			t.add(func() (string, []kafka.Witness) {
				text := fmt.Sprintf("%s, and no poll had returned it when the history ended",
					p.toldOf(s, s.offset, o))
				return text, inOrder(p.sendWitness(s), p.lastRead())
			})
		}
	}
}

// unread says whether s was acknowledged and read by nobody.
func (p *partition) unread(s *send) bool {
	return s.outcome == endedOK && !p.values[s.value].seen && (s.offset < 0 || s.offset >= p.start)
}

// lastRead is the last ok poll that returned something from the partition.
func (p *partition) lastRead() kafka.Witness {
	for i := len(p.reads) - 1; i >= 0; i-- {
		if r := &p.reads[i]; r.ok && r.end > r.start {
			return p.readWitness(r, r.end-r.start-1)
		}
	}
	return kafka.Witness{}
}
