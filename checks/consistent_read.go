package checks

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// consumed is what consumers have read of a partition.
type consumed struct {
	runs []*consumedRun // by offset; they do not overlap
	// open are the runs that the present leader was not yet asked about.
	open   []*consumedRun
	leader kafka.BrokerID
	epoch  kafka.Epoch // of that leader
}

// observeConsumed drops what was read of a topic that was deleted, and of a partition that had an
// unclean election, by which an operator gives records up.
func (w *Watcher) observeConsumed(line *kafka.TraceLine) []violation {
	switch n := &line.Note; n.Kind {
	case kafka.UncleanElected:
		delete(w.consumed, n.TP())
	case kafka.TopicDeleted:
		w.remade[n.Topic] = true
		maps.DeleteFunc(w.consumed, func(tp kafka.TopicPartition, _ *consumed) bool {
			return tp.Topic == n.Topic
		})
	}
	return nil
}

// observePolls remembers what was read.
func (w *Watcher) observePolls(op *kafka.Op) {
	for i := range op.Value {
		m := &op.Value[i]
		if m.F != kafka.FPoll {
			continue
		}
		for _, polled := range m.Polled {
			if w.remade[polled.Key.Topic] {
				continue // a consumer may return what it fetched before the topic went
			}
			w.consume(op, polled.Key, polled.Records)
		}
	}
}

// consume remembers what a poll returned.
func (w *Watcher) consume(op *kafka.Op, tp kafka.TopicPartition, records []kafka.PolledRecord) {
	c := w.consumed[tp]
	if c == nil {
		c = &consumed{epoch: kafka.NoEpoch}
		w.consumed[tp] = c
	}
	for len(records) > 0 {
		at, known := c.find(records[0].Offset)
		if known || records[0].Offset < 0 {
			records = records[1:]
			continue
		}
		below := kafka.Offset(math.MaxInt64)
		if at < len(c.runs) {
			below = c.runs[at].first
		}
		n := 1
		for n < len(records) && records[n-1].Offset < records[n].Offset && records[n].Offset < below {
			n++
		}
		run := newConsumedRun(op, records[:n])
		c.runs = slices.Insert(c.runs, at, run)
		c.open = append(c.open, run)
		records = records[n:]
	}
}

// find returns the index of the first run that does not end below o, and whether o is in it.
func (c *consumed) find(o kafka.Offset) (at int, known bool) {
	at, _ = slices.BinarySearchFunc(c.runs, o, func(r *consumedRun, o kafka.Offset) int {
		if r.last < o {
			return -1
		}
		return 1
	})
	if at == len(c.runs) {
		return at, false
	}
	return at, c.runs[at].has(o)
}

// inspectConsumed checks that what was read at an offset is still there on the leader
// (ConsistentReadProperty of kip_966_properties.tla), unless retention, DeleteRecords or compaction
// took it, or disks may have lost that very record.
func (w *Watcher) inspectConsumed(v *look, replicas []kafka.ReplicaView) []violation {
	c := w.consumed[replicas[0].TP]
	leader := currentLeader(v, replicas)
	if c == nil || leader == nil || leader.Values == nil {
		return nil
	}
	if c.leader != leader.Broker || c.epoch != leader.LeaderEpoch {
		c.leader, c.epoch = leader.Broker, leader.LeaderEpoch
		c.open = append(c.open[:0], c.runs...)
	}
	if len(c.open) == 0 {
		return nil
	}
	slices.SortFunc(c.open, func(a, b *consumedRun) int {
		return cmp.Compare(a.first, b.first)
	})
	least := minISR(replicas)
	open := consumedCursor{runs: c.open, lost: func(at kafka.Offset) bool {
		return w.losses.allowed(leader.TP, at, least)
	}}
	open.passLost()
	found := open.compare(v.At, leader)
	c.open = append(c.open[:0], open.excused...) // what was lost may turn out to be there
	return found
}

// consumedCursor walks over records that were read, by offset.
type consumedCursor struct {
	runs []*consumedRun
	// records are what is left of the first run, nil where that is not unpacked yet.
	records []kafka.PolledRecord
	// lost tells of an offset whether its record may be gone; excused are the runs with such records.
	lost    func(kafka.Offset) bool
	excused []*consumedRun
}

// record is the one that the cursor stands on; nil behind the last one.
func (c *consumedCursor) record() *kafka.PolledRecord {
	if len(c.runs) == 0 {
		return nil
	}
	if len(c.records) == 0 {
		c.records = c.runs[0].records()
	}
	return &c.records[0]
}

func (c *consumedCursor) advance() {
	c.step()
	c.passLost()
}

func (c *consumedCursor) step() {
	if c.records = c.records[1:]; len(c.records) == 0 {
		c.runs = c.runs[1:]
	}
}

// passLost passes records that may be gone.
func (c *consumedCursor) passLost() {
	for r := c.record(); r != nil && c.lost(r.Offset); r = c.record() {
		if n := len(c.excused); n == 0 || c.excused[n-1] != c.runs[0] {
			c.excused = append(c.excused, c.runs[0])
		}
		c.step()
	}
}

// advanceTo passes what stands below o.
func (c *consumedCursor) advanceTo(o kafka.Offset) {
	for r := c.record(); r != nil && r.Offset < o; r = c.record() {
		c.advance()
	}
}

// compare looks the records up in the leader's log. The first that is wrong stands for all.
func (c *consumedCursor) compare(now model.Time, leader *kafka.ReplicaView) []violation {
	c.advanceTo(leader.LogStart)
	if len(c.runs) == 0 {
		return nil
	}
	end := c.runs[len(c.runs)-1].last + 1
	leader.Values(c.record().Offset, end, func(at kafka.Offset, value []byte) bool {
		if leader.Compacted {
			c.advanceTo(at)
		}
		r := c.record()
		if r == nil || r.Offset > at {
			return r != nil
		}
		if r.Offset < at || r.Value != string(bytes.TrimRight(value, " ")) {
			return false
		}
		c.advance()
		return true
	})
	r := c.record()
	if r == nil || leader.Compacted && r.Offset < leader.LogEnd {
		return nil
	}
	if leader.Damaged != nil {
		if first, to := leader.Damaged(r.Offset, r.Offset+1); first <= r.Offset && r.Offset < to {
			c.excused = append(c.excused, c.runs...)
			return nil
		}
	}
	run := c.runs[0]
	return []violation{{
		anomaly:  kafka.ConsistentRead,
		identity: fmt.Sprint(leader.TP, leader.Broker, leader.LeaderEpoch),
		explanation: fmt.Sprintf("%s read offset %d of %s; broker %d, which leads in epoch %d, does not "+
			"have that record there", run.who, r.Offset, leader.TP, leader.Broker, leader.LeaderEpoch),
		witnesses: []kafka.Witness{
			{
				Op: run.op, At: run.at, Who: run.who,
				Text: fmt.Sprintf("poll %s → offset %d", leader.TP, r.Offset),
			},
			batchWitness(now, leader, r.Offset),
		},
	}}
}
