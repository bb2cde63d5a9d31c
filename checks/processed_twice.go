package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// groupOffset is a record as a group sees it.
type groupOffset struct {
	group  string
	offset kafka.Offset
}

// processedTwice finds records that the application of one group was done with twice: at least once
// was more than once.
func processedTwice(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		first := map[groupOffset]*handling{}
		for i := range p.handled {
			h := &p.handled[i]
			if h.commit || !h.done {
				continue
			}
			at := groupOffset{h.group, h.offset}
			before := first[at]
			if before == nil {
				first[at] = h
				continue
			}
			t.add(func() (string, []kafka.Witness) {
				text := fmt.Sprintf("group %s processed the record at offset %d of %s twice", h.group, h.offset,
					p.key)
				return text, inOrder(p.handlingWitness(before), p.handlingWitness(h))
			})
		}
	}
}
