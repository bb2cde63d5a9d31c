package checks

import (
	"fmt"
	"slices"

	"sandcastle/model/kafka"
)

// abortedRead finds values that an ok poll returned though every send of them had failed (Jepsen's
// :G1a, Adya's name for an aborted read). Consumers at read_uncommitted may see records of
// transactions that are aborted.
func abortedRead(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		for n := range p.values {
			v := &p.values[n]
			if !v.seen || v.fails == 0 || v.fails < v.sends {
				continue
			}
			allowed := ""
			if p.onlyUncommitted(int32(n)) {
				allowed = "every poll that returned it is at read_uncommitted, where open transactions are seen"
			}
			t.addAllowed(allowed, "", func() (string, []kafka.Witness) {
				text := fmt.Sprintf("the send of %q to %s failed for certain, and yet it was read",
					v.text, p.key)
				return text, inOrder(p.sendWitness(p.sender(int32(n))), p.firstRead(int32(n)))
			})
		}
	}
}

// onlyUncommitted tells whether transactions sent value v, and only polls that say so returned it
// at read_uncommitted.
func (p *partition) onlyUncommitted(v int32) bool {
	if p.op(p.sender(v).op).F != kafka.FTxn {
		return false
	}
	for i := range p.reads {
		r := &p.reads[i]
		if r.ok && slices.Contains(p.numbers(r), v) && p.op(r.op).Isolation != "read_uncommitted" {
			return false
		}
	}
	return true
}

// firstRead is the first ok poll that returned value v.
func (p *partition) firstRead(v int32) kafka.Witness {
	for i := range p.reads {
		for j, n := range p.numbers(&p.reads[i]) {
			if n == v && p.reads[i].ok {
				return p.readWitness(&p.reads[i], j)
			}
		}
	}
	return kafka.Witness{}
}
