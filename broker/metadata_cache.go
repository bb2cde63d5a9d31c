package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/controller"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// metadataCache is what the controller last said of the whole cluster. Any broker answers Metadata
// from it, also with stale news.
type metadataCache struct {
	listener   string // by which brokers reach each other
	controller kafka.BrokerID
	brokers    []liveBroker // by id
	partitions map[kafka.TopicPartition]partitionMetadata
	topics     map[string]*topicMetadata
	names      []string            // of topics, sorted
	byID       map[[16]byte]string // names of topics
	unified    map[string]int      // how many topics have a name by controller.UnifiedName
	version    int64               // grows with every change
}

type liveBroker struct {
	id        kafka.BrokerID
	addresses []advertised // of its listeners, at least one
	addr      string       // host:port for other brokers
	rack      string       // "" for none
}

type topicMetadata struct {
	id         [16]byte
	partitions []int32 // ascending
}

type partitionMetadata struct {
	leader   kafka.BrokerID
	epoch    kafka.Epoch
	replicas []int32
	isr      []int32
	offline  []int32
}

func newMetadataCache(listener string) metadataCache {
	return metadataCache{
		listener: listener, controller: kafka.NoBroker,
		partitions: map[kafka.TopicPartition]partitionMetadata{},
		topics:     map[string]*topicMetadata{}, byID: map[[16]byte]string{},
		unified: map[string]int{},
	}
}

// apply takes over what an UpdateMetadata says and returns the partitions that it deletes.
func (m *metadataCache) apply(req *kmsg.UpdateMetadataRequest) (deleted []kafka.TopicPartition) {
	m.controller = kafka.BrokerID(req.ControllerID)
	m.version++
	m.brokers = m.brokers[:0]
	for i := range req.LiveBrokers {
		lb := &req.LiveBrokers[i]
		if len(lb.Endpoints) == 0 {
			continue
		}
		m.brokers = append(m.brokers, m.liveBroker(lb))
	}
	slices.SortFunc(m.brokers, func(a, b liveBroker) int { return int(a.id - b.id) })
	for i := range req.TopicStates {
		t := &req.TopicStates[i]
		for j := range t.PartitionStates {
			ps := &t.PartitionStates[j]
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: ps.Partition}
			if ps.Leader == wire.LeaderDuringDelete {
				m.remove(tp)
				deleted = append(deleted, tp)
				continue
			}
			m.put(tp, t.TopicID, partitionMetadata{
				leader: kafka.BrokerID(ps.Leader), epoch: kafka.Epoch(ps.LeaderEpoch),
				replicas: ps.Replicas, isr: ps.ISR, offline: ps.OfflineReplicas,
			})
		}
	}
	return deleted
}

// liveBroker reads what the controller says of one broker. A controller that does not know of
// listeners names one endpoint without a listener.
func (m *metadataCache) liveBroker(lb *kmsg.UpdateMetadataRequestLiveBroker) liveBroker {
	known := liveBroker{id: kafka.BrokerID(lb.ID)}
	if lb.Rack != nil {
		known.rack = *lb.Rack
	}
	for i := range lb.Endpoints {
		e := &lb.Endpoints[i]
		name := e.ListenerName
		if name == "" {
			name = m.listener
		}
		known.addresses = append(known.addresses, advertised{name, e.Host, e.Port})
		if name == m.listener || i == 0 {
			known.addr = model.JoinAddress(e.Host, e.Port)
		}
	}
	return known
}

func (m *metadataCache) put(tp kafka.TopicPartition, id [16]byte, pm partitionMetadata) {
	t := m.topics[tp.Topic]
	if t == nil {
		t = &topicMetadata{}
		m.topics[tp.Topic] = t
		at, _ := slices.BinarySearch(m.names, tp.Topic)
		m.names = slices.Insert(m.names, at, tp.Topic)
		m.unified[controller.UnifiedName(tp.Topic)]++
	}
	if t.id != id {
		delete(m.byID, t.id)
		t.id = id
		m.byID[id] = tp.Topic
	}
	if at, found := slices.BinarySearch(t.partitions, tp.Partition); !found {
		t.partitions = slices.Insert(t.partitions, at, tp.Partition)
	}
	m.partitions[tp] = pm
}

func (m *metadataCache) remove(tp kafka.TopicPartition) {
	delete(m.partitions, tp)
	t := m.topics[tp.Topic]
	if t == nil {
		return
	}
	t.partitions = slices.DeleteFunc(t.partitions, func(p int32) bool { return p == tp.Partition })
	if len(t.partitions) == 0 {
		delete(m.topics, tp.Topic)
		delete(m.byID, t.id)
		m.names = slices.DeleteFunc(m.names, func(name string) bool { return name == tp.Topic })
		if unified := controller.UnifiedName(tp.Topic); m.unified[unified] > 1 {
			m.unified[unified]--
		} else {
			delete(m.unified, unified)
		}
	}
}

// collides tells whether a topic that is not there has a name like one that is, for which it would
// be refused (Topic.hasCollision, 3.9).
func (m *metadataCache) collides(name string) bool {
	return m.topics[name] == nil && m.unified[controller.UnifiedName(name)] > 0
}

// TopicName implements replica.Cluster: it finds the topic with an id.
func (m *metadataCache) TopicName(id [16]byte) (string, bool) {
	name, ok := m.byID[id]
	return name, ok
}

// Has implements replica.Cluster.
func (m *metadataCache) Has(tp kafka.TopicPartition) bool {
	_, ok := m.partitions[tp]
	return ok
}

// Version implements replica.Cluster.
func (m *metadataCache) Version() int64 { return m.version }

func (m *metadataCache) broker(id kafka.BrokerID) (liveBroker, bool) {
	for _, lb := range m.brokers {
		if lb.id == id {
			return lb, true
		}
	}
	return liveBroker{}, false
}

// Address implements replica.Peers.
func (m *metadataCache) Address(id kafka.BrokerID) (string, bool) {
	lb, ok := m.broker(id)
	return lb.addr, ok
}

// Rack implements replica.Peers.
func (m *metadataCache) Rack(id kafka.BrokerID) (string, bool) {
	lb, ok := m.broker(id)
	return lb.rack, ok
}

// Controller implements replica.Peers.
func (m *metadataCache) Controller() kafka.BrokerID { return m.controller }

// controllerAddress is where the controller is reached; false when that is not known.
func (m *metadataCache) controllerAddress() (string, bool) { return m.Address(m.controller) }
