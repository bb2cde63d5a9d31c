package logs

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// careEvery is how often a log is looked at whole.
const careEvery = time.Second

// Sync brings the copies of a partition's replicas up to date. The checks are asked afterwards.
func (b *Book) Sync(now model.Time, replicas []kafka.ReplicaView) {
	b.now, b.shown = now, b.shown[:0]
	if len(replicas) == 0 {
		return
	}
	p, t := b.part(replicas[0].TP), b.rules.of(replicas[0].TP.Topic)
	seen := p.seen
	for i := range replicas {
		r := &replicas[i]
		if r.Log == nil {
			continue
		}
		if r.Leading {
			p.watched = true
			p.epoch, p.high = max(p.epoch, r.LeaderEpoch), max(p.high, r.HighWatermark)
		}
		p.ends[r.Broker] = max(p.ends[r.Broker], r.LogEnd)
		c := b.copyOf(r)
		c.sync(now, r, t.compacts)
		c.allow(b.deleters(p, c.looked, now), t, p, r)
		c.looked = now
		if p.damaged {
			p.allow(r.LogStart, r) // whatever has gone, the disk may have lost it
		} else if t.deletes {
			p.allowUnseen(seen, t, r)
		}
		p.seen = max(p.seen, c.end)
		if !c.idle {
			b.shown = append(b.shown, shownReplica{c, i})
		}
	}
}

// deleters is the latest that the clocks of brokers with the partition may have shown since a look:
// each deletes by its own, and the others follow whoever leads.
func (b *Book) deleters(p *part, since, now model.Time) model.Time {
	latest := now
	if len(b.clocks.of) > 0 {
		for id := range p.ends { //unordered: the largest is the same in any order
			latest = max(latest, b.clocks.mostSince(since, now, id))
		}
	}
	return latest
}

func (b *Book) copyOf(r *kafka.ReplicaView) *logCopy {
	key := replica{r.TP, r.Broker}
	c := b.copies[key]
	if c == nil {
		c = newCopy(key)
		b.copies[key] = c
		b.near.Forget()
	}
	return c
}

// sync reads what is new in the log.
func (c *logCopy) sync(now model.Time, r *kafka.ReplicaView, compacts bool) {
	c.looks++
	c.since, c.pending = c.pending, since{}
	c.start, c.high, c.led = c.shown.start, c.shown.high, c.shown.led
	before := c.shown
	c.shown = shown{r.LogStart, r.HighWatermark, kafka.NoEpoch}
	if r.Leading {
		c.shown.led = r.LeaderEpoch
	}
	if c.whole = now >= c.care; c.whole {
		c.care = now.Add(careEvery)
	}
	c.idle = !c.whole && c.shown == before && r.LogEnd == c.end && c.since == (since{})
	c.trim()
	c.before, c.malformed = nil, c.malformed[:0]
	c.fresh = len(c.batches)
	switch first := c.end == kafka.NoOffset; {
	case first || c.lossy || r.LogEnd == 0 && c.end > 0: // or it was deleted, and made anew
		c.forget(r)
		c.read(now, r, compacts)
		c.malformed = c.malformed[:0]
		c.fresh = len(c.batches) // nothing can be said of how it got there
		c.relearn(c.fresh)
		c.since = since{rolesDue: true, lossy: true}
	case c.restarted || c.cleanings > 0 || r.LogEnd < c.end:
		c.before = &held{c.batches, c.records, c.horizons, c.end, c.since}
		c.batches, c.records, c.horizons, c.end = nil, nil, nil, kafka.NoOffset
		c.read(now, r, compacts)
		c.recount()
		c.keepTimes()
		c.fresh = c.at(c.before.end)
		c.relearn(c.fresh)
		c.rolesDue = true
	case r.LogEnd > c.end:
		if r.LogStart > c.end { // all of it is gone, and it goes on further up
			c.end = r.LogStart
		}
		c.read(now, r, compacts)
	}
	c.gone = c.at(r.LogStart)
}

// forget makes the copy one of nothing.
func (c *logCopy) forget(r *kafka.ReplicaView) {
	c.batches, c.records, c.horizons, c.end, c.fresh = nil, nil, nil, kafka.NoOffset, 0
	c.start = r.LogStart
	c.recount()
	for id, p := range c.producers { //unordered: each is its own
		p.sure = false
		c.producers[id] = p
	}
}

// read takes over the batches from the copy's end on; all of them where it has none. What does not
// parse ends it: the check of broken batches says so.
func (c *logCopy) read(now model.Time, r *kafka.ReplicaView, compacts bool) {
	from := c.end
	if from == kafka.NoOffset {
		from = r.LogStart
	}
	end := from
	r.Log.EachBatch(from, func(raw []byte) bool {
		b, wrong := parse(raw, now)
		if wrong != "" {
			c.malformed = append(c.malformed, malformed{b.base, wrong})
		}
		c.batches = append(c.batches, b)
		c.total += int64(b.size)
		if b.flags&horizonBit != 0 && wrong == "" {
			if c.horizons == nil {
				c.horizons = map[kafka.Offset]int64{}
			}
			c.horizons[b.base] = horizonOf(raw)
		}
		end = b.last + 1
		return true
	})
	if compacts && end > from {
		r.Log.EachRecord(from, end, func(x kafka.RecordView) bool {
			rec := record{at: x.Offset, sum: x.Sum, tombstone: x.Value == nil, seen: now}
			if x.Key != nil {
				rec.key = model.Sum64(1, x.Key) | 1
			}
			c.records = append(c.records, rec)
			return true
		})
	}
	c.end = max(end, r.LogEnd)
}

// keepTimes gives what was there before the time at which it was seen first.
func (c *logCopy) keepTimes() {
	old := c.before.batches
	for i := range c.batches {
		b := &c.batches[i]
		for len(old) > 0 && old[0].last < b.last {
			old = old[1:]
		}
		if len(old) > 0 && old[0].last == b.last {
			b.seen = old[0].seen
		}
	}
	records := c.before.records
	for i := range c.records {
		x := &c.records[i]
		for len(records) > 0 && records[0].at < x.at {
			records = records[1:]
		}
		if len(records) > 0 && records[0].at == x.at {
			x.seen = records[0].seen
		}
	}
}

// each calls check with every replica of the look that is not as it was at the last, and its copy.
// These are the replicas of the last Sync.
func (b *Book) each(replicas []kafka.ReplicaView, check func(*logCopy, *kafka.ReplicaView)) {
	for _, x := range b.shown {
		check(x.c, &replicas[x.at])
	}
}

// describe says what a batch is.
func (b *batch) describe() string {
	text := fmt.Sprintf("offsets %d to %d of epoch %d, %d records", b.base, b.last, b.epoch, b.count)
	if b.producer >= 0 {
		text += fmt.Sprintf(", producer %d epoch %d sequence %d to %d", b.producer, b.pepoch, b.sequence,
			b.lastSequence())
	}
	return text
}
