package order

import (
	"cmp"
	"fmt"

	"sandcastle/model/kafka"
)

// IntNonmonotonicPoll finds operations whose polls returned a record and then one at or before its
// place (Jepsen's :int-nonmonotonic-poll).
func IntNonmonotonicPoll(logs []*Log, found func(Case)) {
	for _, l := range logs {
		l.jumps(func(j jump, from, to int32) {
			if to > from {
				return
			}
			cause := cmp.Or(l.Cause(l.at(j.from).Value, from), l.Cause(l.at(j.to).Value, to))
			found(Case{Cause: cause, Evidence: func() (string, []kafka.Witness) {
				text := fmt.Sprintf("one operation read offset %d of %s after offset %d: it went back",
					l.Offsets[to], l.Name, l.Offsets[from])
				return text, l.both(j)
			}})
		})
	}
}
