package logs

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// OutOfBounds checks that log start, high watermark and log end of each replica stand in that
// order, that the log ends where its last batch does, that neither start nor high watermark goes
// back while a broker runs and does not truncate, and that no replica calls more committed than
// some leader did; and what brokers answer to DeleteRecords (Book.DeletedRecords).
func (b *Book) OutOfBounds(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	list = b.Heard(kafka.OutOfBounds)
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		if wrong := b.outOfBounds(c, r); wrong != "" {
			list = append(list, Violation{
				Anomaly:  kafka.OutOfBounds,
				Identity: fmt.Sprint(r.TP, r.Broker, wrong),
				Explanation: fmt.Sprintf("in the log of %s on broker %d, which goes from offset %d to %d with "+
					"its high watermark at %d, %s", r.TP, r.Broker, r.LogStart, r.LogEnd, r.HighWatermark,
					wrong),
				Witnesses: []kafka.Witness{
					witness(now, r.Broker, fmt.Sprintf("%s: log start %d, high watermark %d, log end %d", r.TP,
						r.LogStart, r.HighWatermark, r.LogEnd)),
				},
			})
		}
	})
	return list
}

func (b *Book) outOfBounds(c *logCopy, r *kafka.ReplicaView) string {
	known := c.looks > 1 && !c.restarted && !c.cut && !c.lossy
	end := r.LogStart
	if n := len(c.batches); n > 0 {
		end = max(end, c.batches[n-1].last+1)
	}
	switch p := b.part(r.TP); {
	case r.LogStart > r.HighWatermark:
		return "the log starts above the high watermark"
	case r.HighWatermark > r.LogEnd:
		return "the high watermark is above the log's end"
	case end != r.LogEnd && !p.damaged:
		return fmt.Sprintf("the last batch ends at offset %d", end)
	case known && r.LogStart < c.start:
		return fmt.Sprintf("the log start went back from %d", c.start)
	case known && r.HighWatermark < c.high:
		return fmt.Sprintf("the high watermark went back from %d", c.high)
	case r.HighWatermark > max(p.high, r.LogStart):
		return fmt.Sprintf("the high watermark is above that of every leader so far, %d", p.high)
	}
	return ""
}
