package order

import (
	"fmt"

	"sandcastle/model/kafka"
)

// interleave says why records of others may stand between those of one operation.
const interleave = "Kafka lets the records of producers alternate, those of open transactions too"

// IntSendSkip finds operations between whose records, in one log, others stand (Jepsen's
// :int-send-skip). Kafka allows that.
func IntSendSkip(logs []*Log, found func(Case)) {
	for _, l := range logs {
		l.pairs(func(a, b int32) {
			from, to := l.Sends[a].Rank, l.Sends[b].Rank
			if to <= from+1 {
				return
			}
			found(Case{Allowed: interleave, Evidence: func() (string, []kafka.Witness) {
				text := fmt.Sprintf("one operation sent %q and then %q to %s, and between their offsets, %d "+
					"and %d, others stand", l.Tell.Value(l.Sends[a].Value), l.Tell.Value(l.Sends[b].Value),
					l.Name, l.Offsets[from], l.Offsets[to])
				return text, []kafka.Witness{l.Tell.Send(a), l.Tell.Send(b)}
			}})
		})
	}
}

// pairs calls f with every two sends of one operation that follow each other and whose ranks are
// known.
func (l *Log) pairs(f func(a, b int32)) {
	for i := 1; i < len(l.Sends); i++ {
		a, b := &l.Sends[i-1], &l.Sends[i]
		if a.Op == b.Op && a.Rank != Unknown && b.Rank != Unknown {
			f(int32(i-1), int32(i))
		}
	}
}
