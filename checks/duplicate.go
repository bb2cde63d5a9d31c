package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// duplicate finds values that stand at more offsets than sends can have put them (Jepsen's
// :duplicate). Jepsen's values are unique; where a history sends one value twice, two places are
// right.
func duplicate(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		for n := range p.values {
			v := &p.values[n]
			if v.places <= max(1, v.sends-v.fails) {
				continue
			}
			t.add(func() (string, []kafka.Witness) {
				first, second := p.ranks[v.low], p.ranks[v.high]
				text := fmt.Sprintf("%q stands at offset %d and at offset %d of %s",
					v.text, first, second, p.key)
				if v.sends == 1 {
					text += ": one send was appended twice"
				}
				return text, inOrder(p.witness(first, int32(n)), p.witness(second, int32(n)))
			})
		}
	}
}
