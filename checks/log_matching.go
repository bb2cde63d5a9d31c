package checks

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// divergedLogs compares the logs of each two replicas of a partition, batch by batch, up to the
// smaller of their high watermarks (LogMatchingProperty of kip_966_properties.tla). Above it, logs
// may differ until the follower truncates. Followers store batches as the leader cut them, so whole
// batches are compared; replicas that compact each for itself cannot be compared so.
func divergedLogs(v *look, replicas []kafka.ReplicaView) (list []violation) {
	for i := range replicas {
		a := &replicas[i]
		for j := i + 1; j < len(replicas); j++ {
			b := &replicas[j]
			limit := min(a.HighWatermark, b.HighWatermark)
			if at := difference(a, b, limit); at >= 0 {
				list = append(list, violation{
					anomaly:  kafka.LogMatching,
					identity: fmt.Sprint(a.TP, a.Broker, b.Broker),
					explanation: fmt.Sprintf("brokers %d and %d differ in %s at offset %d, below both high "+
						"watermarks (%d and %d): what both call committed is not the same",
						a.Broker, b.Broker, a.TP, at, a.HighWatermark, b.HighWatermark),
					witnesses: []kafka.Witness{batchWitness(v.At, a, at), batchWitness(v.At, b, at)},
				})
			}
		}
	}
	return list
}

// difference is the first offset below limit at which the logs differ, −1 when there is none.
func difference(a, b *kafka.ReplicaView, limit kafka.Offset) kafka.Offset {
	if a.Compacted || b.Compacted {
		return -1
	}
	start := max(a.LogStart, b.LogStart)
	x, y := a.Batches[firstFrom(a, start):], b.Batches[firstFrom(b, start):]
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	at := limit
	if len(x) > 0 {
		at = min(at, max(x[0].Base, start))
	}
	if len(y) > 0 {
		at = min(at, max(y[0].Base, start))
	}
	if at < limit {
		return at
	}
	return -1
}

// firstFrom is the index of the first batch that ends at or after start.
func firstFrom(r *kafka.ReplicaView, start kafka.Offset) int {
	i, _ := slices.BinarySearchFunc(r.Batches, start, func(b kafka.BatchView, o kafka.Offset) int {
		if b.Last < o {
			return -1
		}
		return 1
	})
	return i
}

// batchWitness says what r holds at offset at.
func batchWitness(now model.Time, r *kafka.ReplicaView, at kafka.Offset) kafka.Witness {
	text := fmt.Sprintf("%s holds nothing at offset %d (log end %d, high watermark %d)", r.TP, at,
		r.LogEnd, r.HighWatermark)
	if i := firstFrom(r, at); i < len(r.Batches) && r.Batches[i].Base <= at {
		b := r.Batches[i]
		text = fmt.Sprintf("%s holds offsets %d to %d of epoch %d, contents %016x (high watermark %d)",
			r.TP, b.Base, b.Last, b.Epoch, b.Sum, r.HighWatermark)
	}
	return brokerWitness(now, r, text)
}

func brokerWitness(now model.Time, r *kafka.ReplicaView, text string) kafka.Witness {
	return kafka.Witness{Op: -1, At: now, Who: fmt.Sprintf("broker-%d", r.Broker), Text: text}
}
