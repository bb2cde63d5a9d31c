package checks

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// incomplete checks that the leader has every record that was ever committed, and every one that a
// producer with acks=all was told is safe (LeaderCompletenessProperty of kip_966_properties.tla).
func (w *Watcher) incomplete(v *look, replicas []kafka.ReplicaView) []violation {
	leader := currentLeader(v, replicas)
	if leader == nil {
		return nil
	}
	c := w.committedOf(leader.TP)
	at, end := c.holds[leader.Broker], c.end
	if at >= end { // what may be missing was acknowledged since the last look
		at, end = leader.LogEnd, c.acked
	}
	if w.allowedLoss(replicas, at, end) {
		return nil
	}
	return c.incomplete(v.At, leader)
}

func (c *committed) incomplete(now model.Time, leader *kafka.ReplicaView) []violation {
	at := c.holds[leader.Broker]
	if at < c.end {
		return []violation{{
			anomaly:  kafka.LeaderCompleteness,
			identity: fmt.Sprint(leader.TP, leader.Broker, leader.LeaderEpoch),
			explanation: fmt.Sprintf("broker %d leads %s in epoch %d, but what was committed at offset %d "+
				"is not in its log", leader.Broker, leader.TP, leader.LeaderEpoch, at),
			witnesses: []kafka.Witness{c.witness(now, leader.TP, at), batchWitness(now, leader, at)},
		}}
	}
	if c.acked > leader.LogEnd {
		return []violation{{
			anomaly:  kafka.LeaderCompleteness,
			identity: fmt.Sprint(leader.TP, leader.Broker, leader.LeaderEpoch),
			explanation: fmt.Sprintf("%s was told that its record is safe, but the log of broker %d, which "+
				"leads %s in epoch %d, ends at offset %d", c.ack.who, leader.Broker, leader.TP,
				leader.LeaderEpoch, leader.LogEnd),
			witnesses: []kafka.Witness{c.ack.witness(), batchWitness(now, leader, c.acked-1)},
		}}
	}
	return nil
}

// witness says what was committed at an offset.
func (c *committed) witness(now model.Time, tp kafka.TopicPartition, at kafka.Offset,
) kafka.Witness {
	text := fmt.Sprintf("%s: everything below offset %d was committed", tp, c.end)
	if i := firstBatch(c.batches, at); i < len(c.batches) {
		b := c.batches[i]
		text = fmt.Sprintf("%s: offsets %d to %d of epoch %d were committed, contents %016x", tp, b.Base,
			b.Last, b.Epoch, b.Sum)
	}
	return kafka.Witness{Op: -1, At: now, Who: "committed", Text: text}
}
