package checks

import (
	"bytes"
	"fmt"
	"slices"

	"sandcastle/model"
)

// consumed is what consumers have read of a partition.
type consumed struct {
	records []consumedRecord // by offset
	// open are the offsets that the present leader was not yet asked about.
	open   []model.Offset
	leader model.BrokerID
	epoch  model.Epoch // of that leader
}

// consumedRecord is one record as it was first read.
type consumedRecord struct {
	offset model.Offset
	value  string
	op     int // the history line
	at     model.Time
	who    string
}

// consume remembers what a poll returned.
func (w *Watcher) consume(op *model.Op, tp model.TopicPartition, records []model.PolledRecord) {
	c := w.consumed[tp]
	if c == nil {
		c = &consumed{epoch: model.NoEpoch}
		w.consumed[tp] = c
	}
	for i := range records {
		r := consumedRecord{
			offset: records[i].Offset, value: records[i].Value, op: op.Index, at: op.Time,
			who: who(op),
		}
		at, known := slices.BinarySearchFunc(c.records, r.offset, compareConsumed)
		if r.offset >= 0 && !known {
			c.records = slices.Insert(c.records, at, r)
			c.open = append(c.open, r.offset)
		}
	}
}

func compareConsumed(r consumedRecord, o model.Offset) int { return int(r.offset - o) }

// inspectConsumed checks that what was read at an offset is still there on the leader
// (ConsistentReadProperty of kip_966_properties.tla), unless retention, DeleteRecords or compaction
// took it.
func (w *Watcher) inspectConsumed(v model.ClusterView, replicas []model.ReplicaView) []violation {
	c := w.consumed[replicas[0].TP]
	leader := currentLeader(v, replicas)
	if c == nil || leader == nil || leader.Values == nil || w.licensed(replicas) {
		return nil
	}
	if c.leader != leader.Broker || c.epoch != leader.LeaderEpoch {
		c.leader, c.epoch = leader.Broker, leader.LeaderEpoch
		c.open = c.open[:0]
		for i := range c.records {
			c.open = append(c.open, c.records[i].offset)
		}
	}
	if len(c.open) == 0 {
		return nil
	}
	slices.Sort(c.open)
	open := c.open
	c.open = c.open[:0]
	return c.compare(v.At, leader, open)
}

// compare looks the offsets up, which ascend, in the leader's log. The first that is wrong stands
// for all.
func (c *consumed) compare(now model.Time, leader *model.ReplicaView, open []model.Offset,
) (list []violation) {
	for len(open) > 0 && open[0] < leader.LogStart {
		open = open[1:]
	}
	if len(open) == 0 {
		return nil
	}
	leader.Values(open[0], open[len(open)-1]+1, func(at model.Offset, value []byte) bool {
		for len(open) > 0 && open[0] < at && leader.Compacted {
			open = open[1:]
		}
		if len(open) == 0 || open[0] > at {
			return len(open) > 0
		}
		i, _ := slices.BinarySearchFunc(c.records, at, compareConsumed)
		if open[0] < at || c.records[i].value != string(bytes.TrimRight(value, " ")) {
			return false
		}
		open = open[1:]
		return true
	})
	if len(open) == 0 || leader.Compacted && open[0] < leader.LogEnd {
		return nil
	}
	i, _ := slices.BinarySearchFunc(c.records, open[0], compareConsumed)
	r := &c.records[i]
	return []violation{{
		anomaly:  model.ConsistentRead,
		identity: fmt.Sprint(leader.TP, leader.Broker, leader.LeaderEpoch),
		explanation: fmt.Sprintf("%s read offset %d of %s; broker %d, which leads in epoch %d, does not "+
			"have that record there", r.who, r.offset, leader.TP, leader.Broker, leader.LeaderEpoch),
		witnesses: []model.Witness{
			{
				Op: r.op, At: r.at, Who: r.who,
				Text: fmt.Sprintf("poll %s → offset %d", leader.TP, r.offset),
			},
			batchWitness(now, leader, r.offset),
		},
	}}
}
