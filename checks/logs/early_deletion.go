package logs

import (
	"fmt"
	"sort"
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
	if c.before != nil { // what it held may have gone before it was read anew
		c.allowHeld(now, t, p, r)
	}
	for c.deletable < len(c.batches) {
		x := &c.batches[c.deletable]
		if !t.mayGo(x, now, c.total-c.bytes-int64(x.size)) {
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
		p.allow(to, r)
	}
}

// allowHeld does so with what a log held before it was read anew, and what has come since.
func (c *logCopy) allowHeld(now model.Time, t *topicRules, p *part, r *kafka.ReplicaView) {
	var behind int64
	for i := c.fresh; i < len(c.batches); i++ {
		behind += int64(c.batches[i].size)
	}
	held := c.before.batches
	for i := range held {
		behind += int64(held[i].size)
	}
	for i := range held {
		if behind -= int64(held[i].size); !t.mayGo(&held[i], now, behind) {
			p.allow(held[i].base, r)
			return
		}
	}
	p.allow(c.before.end, r)
}

// allowUnseen allows a log to start behind everything that any copy of the partition had at the
// last look, up to seen: what came and went in between nobody has looked at. Nor is it known how
// many bytes came behind the others.
func (p *part) allowUnseen(seen kafka.Offset, t *topicRules, r *kafka.ReplicaView) {
	if r.LogStart > seen && (p.mayStartAt() >= seen && t.retentionMs.least != forever ||
		t.retentionBytes.least != forever) {
		p.allow(r.LogStart, r)
	}
}

// allow says that retention may have deleted all below an offset.
func (p *part) allow(to kafka.Offset, r *kafka.ReplicaView) {
	p.allowed = max(p.allowed, min(to, r.HighWatermark))
}

// mayGo tells whether retention may take a batch with so many bytes behind it.
func (t *topicRules) mayGo(b *batch, now model.Time, behind int64) bool {
	return b.older(now, t.retentionMs.least) || behind >= t.retentionBytes.least
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
		allowed := b.part(r.TP).mayStartAt()
		if r.LogStart <= max(c.start, allowed) || c.looks == 1 || c.lossy {
			return
		}
		batches := c.batches
		if c.before != nil {
			batches = c.before.batches
		}
		from := max(c.start, allowed)
		i := sort.Search(len(batches), func(i int) bool { return batches[i].last >= from })
		if i == len(batches) || batches[i].base >= r.LogStart {
			return
		}
		x, t := &batches[i], b.rules.of(r.TP.Topic)
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
