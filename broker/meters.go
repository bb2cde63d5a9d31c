package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/replica"
)

// Meters are what a broker has counted since it started and how it stands now: what Apache Kafka
// shows as metrics.
type Meters struct {
	Requests               map[string]int64 // by API
	Topics                 map[string]replica.TopicMeter
	ISRShrinks, ISRExpands int64

	Connections int // accepted and open
	Serving     bool
	Controller  bool // this broker is it
	// Of the cluster, as the controller sees it; zero elsewhere.
	ClusterTopics, ClusterPartitions, OfflinePartitions int

	Replicas []replica.Meter // by partition
}

// Meters is how the broker stands.
func (b *Broker) Meters() Meters {
	m := Meters{
		Requests: map[string]int64{}, Topics: b.replicas.TopicMeters(), Replicas: b.replicas.Meters(),
		Connections: len(b.conns), Serving: b.Serving(), Controller: b.IsController(),
	}
	m.ISRShrinks, m.ISRExpands = b.replicas.ISRChanges()
	for key, n := range b.requests {
		if n > 0 {
			m.Requests[kmsg.NameForKey(int16(key))] = n
		}
	}
	if m.Controller {
		m.ClusterTopics, m.ClusterPartitions, m.OfflinePartitions = b.controller.Census()
	}
	return m
}
