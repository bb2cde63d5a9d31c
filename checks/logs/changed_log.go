package logs

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ChangedLogs checks that a log that nothing was compacted in holds what it held: across a start of
// its broker too, for a process that dies takes nothing along that it wrote.
func (b *Book) ChangedLogs(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	list = b.Heard(kafka.ChangedLog)
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		if c.before == nil || b.rules.of(r.TP.Topic).compacts || b.part(r.TP).damaged {
			return
		}
		wrong, at := c.changed(r)
		if wrong == "" {
			return
		}
		list = append(list, Violation{
			Anomaly: kafka.ChangedLog, Identity: fmt.Sprint(r.TP, r.Broker, at),
			Explanation: fmt.Sprintf(
				"the log of %s on broker %d is not what it was, though no disk has lost "+
					"anything: %s",
				r.TP,
				r.Broker,
				wrong,
			),
			Witnesses: []kafka.Witness{
				witness(now, r.Broker, fmt.Sprintf("%s: log start %d, high watermark "+
					"%d, log end %d", r.TP, r.LogStart, r.HighWatermark, r.LogEnd)),
			},
		})
	})
	return list
}

// changed says in what a log that was read anew differs from what it held, "" for nothing.
func (c *logCopy) changed(r *kafka.ReplicaView) (string, kafka.Offset) {
	if r.LogEnd < c.before.end {
		return fmt.Sprintf("it ends at offset %d, and ended at %d", r.LogEnd, c.before.end), r.LogEnd
	}
	i := c.at(r.LogStart)
	for j := range c.before.batches {
		old := &c.before.batches[j]
		if old.last < r.LogStart {
			continue
		}
		for i < len(c.batches) && c.batches[i].last < old.base {
			i++ // it was hidden below the log start, or not deleted after all
		}
		if i == len(c.batches) || !c.batches[i].same(old) {
			return "it held " + old.describe(), old.base
		}
		i++
	}
	return "", 0
}
