package logs

import (
	"fmt"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// BadCompactions checks what became of a log that was compacted. A record may be gone when a newer
// one of its key stands below what the cleaner looks at: the active segment and the high watermark.
// A tombstone that is the newest may be gone when delete.retention.ms has passed since it came, and
// not in the first round (KIP-534). What is younger than min.compaction.lag.ms stays. All else is
// as it was, at its offset, and of every producer that the log knows the last batch is there, if
// without records, since it tells the next sequence number (Cleaner.shouldRetainRecord, 3.9).
func (b *Book) BadCompactions(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		t := b.rules.of(r.TP.Topic)
		if c.before == nil || !t.compacts || b.part(r.TP).damaged {
			return
		}
		latest := latestClock{b.clocks.mostSince(0, now, r.Broker), b.clocks.latest(now)}
		for _, wrong := range []string{
			c.lostRecord(latest, t, r), c.lostSequence(latest.any, t, r), c.changedBatch(r),
		} {
			if wrong == "" {
				continue
			}
			list = append(list, Violation{
				Anomaly: kafka.BadCompaction, Identity: fmt.Sprint(r.TP, r.Broker),
				Explanation: fmt.Sprintf("what compaction left of %s on broker %d is wrong: %s", r.TP, r.Broker,
					wrong),
				Witnesses: []kafka.Witness{
					witness(now, r.Broker, fmt.Sprintf("%s: log start %d, high watermark "+
						"%d, log end %d", r.TP, r.LogStart, r.HighWatermark, r.LogEnd)),
				},
			})
		}
	})
	return list
}

// latestClock is the latest that the clock of a broker may have shown, and that of any: when a
// tombstone may go is written down by whoever leads.
type latestClock struct{ own, any model.Time }

// bound is the offset below which the cleaner may have removed records.
func (c *logCopy) bound(r *kafka.ReplicaView) kafka.Offset {
	r.Log.Describe(&c.state)
	bound := r.HighWatermark
	if n := len(c.state.Segments); n > 0 {
		bound = min(bound, c.state.Segments[n-1].Base)
	}
	return bound
}

// lostRecord says which record is wrongly gone, or has changed; "" for none.
func (c *logCopy) lostRecord(now latestClock, t *topicRules, r *kafka.ReplicaView) string {
	old, bound := c.before.records, c.bound(r)
	newest := map[uint64]kafka.Offset{} // by key, of what may have been compacted
	for i := range old {
		if x := &old[i]; x.at < bound {
			newest[x.key] = x.at
		}
	}
	for i := range c.records { // what came since the last look
		if x := &c.records[i]; x.at < bound {
			newest[x.key] = max(newest[x.key], x.at)
		}
	}
	rest := c.records
	for i := range old {
		x := &old[i]
		for len(rest) > 0 && rest[0].at < x.at {
			if rest[0].at >= max(old[0].at, c.start) {
				return fmt.Sprintf("a record stands at offset %d that was not there", rest[0].at)
			}
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0].at == x.at {
			if rest[0].sum != x.sum {
				return fmt.Sprintf("the record at offset %d has changed", x.at)
			}
			rest = rest[1:]
			continue
		}
		if x.at < r.LogStart {
			continue
		}
		if why := c.mayNotGo(now, t, x, bound, newest[x.key]); why != "" {
			return fmt.Sprintf("the record at offset %d is gone, but %s", x.at, why)
		}
	}
	return ""
}

// mayNotGo says why compaction may not have removed a record; "" if it may.
func (c *logCopy) mayNotGo(now latestClock, t *topicRules, x *record, bound, newest kafka.Offset,
) string {
	b, found := c.before.holding(x.at)
	lag := t.compactionLag.least // 0 holds nothing back, not even what is dated in the future
	switch {
	case x.at >= c.before.end:
		return ""
	case x.at >= bound:
		return fmt.Sprintf("the cleaner must not look beyond offset %d", bound)
	case found && lag > 0 && b.maxTime >= 0 && now.own.Millis()-b.maxTime < lag:
		return fmt.Sprintf("it is younger than min.compaction.lag.ms, %d", lag)
	case x.key == 0 || newest > x.at:
		return ""
	case !x.tombstone:
		return "it is the newest of its key"
	case now.any.Millis()-x.seen.Millis() < t.deleteRetention.least:
		return fmt.Sprintf("it is a tombstone that came less than delete.retention.ms ago, %d",
			t.deleteRetention.least)
	case found && c.before.cleanings == 1 && !c.before.passed(b, now.own):
		return "it is a tombstone of which no round before has said when it may go"
	}
	return ""
}

// passed tells whether the time has come from which on the tombstones of b may go.
func (h *held) passed(b *batch, now model.Time) bool {
	return b.flags&horizonBit != 0 && h.horizons[b.base] <= now.Millis()
}

// holding is the batch that holds an offset.
func (h *held) holding(at kafka.Offset) (*batch, bool) {
	i := sort.Search(len(h.batches), func(i int) bool { return h.batches[i].last >= at })
	if i == len(h.batches) || h.batches[i].base > at {
		return nil, false
	}
	return &h.batches[i], true
}

// lostSequence says of which producer the last batch is gone, "" for none.
func (c *logCopy) lostSequence(now model.Time, t *topicRules, r *kafka.ReplicaView) string {
	newest := map[int64]*batch{}
	for i := range c.before.batches {
		if x := &c.before.batches[i]; x.producer >= 0 && !x.control() {
			newest[x.producer] = x
		}
	}
	for i := range c.batches {
		x := &c.batches[i]
		old := newest[x.producer]
		if old != nil && x.last == old.last && x.pepoch == old.pepoch && x.sequence == old.sequence ||
			old != nil && x.last > old.last {
			delete(newest, x.producer)
		}
	}
	lost := ""
	at := kafka.NoOffset
	for id, x := range newest { //unordered: the last offset is the same in any order
		p := producer{last: x.last, maxTime: x.maxTime, sure: true}
		if x.last < c.before.end && x.last > at && p.mustBeKnown(r, now, t.producerExpiration) &&
			!c.before.restarted {
			at = x.last
			lost = fmt.Sprintf("the last batch of producer %d is gone: %s", id, x.describe())
		}
	}
	return lost
}

// changedBatch says which batch is not one that was there, or has other offsets; "" for none.
func (c *logCopy) changedBatch(r *kafka.ReplicaView) string {
	if r.LogEnd < c.before.end {
		return fmt.Sprintf("the log ends at offset %d, and ended at %d", r.LogEnd, c.before.end)
	}
	old := c.before.batches
	for i := range c.batches {
		x := &c.batches[i]
		for len(old) > 0 && old[0].last < x.last {
			old = old[1:]
		}
		if len(old) == 0 {
			return ""
		}
		if x.last < max(c.start, c.before.batches[0].base) {
			continue
		}
		if old[0].last != x.last || old[0].base != x.base || old[0].epoch != x.epoch ||
			old[0].producer != x.producer || old[0].sequence != x.sequence {
			return "it was " + old[0].describe() + " and is " + x.describe()
		}
	}
	return ""
}
