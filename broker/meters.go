package broker

import (
	"maps"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model/kafka"
)

// Meters are what a broker has counted since it started and how it stands now: what Apache Kafka
// shows as metrics.
type Meters struct {
	Requests               map[string]int64 // by API
	Topics                 map[string]TopicMeter
	ISRShrinks, ISRExpands int64

	Connections int // accepted and open
	Serving     bool
	Controller  bool // this broker is it
	// Of the cluster, as the controller sees it; zero elsewhere.
	ClusterTopics, ClusterPartitions, OfflinePartitions int

	Replicas []ReplicaMeter // by partition
}

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

// ReplicaMeter is one replica on this broker.
type ReplicaMeter struct {
	TP                              kafka.TopicPartition
	Leading                         bool
	UnderReplicated, UnderMinISR    bool // of a leader
	LogStart, LogEnd, HighWatermark kafka.Offset
	Size                            int64 // bytes of its log
}

// meters is what a broker counts.
type meters struct {
	requests               []int64 // by key
	topics                 map[string]*TopicMeter
	isrShrinks, isrExpands int64
}

func newMeters() meters {
	return meters{
		requests: make([]int64, kmsg.MaxKey+1), topics: map[string]*TopicMeter{},
	}
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

// Meters is how the broker stands.
func (b *Broker) Meters() Meters {
	m := Meters{
		Requests: map[string]int64{}, Topics: map[string]TopicMeter{},
		ISRShrinks: b.meters.isrShrinks, ISRExpands: b.meters.isrExpands,
		Connections: len(b.conns), Serving: b.Serving(), Controller: b.IsController(),
	}
	for key, n := range b.meters.requests {
		if n > 0 {
			m.Requests[kmsg.NameForKey(int16(key))] = n
		}
	}
	for name := range maps.Keys(b.meters.topics) { //unordered: into a map
		m.Topics[name] = *b.meters.topics[name]
	}
	for _, p := range b.ordered {
		leading := p.role == roleLeader
		m.Replicas = append(m.Replicas, ReplicaMeter{
			TP: p.tp, Leading: leading,
			UnderReplicated: leading && len(p.isr.committed) < len(p.replicas),
			UnderMinISR:     leading && len(p.isr.committed) < p.minISR(),
			LogStart:        p.log.LogStart(), LogEnd: p.log.LogEnd(), HighWatermark: p.highWatermark,
			Size: p.log.Size(),
		})
	}
	if m.Controller {
		m.ClusterTopics, m.ClusterPartitions, m.OfflinePartitions = b.controller.Census()
	}
	return m
}
