package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// sendLeaderAndIsr sends v7. Its type stays 0: only a KRaft controller says whether a request is
// full or incremental (AbstractControlRequest.Type, 3.9).
func (b *requestBatch) sendLeaderAndIsr(out *model.Effects, to *liveBroker,
	list []*partition,
	isNew map[*partition]bool,
) {
	req := kmsg.NewPtrLeaderAndISRRequest()
	req.SetVersion(7)
	req.ControllerID, req.ControllerEpoch = int32(b.self), int32(b.cluster.epoch)
	req.BrokerEpoch = to.epoch
	leaders := map[kafka.BrokerID]bool{}
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			ts := kmsg.NewLeaderAndISRRequestTopicState()
			ts.Topic, ts.TopicID = p.tp.Topic, b.cluster.topics[p.tp.Topic].id
			req.TopicStates = append(req.TopicStates, ts)
		}
		leaders[p.state.Leader] = true
		ts := &req.TopicStates[len(req.TopicStates)-1]
		ts.PartitionStates = append(ts.PartitionStates, leaderAndIsrPartition(p, isNew[p]))
	}
	for _, broker := range b.cluster.brokers {
		if endpoint, ok := broker.Endpoint(b.queues.listener); ok && leaders[broker.ID] {
			leader := kmsg.NewLeaderAndISRRequestLiveLeader()
			leader.BrokerID, leader.Host, leader.Port = int32(broker.ID), endpoint.Host, endpoint.Port
			req.LiveLeaders = append(req.LiveLeaders, leader)
		}
	}
	topics := b.countUnanswered(list)
	b.queues.send(out, to.ID, req, func(out *model.Effects, resp kmsg.Response) {
		if answer, ok := resp.(*kmsg.LeaderAndISRResponse); ok {
			b.answers.onLeaderAndIsrAnswer(out, to.ID, answer)
		}
		b.countAnswered(out, topics)
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
func (b *requestBatch) sendUpdateMetadata(out *model.Effects, list []*partition,
	to map[kafka.BrokerID]bool,
) {
	var states []kmsg.UpdateMetadataRequestTopicState
	previous := ""
	for _, p := range list {
		t := b.cluster.topics[p.tp.Topic]
		if t == nil || !p.hasState() {
			continue
		}
		if len(states) == 0 || previous != t.name {
			ts := kmsg.NewUpdateMetadataRequestTopicState()
			ts.Topic, ts.TopicID = t.name, t.id
			states, previous = append(states, ts), t.name
		}
		ts := &states[len(states)-1]
		ts.PartitionStates = append(ts.PartitionStates, b.metadataPartition(t, p))
	}
	brokers := b.metadataBrokers()
	for _, broker := range b.cluster.brokers {
		if !to[broker.ID] {
			continue
		}
		req := kmsg.NewPtrUpdateMetadataRequest()
		req.SetVersion(8)
		req.ControllerID, req.ControllerEpoch = int32(b.self), int32(b.cluster.epoch)
		req.BrokerEpoch = broker.epoch
		req.TopicStates, req.LiveBrokers = states, brokers
		var topics []*topic
		if broker.ID == b.self {
			topics = b.countUnanswered(list)
		}
		b.queues.send(out, broker.ID, req,
			func(out *model.Effects, _ kmsg.Response) {
				b.countAnswered(out, topics)
			})
	}
}

func (b *requestBatch) metadataPartition(t *topic, p *partition,
) kmsg.UpdateMetadataRequestTopicPartition {
	ps := kmsg.NewUpdateMetadataRequestTopicPartition()
	ps.Partition = p.tp.Partition
	ps.ControllerEpoch = int32(p.state.ControllerEpoch)
	ps.Leader, ps.LeaderEpoch = int32(p.state.Leader), int32(p.state.LeaderEpoch)
	ps.ZKVersion = p.version
	if t.deletion != nil {
		ps.Leader, ps.LeaderEpoch, ps.ZKVersion = wire.LeaderDuringDelete, 0, 0
	}
	ps.ISR, ps.Replicas = wireIDs(p.state.ISR), wireIDs(p.assignment.Replicas)
	for _, id := range p.assignment.Replicas {
		if !b.cluster.online(p, id) {
			ps.OfflineReplicas = append(ps.OfflineReplicas, int32(id))
		}
	}
	return ps
}

func (b *requestBatch) metadataBrokers() []kmsg.UpdateMetadataRequestLiveBroker {
	protocols := []string{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"} // by SecurityProtocol.id
	var brokers []kmsg.UpdateMetadataRequestLiveBroker
	for _, broker := range b.cluster.brokers {
		lb := kmsg.NewUpdateMetadataRequestLiveBroker()
		lb.ID = int32(broker.ID)
		if broker.Rack != "" {
			lb.Rack = &broker.Rack
		}
		for _, e := range broker.Endpoints {
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
func (b *requestBatch) sendStopReplica(out *model.Effects, to *liveBroker,
	list []*partition,
	remove map[*partition]bool,
) {
	req := kmsg.NewPtrStopReplicaRequest()
	req.SetVersion(4)
	req.ControllerID, req.ControllerEpoch = int32(b.self), int32(b.cluster.epoch)
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
		if b.cluster.topics[p.tp.Topic].deletion != nil {
			ps.LeaderEpoch = wire.EpochDuringDelete
		}
		if remove[p] && b.cluster.topics[p.tp.Topic].deletion != nil {
			deleted = append(deleted, p) // replicas that only moved away nobody waits for
		}
		ts := &req.Topics[len(req.Topics)-1]
		ts.PartitionStates = append(ts.PartitionStates, ps)
	}
	b.queues.send(out, to.ID, req, func(out *model.Effects, resp kmsg.Response) {
		if answer, ok := resp.(*kmsg.StopReplicaResponse); ok {
			b.answers.onStopReplicaAnswer(out, to.ID, deleted, answer)
		}
	})
}

// countUnanswered counts one more request out for each topic of list.
func (b *requestBatch) countUnanswered(list []*partition) []*topic {
	var topics []*topic
	for _, p := range list {
		t := b.cluster.topics[p.tp.Topic]
		if t != nil && (len(topics) == 0 || topics[len(topics)-1] != t) {
			t.unanswered++
			topics = append(topics, t)
		}
	}
	return topics
}

// countAnswered ends what countUnanswered began.
func (b *requestBatch) countAnswered(out *model.Effects, topics []*topic) {
	for _, t := range topics {
		t.unanswered--
	}
	b.answers.onAnswered(out)
}

func wireIDs(ids []kafka.BrokerID) []int32 {
	list := make([]int32, len(ids))
	for i, id := range ids {
		list[i] = int32(id)
	}
	return list
}
