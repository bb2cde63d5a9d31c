package order

import (
	"cmp"
	"fmt"

	"sandcastle/model/kafka"
)

// NonmonotonicPoll finds consumers that read on at or before the place that they had come to
// (Jepsen's :nonmonotonic-poll).
func (c *Consumers) NonmonotonicPoll(logs []*Log, found func(Case)) {
	c.positions(logs, func(reader *consumer, l *Log, r reading, at *position) {
		first, rank := l.due(r)
		if at.next == Unknown || rank == Unknown || rank >= at.next {
			return
		}
		allowed := ""
		if reader.group && !c.RebalancesLogged {
			allowed = rebalances
		}
		was, cause := *at, l.Cause(l.at(first).Value, rank)
		if was.last.read >= 0 {
			cause = cmp.Or(cause, l.Cause(l.at(was.last).Value, was.next-1))
		}
		found(Case{Cause: cause, Allowed: allowed, Evidence: func() (string, []kafka.Witness) {
			text := fmt.Sprintf("%s %s, and then read offset %d of %s: it went back",
				who(c.History.At(int(r.op))), l.before(&was), l.Offsets[rank], l.Name)
			return text, []kafka.Witness{c.before(l, &was), l.witness(first)}
		}})
	})
}
