package controller

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// requestBatch gathers what brokers must know, so that one step of an event sends each broker at
// most one request of each kind (ControllerBrokerRequestBatch, 3.9). It names partitions only: what
// is sent is their state at flush.
type requestBatch struct {
	self    kafka.BrokerID
	cluster *cluster
	queues  *brokerQueues
	answers brokerAnswers
	gathered
}

// brokerAnswers handles what brokers answer.
type brokerAnswers interface {
	// onLeaderAndIsrAnswer handles the answer of the broker id to LeaderAndIsr.
	onLeaderAndIsrAnswer(out *model.Effects, id kafka.BrokerID,
		answer *kmsg.LeaderAndISRResponse)
	// onStopReplicaAnswer handles the answer of the broker id to StopReplica, which asked it to delete
	// its replicas of asked because their topics are being deleted.
	onStopReplicaAnswer(out *model.Effects, id kafka.BrokerID, asked []*partition,
		answer *kmsg.StopReplicaResponse)
	// onAnswered is called when fewer requests are out for some topics.
	onAnswered(out *model.Effects)
}

// gathered is the content of a batch.
type gathered struct {
	leaderAndIsr map[kafka.BrokerID]map[*partition]bool // to true when the replica is new
	stop         map[kafka.BrokerID]map[*partition]bool // to true when the replica is deleted
	metadata     map[*partition]bool                    // always true
	metadataTo   map[kafka.BrokerID]bool                // always true
	toAll        bool                                   // metadata goes to every live broker
}

// clear drops what was gathered and returns it.
func (b *requestBatch) clear() gathered {
	dropped := b.gathered
	b.gathered = gathered{
		leaderAndIsr: map[kafka.BrokerID]map[*partition]bool{},
		stop:         map[kafka.BrokerID]map[*partition]bool{},
		metadata:     map[*partition]bool{},
		metadataTo:   map[kafka.BrokerID]bool{},
	}
	return dropped
}

// addLeaderAndIsr is for brokers to get the leader and ISR of p; all brokers get them for their
// metadata caches.
func (b *requestBatch) addLeaderAndIsr(p *partition, brokers []kafka.BrokerID, isNew bool) {
	b.metadata[p], b.toAll = true, true
	for _, id := range brokers {
		b.put(b.leaderAndIsr, id, p, isNew)
	}
}

// addStopReplica has a broker stop, and perhaps delete, its replica of p.
func (b *requestBatch) addStopReplica(p *partition, id kafka.BrokerID, remove bool) {
	b.put(b.stop, id, p, remove)
}

func (b *requestBatch) put(m map[kafka.BrokerID]map[*partition]bool, id kafka.BrokerID,
	p *partition,
	flag bool,
) {
	if m[id] == nil {
		m[id] = map[*partition]bool{}
	}
	m[id][p] = m[id][p] || flag
}

// addUpdateMetadata is for brokers to get the live brokers, and what addPartitions names.
func (b *requestBatch) addUpdateMetadata(brokers []kafka.BrokerID) {
	for _, id := range brokers {
		b.metadataTo[id] = true
	}
}

// addPartitions puts partitions into the UpdateMetadata of this batch.
func (b *requestBatch) addPartitions(list []*partition) {
	for _, p := range list {
		b.metadata[p] = true
	}
}

// flush sends the batch: to each live broker LeaderAndIsr, then UpdateMetadata, then StopReplica
// (ControllerBrokerRequestBatch.sendRequestsToBrokers, 3.9).
func (b *requestBatch) flush(out *model.Effects) {
	g := b.clear()
	for _, broker := range b.cluster.brokers {
		if set := g.leaderAndIsr[broker.ID]; len(set) > 0 {
			b.sendLeaderAndIsr(out, broker, byPartition(set), set)
		}
	}
	if g.toAll {
		for _, broker := range b.cluster.brokers {
			g.metadataTo[broker.ID] = true
		}
	}
	if len(g.metadataTo) > 0 {
		b.sendUpdateMetadata(out, byPartition(g.metadata), g.metadataTo)
	}
	for _, broker := range b.cluster.brokers {
		if set := g.stop[broker.ID]; len(set) > 0 {
			b.sendStopReplica(out, broker, byPartition(set), set)
		}
	}
}

// sendStates sends every broker the states of list, if it is not empty.
func (b *requestBatch) sendStates(out *model.Effects, list []*partition) {
	if len(list) > 0 {
		b.addUpdateMetadata(b.cluster.liveIDs())
		b.addPartitions(list)
		b.flush(out)
	}
}

// byPartition returns the partitions of a set, sorted.
func byPartition(set map[*partition]bool) []*partition {
	return slices.SortedFunc(maps.Keys(set), comparePartitions)
}
