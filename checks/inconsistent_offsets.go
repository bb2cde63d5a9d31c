package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// inconsistentOffsets finds offsets that held two values or more (Jepsen's :inconsistent-offsets).
// What counts are sends known to have taken effect, and all polls, whatever became of them.
func inconsistentOffsets(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		for i := 1; i < len(p.slots); i++ {
			a, b := p.slots[i-1], p.slots[i]
			if a.rank != b.rank || i > 1 && p.slots[i-2].rank == a.rank {
				continue
			}
			at := p.ranks[a.rank]
			t.addFrom(p.twice[a.rank], func() (string, []kafka.Witness) {
				text := fmt.Sprintf("offset %d of %s held both %q and %q, but an offset holds one record "+
					"for ever", at, p.key, p.values[a.value].text, p.values[b.value].text)
				return text, inOrder(p.witness(at, a.value), p.witness(at, b.value))
			})
		}
	}
}
