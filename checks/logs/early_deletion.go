package logs

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// allow finds out up to where retention may have taken the partition's records by now. Segments go
// whole and oldest first, so a record may be gone only with all before it; each of these has to be
// older than retention.ms, or to have retention.bytes of log behind it
// (UnifiedLog.deleteOldSegments, 3.9).
func (c *logCopy) allow(now model.Time, t *topicRules, p *part, r *kafka.ReplicaView) {
	if !t.deletes {
		return
	}
	for c.deletable < len(c.batches) {
		x := &c.batches[c.deletable]
		behind := c.total - c.bytes - int64(x.size)
		if !x.older(now, t.retentionMs.least) && behind < t.retentionBytes.least {
			break
		}
		c.bytes += int64(x.size)
		c.deletable++
	}
	if c.deletable > 0 {
		to := c.end
		if c.deletable < len(c.batches) {
			to = c.batches[c.deletable].base
		}
		p.allowed = max(p.allowed, min(to, r.HighWatermark))
	}
}

// older tells whether the batch is older than so many milliseconds: by its largest timestamp, or
// where that is none by when it was written.
func (b *batch) older(now model.Time, millis int64) bool {
	written := b.maxTime
	if written < 0 {
		written = b.seen.Millis()
	}
	return millis != forever && now.Millis()-written > millis
}

// EarlyDeletions checks that a log starts no higher than the settings of its topic, time and the
// operators' DeleteRecords allow.
func (b *Book) EarlyDeletions(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		if r.LogStart <= c.start || c.looks == 1 || c.before != nil || c.lossy || b.wrongClocks {
			return
		}
		allowed := b.part(r.TP).mayStartAt()
		i := c.at(max(c.start, allowed))
		if i == len(c.batches) || c.batches[i].base >= r.LogStart || r.LogStart <= allowed {
			return
		}
		x, t := &c.batches[i], b.rules.of(r.TP.Topic)
		list = append(list, Violation{
			Anomaly: kafka.EarlyDeletion, Identity: fmt.Sprint(r.TP, r.Broker),
			Explanation: fmt.Sprintf(
				"broker %d deleted %s up to offset %d; by %s, retention.bytes and what "+
					"was asked of DeleteRecords only what is below offset %d may be gone",
				r.Broker,
				r.TP,
				r.LogStart,
				t.retention(),
				allowed,
			),
			Witnesses: []kafka.Witness{
				witness(x.seen, r.Broker, fmt.Sprintf("%s: %s, %d bytes, newest timestamp %d ms", r.TP,
					x.describe(), x.size, x.maxTime)),
				witness(now, r.Broker, fmt.Sprintf("%s: log start %d", r.TP, r.LogStart)),
			},
		})
	})
	return list
}

func (t *topicRules) retention() string {
	if !t.deletes {
		return "cleanup.policy, which is compact"
	}
	if t.retentionMs.least == forever {
		return "retention.ms, which is for ever"
	}
	return fmt.Sprintf("retention.ms, which is %v",
		time.Duration(t.retentionMs.least)*time.Millisecond)
}
