package controller

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// What UpdateMetadata says of a partition that is being deleted, and StopReplica instead of its
// epoch (LeaderAndIsr.LEADER_DURING_DELETE and EPOCH_DURING_DELETE, 3.9).
const (
	leaderDuringDelete = -2
	epochDuringDelete  = -2
)

// requestBatch gathers what brokers must be told, so that one step of an event sends each broker at
// most one request of each kind (ControllerBrokerRequestBatch, 3.9). It names partitions only: what
// is sent is their state at flush.
type requestBatch struct {
	leaderAndIsr map[kafka.BrokerID]map[*partition]bool // to true when the replica is new
	stop         map[kafka.BrokerID]map[*partition]bool // to true when the replica is deleted
	metadata     map[*partition]bool                    // always true
	metadataTo   map[kafka.BrokerID]bool                // always true
	toAll        bool                                   // metadata goes to every live broker
}

func newRequestBatch() requestBatch {
	return requestBatch{
		leaderAndIsr: map[kafka.BrokerID]map[*partition]bool{},
		stop:         map[kafka.BrokerID]map[*partition]bool{},
		metadata:     map[*partition]bool{},
		metadataTo:   map[kafka.BrokerID]bool{},
	}
}

// addLeaderAndIsr tells brokers of the partition's leader and ISR, and all brokers' metadata caches
// too.
func (b *requestBatch) addLeaderAndIsr(p *partition, brokers []kafka.BrokerID, isNew bool) {
	b.metadata[p], b.toAll = true, true
	for _, id := range brokers {
		b.put(b.leaderAndIsr, id, p, isNew)
	}
}

// addStopReplica tells brokers to stop, and perhaps to delete, their replica of p.
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

// addUpdateMetadata tells brokers of the live brokers, and of what addPartitions names.
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

// byPartition returns the partitions of a set, sorted.
func byPartition(set map[*partition]bool) []*partition {
	return slices.SortedFunc(maps.Keys(set), comparePartitions)
}

// flush sends the batch: to each live broker LeaderAndIsr, then UpdateMetadata, then StopReplica
// (ControllerBrokerRequestBatch.sendRequestsToBrokers, 3.9).
func (c *Controller) flush(out *model.Effects) {
	b := c.batch
	c.batch = newRequestBatch()
	for _, broker := range c.ctx.brokers {
		if set := b.leaderAndIsr[broker.ID]; len(set) > 0 {
			c.sendLeaderAndIsr(out, broker, byPartition(set), set)
		}
	}
	if b.toAll {
		b.addUpdateMetadata(c.ctx.liveIDs())
	}
	if len(b.metadataTo) > 0 {
		c.sendUpdateMetadata(out, byPartition(b.metadata), b.metadataTo)
	}
	for _, broker := range c.ctx.brokers {
		if set := b.stop[broker.ID]; len(set) > 0 {
			c.sendStopReplica(out, broker, byPartition(set), set)
		}
	}
}

// sendLeaderAndIsr sends v7. Its type stays 0: only a KRaft controller says whether a request is
// full or incremental (AbstractControlRequest.Type, 3.9).
func (c *Controller) sendLeaderAndIsr(out *model.Effects, to *liveBroker,
	list []*partition,
	isNew map[*partition]bool,
) {
	req := kmsg.NewPtrLeaderAndISRRequest()
	req.SetVersion(7)
	req.ControllerID, req.ControllerEpoch = int32(c.cfg.Self), int32(c.epoch)
	req.BrokerEpoch = to.epoch
	leaders := map[kafka.BrokerID]bool{}
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			ts := kmsg.NewLeaderAndISRRequestTopicState()
			ts.Topic, ts.TopicID = p.tp.Topic, c.ctx.topics[p.tp.Topic].id
			req.TopicStates = append(req.TopicStates, ts)
		}
		leaders[p.state.Leader] = true
		ts := &req.TopicStates[len(req.TopicStates)-1]
		ts.PartitionStates = append(ts.PartitionStates, leaderAndIsrPartition(p, isNew[p]))
	}
	for _, b := range c.ctx.brokers {
		if endpoint, ok := b.Endpoint(c.cfg.Listener); ok && leaders[b.ID] {
			leader := kmsg.NewLeaderAndISRRequestLiveLeader()
			leader.BrokerID, leader.Host, leader.Port = int32(b.ID), endpoint.Host, endpoint.Port
			req.LiveLeaders = append(req.LiveLeaders, leader)
		}
	}
	topics := c.countUnanswered(list)
	c.send(out, to.ID, req, func(out *model.Effects, resp kmsg.Response) {
		if answer, ok := resp.(*kmsg.LeaderAndISRResponse); ok {
			c.onLeaderAndIsrAnswer(out, to.ID, answer)
		}
		c.onAnswered(out, topics)
	})
}

