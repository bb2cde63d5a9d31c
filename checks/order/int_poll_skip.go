package order

import (
	"fmt"

	"sandcastle/model/kafka"
)

// IntPollSkip finds operations whose polls went past records that they had to return (Jepsen's
// :int-poll-skip, a poll skip that is internal to one operation). Operations of every outcome
// count: what Kafka gives to a transaction is sound, whatever becomes of it.
func IntPollSkip(logs []*Log, found func(Case)) {
	for _, l := range logs {
		l.jumps(func(j jump, from, to int32) {
			r := &l.Reads[j.to.read]
			n, cause := l.between(from+1, to, r)
			if n == 0 {
				return
			}
			found(Case{Cause: cause, Evidence: func() (string, []kafka.Witness) {
				text := fmt.Sprintf("one operation read offset %d and then offset %d of %s, and not %s",
					l.Offsets[from], l.Offsets[to], l.Name, l.passed(from+1, r, n))
				return text, l.both(j)
			}})
		})
	}
}

// both are the witnesses of a jump, one when both records are of one poll.
func (l *Log) both(j jump) []kafka.Witness {
	if j.from.read == j.to.read {
		return []kafka.Witness{l.witness(j.to)}
	}
	return []kafka.Witness{l.witness(j.from), l.witness(j.to)}
}
