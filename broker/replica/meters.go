package replica

import "sandcastle/model/kafka"

// TopicMeter counts what clients and followers moved of one topic here.
type TopicMeter struct {
	Messages int64 // MessagesInPerSec
	BytesIn  int64 // BytesInPerSec
	// BytesOut went to consumers, ReplicationOut to followers (BytesOutPerSec,
	// ReplicationBytesOutPerSec).
	BytesOut, ReplicationOut int64
	// ReplicationIn came from leaders (ReplicationBytesInPerSec).
	ReplicationIn int64
}

// Meter is how one replica on this broker stands.
type Meter struct {
	TP                              kafka.TopicPartition
	Leading                         bool
	UnderReplicated, UnderMinISR    bool // of a leader
	LogStart, LogEnd, HighWatermark kafka.Offset
	Size                            int64 // bytes of its log
}

// meters are what the replicas of a broker count.
type meters struct {
	topics                 map[string]*TopicMeter
	isrShrinks, isrExpands int64
}

// topic returns the meter of a topic, which counts on when a replica of it comes again.
func (m *meters) topic(name string) *TopicMeter {
	t := m.topics[name]
	if t == nil {
		t = &TopicMeter{}
		m.topics[name] = t
	}
	return t
}

// Meters are how the replicas stand, by partition.
func (rs *Set) Meters() []Meter {
	list := make([]Meter, 0, len(rs.ordered))
	for _, p := range rs.ordered {
		leading := p.role == roleLeader
		list = append(list, Meter{
			TP: p.tp, Leading: leading,
			UnderReplicated: leading && len(p.isr.committed) < len(p.replicas),
			UnderMinISR:     leading && len(p.isr.committed) < p.minISR(),
			LogStart:        p.log.LogStart(), LogEnd: p.log.LogEnd(), HighWatermark: p.highWatermark,
			Size: p.log.Size(),
		})
	}
	return list
}

// TopicMeters are what was moved of each topic since the broker started.
func (rs *Set) TopicMeters() map[string]TopicMeter {
	topics := make(map[string]TopicMeter, len(rs.meters.topics))
	for name, m := range rs.meters.topics { //unordered: into a map
		topics[name] = *m
	}
	return topics
}

// ISRChanges counts how often an ISR shrank or grew here since the broker started.
func (rs *Set) ISRChanges() (shrinks, expands int64) {
	return rs.meters.isrShrinks, rs.meters.isrExpands
}
