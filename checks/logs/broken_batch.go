package logs

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// BrokenBatches checks every batch that came into a log: CRC, count, offsets and timestamps are
// those of its records; it follows on the batch before it, without a gap where nothing was ever
// compacted; its leader epoch is not older than that of the batch before, and that of its leader.
func (b *Book) BrokenBatches(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		if c.fresh == len(c.batches) || b.part(r.TP).damaged {
			return
		}
		t := b.rules.of(r.TP.Topic)
		for i := c.fresh; i < len(c.batches); i++ {
			x := &c.batches[i]
			wrong, cause := b.misplaced(c, r, t, i)
			if len(c.malformed) > 0 && c.malformed[0].base == x.base {
				wrong, cause, c.malformed = c.malformed[0].why, "", c.malformed[1:]
			}
			if wrong != "" {
				list = append(list, Violation{
					Anomaly: kafka.BrokenBatch, Cause: cause, Identity: fmt.Sprint(r.TP, r.Broker, cause),
					Explanation: fmt.Sprintf("a batch of %s on broker %d (%s) is not as it must be: %s", r.TP,
						r.Broker, x.describe(), wrong),
					Witnesses: []kafka.Witness{witness(now, r.Broker, r.TP.String()+": "+x.describe())},
				})
			}
		}
	})
	return list
}

// misplaced says what is wrong with where batch i of a log stands, and what it follows from. Logs
// that have parted can come to hold the batches of an older epoch behind those of a newer.
func (b *Book) misplaced(c *logCopy, r *kafka.ReplicaView, t *topicRules, i int,
) (wrong string, cause kafka.Anomaly) {
	x := &c.batches[i]
	if i > 0 && x.epoch < c.batches[i-1].epoch {
		return fmt.Sprintf("the batch before it is of epoch %d", c.batches[i-1].epoch), kafka.LogMatching
	}
	return b.unfit(c, r, t, i), ""
}

// unfit says what is wrong with batch i of a log itself.
func (b *Book) unfit(c *logCopy, r *kafka.ReplicaView, t *topicRules, i int) string {
	x := &c.batches[i]
	if i > 0 {
		before := &c.batches[i-1]
		switch {
		case x.base <= before.last:
			return fmt.Sprintf("the batch before it reaches to offset %d", before.last)
		case x.base > before.last+1 && !t.compacts && !c.cut && x.base > r.LogStart:
			return fmt.Sprintf("the batch before it ends at offset %d: records are missing", before.last)
		}
	}
	switch newest := b.part(r.TP).epoch; {
	case x.epoch > newest && newest != kafka.NoEpoch:
		return fmt.Sprintf("nobody has led in its epoch yet, but in %d", newest)
	case c.led == r.LeaderEpoch && r.Leading && x.epoch != r.LeaderEpoch:
		return fmt.Sprintf("its leader appended it in epoch %d", r.LeaderEpoch)
	case int64(x.last-x.base)+1 != int64(x.count) && !t.compacts:
		return "it has not a record for each of its offsets"
	case x.flags&appendTimeBit != 0 && !t.appendTime:
		return "it has the time of its append, the topic that of its records"
	case x.flags&appendTimeBit == 0 && !t.createTime && !x.control():
		return "it has the times of its records, the topic that of the append"
	}
	return ""
}
