package measure

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Notes are the notes of a run, counted: by kind, by kind and partition, and how far leaders' logs
// were ahead of their high watermarks. The zero value is not ready; use NewNotes.
type Notes struct {
	kinds      [256]int64
	partitions map[noteAt]int64
	leaders    map[kafka.TopicPartition]model.NodeID
	marks      map[kafka.TopicPartition]kafka.Offset // of the leaders
	ahead      kafka.Offset
}

type noteAt struct {
	kind kafka.NoteKind
	tp   kafka.TopicPartition
}

// NewNotes returns Notes that have seen nothing.
func NewNotes() Notes {
	return Notes{
		partitions: map[noteAt]int64{}, leaders: map[kafka.TopicPartition]model.NodeID{},
		marks: map[kafka.TopicPartition]kafka.Offset{},
	}
}

// Observe counts a note of node. Those that come with every record are counted by kind alone.
func (c *Notes) Observe(node model.NodeID, n *kafka.Note) {
	c.kinds[n.Kind]++
	tp := n.TP()
	switch n.Kind {
	case kafka.LogEnd:
		if c.leaders[tp] == node {
			c.ahead = max(c.ahead, n.Offset-c.marks[tp])
		}
	case kafka.HighWatermark:
		if c.leaders[tp] == node {
			c.marks[tp] = n.Offset
		}
	case kafka.RecordsAcked:
	default:
		if n.Topic != "" {
			c.partitions[noteAt{n.Kind, tp}]++
		}
	}
	if n.Kind == kafka.BecameLeader {
		c.leaders[tp], c.marks[tp] = node, n.Offset
	}
}

// Add writes the counts into counters: "leader-elected", "leader-elected.orders-0", and
// "log.ahead.most" in records.
func (c *Notes) Add(counters map[string]int64) {
	for k, n := range c.kinds {
		if n > 0 {
			counters[kafka.NoteKind(k).String()] = n
		}
	}
	for at, n := range c.partitions { //unordered: it fills another map
		if at.tp.Topic != kafka.OffsetsTopic {
			counters[at.kind.String()+"."+at.tp.String()] = n
		}
	}
	counters["log.ahead.most"] = int64(c.ahead)
}