func leaderAndIsrPartition(p *partition, isNew bool) kmsg.LeaderAndISRRequestTopicPartition {
	ps := kmsg.NewLeaderAndISRRequestTopicPartition()
	ps.Partition = p.tp.Partition
	ps.ControllerEpoch = int32(p.state.ControllerEpoch)
	ps.Leader, ps.LeaderEpoch = int32(p.state.Leader), int32(p.state.LeaderEpoch)
	ps.ISR, ps.ZKVersion = wireIDs(p.state.ISR), p.version
	ps.Replicas = wireIDs(p.assignment.Replicas)
	ps.AddingReplicas = wireIDs(p.assignment.Adding)
	ps.RemovingReplicas = wireIDs(p.assignment.Removing)
	ps.IsNew = isNew
	if p.state.Recovering {
		ps.LeaderRecoveryState = 1
	}
	return ps
}

// sendUpdateMetadata sends v8 with the same content to every broker of to that is alive.
func (c *Controller) sendUpdateMetadata(out *model.Effects, list []*partition,
	to map[kafka.BrokerID]bool,
) {
	var states []kmsg.UpdateMetadataRequestTopicState
	previous := ""
	for _, p := range list {
		t := c.ctx.topics[p.tp.Topic]
		if t == nil || !p.hasState() {
			continue
		}
		if len(states) == 0 || previous != t.name {
			ts := kmsg.NewUpdateMetadataRequestTopicState()
			ts.Topic, ts.TopicID = t.name, t.id
			states, previous = append(states, ts), t.name
		}
		ts := &states[len(states)-1]
		ts.PartitionStates = append(ts.PartitionStates, c.metadataPartition(t, p))
	}
	brokers := c.metadataBrokers()
	for _, b := range c.ctx.brokers {
		if !to[b.ID] {
			continue
		}
		req := kmsg.NewPtrUpdateMetadataRequest()
		req.SetVersion(8)
		req.ControllerID, req.ControllerEpoch = int32(c.cfg.Self), int32(c.epoch)
		req.BrokerEpoch = b.epoch
		req.TopicStates, req.LiveBrokers = states, brokers
		var topics []*topic
		if b.ID == c.cfg.Self {
			topics = c.countUnanswered(list)
		}
		c.send(out, b.ID, req, func(out *model.Effects, _ kmsg.Response) {
			c.onAnswered(out, topics)
		})
	}
}

func (c *Controller) metadataPartition(t *topic, p *partition,
) kmsg.UpdateMetadataRequestTopicPartition {
	ps := kmsg.NewUpdateMetadataRequestTopicPartition()
	ps.Partition = p.tp.Partition
	ps.ControllerEpoch = int32(p.state.ControllerEpoch)
	ps.Leader, ps.LeaderEpoch = int32(p.state.Leader), int32(p.state.LeaderEpoch)
	ps.ZKVersion = p.version
	if t.deletion != nil {
		ps.Leader, ps.LeaderEpoch, ps.ZKVersion = leaderDuringDelete, 0, 0
	}
	ps.ISR, ps.Replicas = wireIDs(p.state.ISR), wireIDs(p.assignment.Replicas)
	for _, id := range p.assignment.Replicas {
		if !c.ctx.online(p, id) {
			ps.OfflineReplicas = append(ps.OfflineReplicas, int32(id))
		}
	}
	return ps
}

