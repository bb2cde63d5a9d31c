package checks

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// committed is what leaders of a partition have called committed, in the order in which they did,
// and how much of it each replica holds.
type committed struct {
	batches []kafka.BatchView
	end     kafka.Offset // one past the last committed record
	// holds is the offset up to which each broker agrees with batches, as it was last seen; a broker
	// that is down holds what it held.
	holds map[kafka.BrokerID]kafka.Offset
	// acked is one past the last record that a producer with acks=all was told is safe.
	acked kafka.Offset
	ack   acknowledgement
	// previous is what was committed before a leader that lacked some of it took over, as long as it
	// is open whether some broker still has it.
	previous []*committed
}

// acknowledgement is a send with acks=all that was told its offset.
type acknowledgement struct {
	op   int // the history line
	at   model.Time
	who  string
	send kafka.Mop
}

func (a *acknowledgement) witness() kafka.Witness {
	return kafka.Witness{
		Op: a.op, At: a.at, Who: a.who,
		Text: fmt.Sprintf("was told that %s holds %q at offset %d (acks=all)", a.send.Key,
			a.send.Value, a.send.Offset),
	}
}

// committedOf finds what is known of tp's committed records.
func (w *Watcher) committedOf(tp kafka.TopicPartition) *committed {
	c := w.committed[tp]
	if c == nil {
		c = &committed{holds: map[kafka.BrokerID]kafka.Offset{}}
		w.committed[tp] = c
	}
	return c
}

// compareCommitted brings up to date how much of what was committed each replica of a partition
// holds.
func (w *Watcher) compareCommitted(v *look, replicas []kafka.ReplicaView) []violation {
	c := w.committedOf(replicas[0].TP)
	for i := range replicas {
		r := &replicas[i]
		delete(w.started, r.Broker)
		c.compare(r)
		for _, previous := range c.previous {
			previous.compare(r)
		}
	}
	for id := range c.holds { //unordered: deleting some leaves the same rest in any order
		if slices.Contains(v.Running, id) && !w.started[id] && !has(replicas, id) {
			delete(c.holds, id) // its replica was taken away
		}
	}
	return nil
}

// commit takes what the leader of a partition commits for the truth from here on.
func (w *Watcher) commit(v *look, replicas []kafka.ReplicaView) []violation {
	c := w.committedOf(replicas[0].TP)
	if len(w.started) == 0 {
		c.previous = nil
	}
	leader := currentLeader(v, replicas)
	if leader == nil {
		return nil
	}
	if len(w.started) > 0 && c.holds[leader.Broker] < c.end && !leader.Compacted {
		c.previous = append(c.previous, c.copy())
	}
	c.commit(leader)
	for i := range replicas {
		r := &replicas[i]
		c.compare(r) // with what is committed now
		if len(c.previous) == 0 && slices.Contains(leader.ISR, r.Broker) {
			w.losses.regained(r.TP, leader.Broker, r.Broker, c.holds[r.Broker])
		}
	}
	return nil
}

// currentLeader is the replica that leads in the newest epoch, unless the metadata store has a
// newer leader yet; nil for none.
func currentLeader(v *look, replicas []kafka.ReplicaView) *kafka.ReplicaView {
	newest := newestEpoch(replicas)
	if state, known := v.States[replicas[0].TP]; known && newest < state.Epoch {
		return nil
	}
	for i := range replicas {
		if r := &replicas[i]; r.Leading && r.LeaderEpoch == newest {
			return r
		}
	}
	return nil
}

func has(replicas []kafka.ReplicaView, id kafka.BrokerID) bool {
	return slices.ContainsFunc(replicas, func(r kafka.ReplicaView) bool { return r.Broker == id })
}

// compare brings up to date how far r agrees with what is committed. Batches of r may be shown only
// from some offset on, below which it agreed when it was last looked at.
func (c *committed) compare(r *kafka.ReplicaView) {
	at, known := c.holds[r.Broker]
	if r.Compacted {
		c.holds[r.Broker] = r.LogEnd // contents cannot be compared
		return
	}
	if !known && len(r.Batches) > 0 {
		at = r.Batches[0].Base
	}
	at = max(r.LogStart, min(at, r.LogEnd))
	i := firstBatch(c.batches, at)
	j := firstBatch(r.Batches, at)
	for i < len(c.batches) && j < len(r.Batches) {
		if from := c.batches[i].Base; at < from {
			// What stood there was deleted before anybody looked. It is there again where a broker died
			// before it wrote down where its log starts: nothing is known of it.
			at = min(from, r.LogEnd)
			j = firstBatch(r.Batches, at)
			if at < from {
				break
			}
			continue
		}
		if c.batches[i] != r.Batches[j] {
			break
		}
		at = c.batches[i].Last + 1
		i++
		j++
	}
	if i == len(c.batches) && at < c.end && at == r.LogStart {
		at = min(c.end, r.LogStart) // all that is committed was deleted here by retention
	}
	c.holds[r.Broker] = at
}

