package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// abortedRead finds values that an ok poll returned though every send of them had failed (Jepsen's
// :G1a, Adya's name for an aborted read).
func abortedRead(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		for n := range p.values {
			v := &p.values[n]
			if !v.seen || v.fails == 0 || v.fails < v.sends {
				continue
			}
			t.add(func() (string, []kafka.Witness) {
				text := fmt.Sprintf("the send of %q to %s failed for certain, and yet it was read",
					v.text, p.key)
				return text, inOrder(p.sendWitness(p.sender(int32(n))), p.firstRead(int32(n)))
			})
		}
	}
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
