package order

import (
	"cmp"
	"fmt"

	"sandcastle/model/kafka"
)

// IntNonmonotonicSend finds operations of whose records, in one log, a later one stands at or
// before an earlier one (Jepsen's :int-nonmonotonic-send).
func IntNonmonotonicSend(logs []*Log, found func(Case)) {
	for _, l := range logs {
		l.pairs(func(a, b int32) {
			first, second := &l.Sends[a], &l.Sends[b]
			if second.Rank > first.Rank {
				return
			}
			cause := cmp.Or(l.Cause(first.Value, first.Rank), l.Cause(second.Value, second.Rank))
			found(Case{Cause: cause, Evidence: func() (string, []kafka.Witness) {
				text := fmt.Sprintf("one operation sent %q before %q; they stand at offsets %d and %d of %s",
					l.Tell.Value(first.Value), l.Tell.Value(second.Value), l.Offsets[first.Rank],
					l.Offsets[second.Rank], l.Name)
				return text, []kafka.Witness{l.Tell.Send(a), l.Tell.Send(b)}
			}})
		})
	}
}