func (c *Controller) metadataBrokers() []kmsg.UpdateMetadataRequestLiveBroker {
	protocols := []string{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"} // by SecurityProtocol.id
	var brokers []kmsg.UpdateMetadataRequestLiveBroker
	for _, b := range c.ctx.brokers {
		lb := kmsg.NewUpdateMetadataRequestLiveBroker()
		lb.ID = int32(b.ID)
		if b.Rack != "" {
			lb.Rack = &b.Rack
		}
		for _, e := range b.Endpoints {
			ep := kmsg.NewUpdateMetadataRequestLiveBrokerEndpoint()
			ep.Host, ep.Port, ep.ListenerName = e.Host, e.Port, e.Listener
			ep.SecurityProtocol = int16(slices.Index(protocols, e.Protocol))
			lb.Endpoints = append(lb.Endpoints, ep)
		}
		brokers = append(brokers, lb)
	}
	return brokers
}

// sendStopReplica sends v4.
func (c *Controller) sendStopReplica(out *model.Effects, to *liveBroker,
	list []*partition,
	remove map[*partition]bool,
) {
	req := kmsg.NewPtrStopReplicaRequest()
	req.SetVersion(4)
	req.ControllerID, req.ControllerEpoch = int32(c.cfg.Self), int32(c.epoch)
	req.BrokerEpoch = to.epoch
	var deleted []*partition
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			ts := kmsg.NewStopReplicaRequestTopic()
			ts.Topic = p.tp.Topic
			req.Topics = append(req.Topics, ts)
		}
		ps := kmsg.NewStopReplicaRequestTopicPartitionState()
		ps.Partition, ps.LeaderEpoch, ps.Delete = p.tp.Partition, int32(p.state.LeaderEpoch), remove[p]
		if c.ctx.topics[p.tp.Topic].deletion != nil {
			ps.LeaderEpoch = epochDuringDelete
		}
		if remove[p] && c.ctx.topics[p.tp.Topic].deletion != nil {
			deleted = append(deleted, p) // replicas that only moved away nobody waits for
		}
		ts := &req.Topics[len(req.Topics)-1]
		ts.PartitionStates = append(ts.PartitionStates, ps)
	}
	c.send(out, to.ID, req, func(out *model.Effects, resp kmsg.Response) {
		if answer, ok := resp.(*kmsg.StopReplicaResponse); ok {
			c.onStopReplicaAnswer(out, to.ID, deleted, answer)
		}
	})
}

// onLeaderAndIsrAnswer marks replicas whose disk has failed, and those whose disk is back
// (KafkaController.processLeaderAndIsrResponseReceived, 3.9). A broker that refuses because it
// knows a newer controller epoch is let be, as there: whether another was elected ZooKeeper says
// alone.
func (c *Controller) onLeaderAndIsrAnswer(out *model.Effects, id kafka.BrokerID,
	answer *kmsg.LeaderAndISRResponse,
) {
	if wire.Code(answer.ErrorCode) != wire.None {
		return
	}
	var failed []*partition
	for i := range answer.Topics {
		t := c.ctx.byID[answer.Topics[i].TopicID]
		if t == nil {
			continue
		}
		for _, ps := range answer.Topics[i].Partitions {
			p := c.ctx.partition(kafka.TopicPartition{Topic: t.name, Partition: ps.Partition})
			if p == nil {
				continue
			}
			known := slices.Contains(p.offlineDirs, id)
			switch {
			case !slices.Contains(p.assignment.Replicas, id): // it has moved away meanwhile
			case wire.Code(ps.ErrorCode) == wire.KafkaStorageError && !known:
				p.offlineDirs = append(p.offlineDirs, id)
				failed = append(failed, p)
			case wire.Code(ps.ErrorCode) == wire.None && known:
				p.offlineDirs = filter(p.offlineDirs, func(o kafka.BrokerID) bool { return o != id })
			}
		}
	}
	if len(failed) > 0 {
		c.enqueue(out, event{run: func(out *model.Effects) {
			there := slices.DeleteFunc(failed, func(p *partition) bool {
				return c.ctx.partition(p.tp) != p || !slices.Contains(p.assignment.Replicas, id)
			})
			c.onReplicasOffline(out, []deadBroker{{id, there}}, c.finish)
		}})
	}
}

// countUnanswered notes for each topic of list that one more request about it is out.
func (c *Controller) countUnanswered(list []*partition) []*topic {
	var topics []*topic
	for _, p := range list {
		t := c.ctx.topics[p.tp.Topic]
		if t != nil && (len(topics) == 0 || topics[len(topics)-1] != t) {
			t.unanswered++
			topics = append(topics, t)
		}
	}
	return topics
}

// onAnswered ends what countUnanswered began.
func (c *Controller) onAnswered(out *model.Effects, topics []*topic) {
	for _, t := range topics {
		t.unanswered--
	}
	c.checkWaiters(out)
}

func wireIDs(ids []kafka.BrokerID) []int32 {
	list := make([]int32, len(ids))
	for i, id := range ids {
		list[i] = int32(id)
	}
	return list
}

func filterNames(names []string, keep func(string) bool) []string {
	kept := make([]string, 0, len(names))
	for _, name := range names {
		if keep(name) {
			kept = append(kept, name)
		}
	}
	return kept
}
