package logs

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// lateSegment is a first segment that ought to be gone.
type lateSegment struct {
	base  kafka.Offset
	next  kafka.Offset // where it ends: what is appended to it may have kept it in between
	since model.Time   // when that was seen first
	due   bool
}

// slack is how much later than twice the interval a deletion may come.
const slack = 2 * time.Second

// LateDeletions checks that what retention has to delete is deleted, within two rounds of
// log.retention.check.interval.ms: the oldest segment, when all of its records are older than
// retention.ms, or there is retention.bytes of log behind it, or it lies below the log start
// (LogManager.cleanupLogs, 3.9). Brokers that were disturbed have that time from then on.
func (b *Book) LateDeletions(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		t := b.rules.of(r.TP.Topic)
		if !t.only || !c.whole {
			return
		}
		why, base, next := c.overdue(b.clocks.shows(now, r.Broker), t, r)
		if why == "" || b.broker(r.Broker).down || c.restarted || c.lossy {
			c.late = lateSegment{}
			return
		}
		if !c.late.due || c.late.base != base || c.late.next != next {
			c.late = lateSegment{base: base, next: next, since: now, due: true}
			return
		}
		since := max(c.late.since, b.broker(r.Broker).calm.Add(b.rules.initialDelay()))
		if now.Sub(since) <= 2*t.checkInterval+slack {
			return
		}
		list = append(list, Violation{
			Anomaly: kafka.LateDeletion, Identity: fmt.Sprint(r.TP, r.Broker, base),
			Explanation: fmt.Sprintf(
				"broker %d still has the segment of %s that begins at offset %d, though "+
					"%s; it looks every %v",
				r.Broker,
				r.TP,
				base,
				why,
				t.checkInterval,
			),
			Witnesses: []kafka.Witness{
				witness(c.late.since, r.Broker, fmt.Sprintf("%s: the segment at offset %d is due to go", r.TP,
					base)),
				witness(now, r.Broker, fmt.Sprintf("%s: log start %d, high watermark %d", r.TP, r.LogStart,
					r.HighWatermark)),
			},
		})
	})
	return list
}

// overdue says why the first segment of a log must go, "" if it need not, and where it begins and
// ends.
func (c *logCopy) overdue(now model.Time, t *topicRules, r *kafka.ReplicaView,
) (why string, base, next kafka.Offset) {
	r.Log.Describe(&c.state)
	segments := c.state.Segments
	if len(segments) == 0 || segments[0].Size == 0 {
		return "", 0, 0
	}
	first := segments[0]
	next = r.LogEnd
	var size int64
	for _, s := range segments {
		size += s.Size
	}
	if len(segments) > 1 {
		next = segments[1].Base
	}
	old := len(c.batches) > 0 && c.batches[0].base < next
	for i := range c.batches {
		if x := &c.batches[i]; x.base < next {
			old = old && x.maxTime >= 0 && x.older(now, t.retentionMs.most)
		} else {
			break
		}
	}
	switch {
	case r.HighWatermark < next:
		return "", 0, 0
	case len(segments) > 1 && next <= r.LogStart:
		return "the log starts behind it", first.Base, next
	case len(segments) > 1 && t.retentionBytes.most != forever &&
		size-first.Size >= t.retentionBytes.most:
		return fmt.Sprintf("%d bytes are behind it and retention.bytes is %d", size-first.Size,
			t.retentionBytes.most), first.Base, next
	case old && r.LogStart <= first.Base:
		return fmt.Sprintf("all of its records are older than %v",
			time.Duration(t.retentionMs.most)*time.Millisecond), first.Base, next
	}
	return "", 0, 0
}
