package logs

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// UnrolledSegments checks that a segment is no longer than segment.bytes, and in a log that is not
// compacted spans no more than segment.ms from its first record on: what is in it could not be
// deleted in time (LogSegment.shouldRoll, 3.9).
func (b *Book) UnrolledSegments(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		if !c.whole || b.part(r.TP).damaged || r.TP.Topic == kafka.OffsetsTopic {
			return
		}
		r.Log.Describe(&c.state)
		t := b.rules.of(r.TP.Topic)
		for i, s := range c.state.Segments {
			next := r.LogEnd
			if i+1 < len(c.state.Segments) {
				next = c.state.Segments[i+1].Base
			}
			wrong := c.unrolled(t, s, next)
			if wrong == "" {
				continue
			}
			list = append(list, Violation{
				Anomaly: kafka.UnrolledSegment, Identity: fmt.Sprint(r.TP, r.Broker),
				Explanation: fmt.Sprintf("the segment of %s on broker %d that begins at offset %d %s", r.TP,
					r.Broker, s.Base, wrong),
				Witnesses: []kafka.Witness{
					witness(now, r.Broker, fmt.Sprintf("%s: segment from offset %d to %d "+
						"of %d bytes", r.TP, s.Base, next, s.Size)),
				},
			})
		}
	})
	return list
}

func (c *logCopy) unrolled(t *topicRules, s kafka.SegmentView, next kafka.Offset) string {
	if s.Size > t.segmentBytes.most {
		return fmt.Sprintf("has %d bytes, segment.bytes is %d", s.Size, t.segmentBytes.most)
	}
	i := c.at(s.Base)
	if t.compacts || i == len(c.batches) || c.batches[i].base != s.Base {
		return ""
	}
	first := c.batches[i].maxTime
	for ; i < len(c.batches) && c.batches[i].base < next; i++ {
		if x := &c.batches[i]; first >= 0 && x.maxTime-first > t.segmentMs.most {
			return fmt.Sprintf("spans %d ms, segment.ms is %d", x.maxTime-first, t.segmentMs.most)
		}
	}
	return ""
}
