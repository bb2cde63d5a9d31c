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
	leaders    map[kafka.TopicPartition]*leading
	last       kafka.TopicPartition // that was asked for, since neighbours are often of one
	lastLed    *leading             // leaders[last]
	ahead      kafka.Offset
}

// leading is who leads a partition, and its high watermark.
type leading struct {
	node model.NodeID
	mark kafka.Offset
}

// led is who leads a partition, nil if that is not known.
func (c *Notes) led(n *kafka.Note) *leading {
	if n.Topic != c.last.Topic || n.Partition != c.last.Partition {
		c.last = n.TP()
		c.lastLed = c.leaders[c.last]
	}
	return c.lastLed
}

type noteAt struct {
	kind kafka.NoteKind
	tp   kafka.TopicPartition
}

// NewNotes returns Notes that have seen nothing.
func NewNotes() Notes {
	return Notes{
		partitions: map[noteAt]int64{}, leaders: map[kafka.TopicPartition]*leading{},
	}
}

// Observe counts a note of node. Those that come with every record are counted by kind alone.
func (c *Notes) Observe(node model.NodeID, n *kafka.Note) {
	c.kinds[n.Kind]++
	switch n.Kind {
	case kafka.LogEnd:
		if l := c.led(n); l != nil && l.node == node {
			c.ahead = max(c.ahead, n.Offset-l.mark)
		}
	case kafka.HighWatermark:
		if l := c.led(n); l != nil && l.node == node {
			l.mark = n.Offset
		}
	case kafka.RecordsAcked:
	default:
		if n.Topic != "" {
			c.partitions[noteAt{n.Kind, n.TP()}]++
		}
	}
	if n.Kind == kafka.BecameLeader {
		c.leaders[n.TP()], c.last = &leading{node, n.Offset}, kafka.TopicPartition{}
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