// firstBatch is the index of the first batch that ends at or after offset.
func firstBatch(batches []kafka.BatchView, offset kafka.Offset) int {
	i, _ := slices.BinarySearchFunc(batches, offset, func(b kafka.BatchView, o kafka.Offset) int {
		if b.Last < o {
			return -1
		}
		return 1
	})
	return i
}

// commit takes over what leader has committed since. If it lacked something, that is gone, and was
// reported.
func (c *committed) commit(leader *kafka.ReplicaView) {
	if leader.Compacted {
		c.end = max(c.end, leader.HighWatermark)
		return
	}
	if at := c.holds[leader.Broker]; at < c.end {
		c.batches = c.batches[:firstBatch(c.batches, at)]
		c.end = at
		for id, held := range c.holds { //unordered: each key is its own
			c.holds[id] = min(held, at)
		}
	}
	for _, b := range leader.Batches[firstBatch(leader.Batches, c.end):] {
		if b.Last >= leader.HighWatermark {
			break
		}
		c.batches = append(c.batches, b)
		c.end = b.Last + 1
	}
	c.end = max(c.end, min(leader.LogStart, leader.HighWatermark))
	c.holds[leader.Broker] = max(c.holds[leader.Broker], c.end)
	c.acked = min(c.acked, c.end) // what was acknowledged and is gone was reported
}

// copy is what is committed as of now.
func (c *committed) copy() *committed {
	return &committed{batches: slices.Clone(c.batches), end: c.end, holds: maps.Clone(c.holds)}
}

// observeCommitted follows what changes what is committed, or who holds it, between two views.
func (w *Watcher) observeCommitted(line *kafka.TraceLine) []violation {
	switch n := &line.Note; n.Kind {
	case kafka.UncleanElected:
		delete(w.committed, n.TP())
	case kafka.TopicDeleted:
		maps.DeleteFunc(w.committed, func(tp kafka.TopicPartition, _ *committed) bool {
			return tp.Topic == n.Topic
		})
	case kafka.LogTruncated:
		w.observeTruncation(line)
	case kafka.NoNote:
		if startedNode(line) {
			w.observeStart(line.Node)
		}
	}
	return nil
}

// observeTruncation notes that a replica cut its log: what it appends from there on is compared
// anew.
func (w *Watcher) observeTruncation(line *kafka.TraceLine) {
	c := w.committed[line.Note.TP()]
	id, ok := brokerID(line.Node)
	if c == nil || !ok {
		return
	}
	for _, x := range append(slices.Clone(c.previous), c) {
		if held, known := x.holds[id]; known {
			x.holds[id] = min(held, line.Note.Offset)
		}
	}
}

// observeStart notes that a broker was started: what it holds is unknown until it is seen.
func (w *Watcher) observeStart(node model.NodeID) {
	id, ok := brokerID(node)
	if !ok {
		return
	}
	w.started[id] = true
	for _, c := range w.committed { //unordered: each is its own
		delete(c.holds, id)
		for _, previous := range c.previous {
			delete(previous.holds, id)
		}
	}
}

// brokerID reads the id off a node's name, "broker-<id>".
func brokerID(node model.NodeID) (kafka.BrokerID, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(string(node), "broker-"))
	return kafka.BrokerID(n), err == nil && strings.HasPrefix(string(node), "broker-")
}

// observeAcks remembers what was acknowledged.
func (w *Watcher) observeAcks(op *kafka.Op) {
	if op.Acks != "all" {
		return
	}
	for i := range op.Value {
		m := &op.Value[i]
		if m.F != kafka.FSend || m.Offset < 0 || w.remade[m.Key.Topic] {
			continue
		}
		if c := w.committedOf(m.Key); m.Offset >= c.acked {
			c.acked = m.Offset + 1
			c.ack = acknowledgement{op: op.Index, at: op.Time, who: who(op), send: *m}
		}
	}
}
