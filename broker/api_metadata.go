// Metadata (key 3): v0–v12.
// Does: brokers with their racks, controller, all or named topics (by name, or by id from v12,
// KIP-516), leader epochs, auto-creation when the client allows it (v4) and
// auto.create.topics.enable is set; authorized operations (v8) when asked for, all of them.
// Does not: nothing is left out. State: metadata_cache.go, topic_creator.go.   Lessons: every one.

package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/controller"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func (b *Broker) handleMetadata(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.MetadataRequest)
	resp := kmsg.NewPtrMetadataResponse()
	if r.Version < 12 && namesByID(req) {
		refuseTopics(resp, req, wire.InvalidRequest)
		r.Reply(out, resp)
		return
	}
	for _, lb := range b.metadata.brokers {
		at, ok := lb.at(r.conn.listener)
		if !ok {
			continue
		}
		mb := kmsg.NewMetadataResponseBroker()
		mb.NodeID, mb.Host, mb.Port = int32(lb.id), at.host, at.port
		if lb.rack != "" {
			mb.Rack = &lb.rack
		}
		resp.Brokers = append(resp.Brokers, mb)
	}
	resp.ControllerID = int32(b.metadata.controller)
	clusterID := b.cfg.ClusterID
	resp.ClusterID = &clusterID
	// All topics: a null list, or in v0 an empty one.
	if req.Topics == nil || r.Version == 0 && len(req.Topics) == 0 {
		for _, name := range b.metadata.names {
			resp.Topics = append(resp.Topics, b.topicMetadata(name, r))
		}
		addOperations(resp, req)
		r.Reply(out, resp)
		return
	}
	mayCreate := b.cfg.AutoCreateTopics && (r.Version < 4 || req.AllowAutoTopicCreation)
	for _, t := range topicsNamed(req) {
		resp.Topics = append(resp.Topics, b.namedTopic(out, t, r, mayCreate))
	}
	addOperations(resp, req)
	r.Reply(out, resp)
}

// topicsNamed are the topics of a request, each once; of one that names topics by id those alone
// (KafkaApis.handleTopicMetadataRequest, 3.9).
func topicsNamed(req *kmsg.MetadataRequest) []*kmsg.MetadataRequestTopic {
	byID := slices.ContainsFunc(req.Topics, func(t kmsg.MetadataRequestTopic) bool {
		return t.TopicID != [16]byte{}
	})
	type key struct {
		id   [16]byte
		name string
	}
	seen := map[key]bool{}
	var once []*kmsg.MetadataRequestTopic
	for i := range req.Topics {
		t := &req.Topics[i]
		k := key{id: t.TopicID}
		if t.Topic != nil && !byID {
			k.name = *t.Topic
		}
		if seen[k] || byID && t.TopicID == [16]byte{} {
			continue
		}
		seen[k] = true
		once = append(once, t)
	}
	return once
}

// addOperations says what the client may do, if it asks: everything (KIP-430).
func addOperations(resp *kmsg.MetadataResponse, req *kmsg.MetadataRequest) {
	if req.IncludeClusterAuthorizedOperations {
		resp.AuthorizedOperations = wire.ClusterOperations
	}
	if req.IncludeTopicAuthorizedOperations {
		for i := range resp.Topics {
			resp.Topics[i].AuthorizedOperations = wire.TopicOperations
		}
	}
}

// namesByID tells whether a request names a topic by id or not at all. In v10 and v11 there are
// fields for it, but only the answer may use them (KafkaApis.handleTopicMetadataRequest, 3.9).
func namesByID(req *kmsg.MetadataRequest) bool {
	return slices.ContainsFunc(req.Topics, func(t kmsg.MetadataRequestTopic) bool {
		return t.Topic == nil || t.TopicID != [16]byte{}
	})
}

// refuseTopics answers each topic of a request with an error (MetadataRequest.getErrorResponse,
// 3.9).
func refuseTopics(resp *kmsg.MetadataResponse, req *kmsg.MetadataRequest, code wire.Code) {
	for i := range req.Topics {
		mt := kmsg.NewMetadataResponseTopic()
		mt.Topic, mt.TopicID, mt.ErrorCode = req.Topics[i].Topic, req.Topics[i].TopicID, int16(code)
		if mt.Topic == nil {
			mt.Topic = new(string)
		}
		resp.Topics = append(resp.Topics, mt)
	}
}

// namedTopic answers for one topic that the request names. A topic that is to be created on the way
// answers LEADER_NOT_AVAILABLE or UNKNOWN_TOPIC_OR_PARTITION, and the client asks again.
func (b *Broker) namedTopic(out *model.Effects, t *kmsg.MetadataRequestTopic,
	r *request, mayCreate bool,
) kmsg.MetadataResponseTopic {
	name := ""
	if t.Topic != nil && t.TopicID == [16]byte{} {
		name = *t.Topic
	} else {
		var known bool
		if name, known = b.metadata.TopicName(t.TopicID); !known {
			mt := kmsg.NewMetadataResponseTopic()
			mt.TopicID, mt.ErrorCode = t.TopicID, int16(wire.UnknownTopicID)
			return mt
		}
	}
	if b.metadata.topics[name] != nil {
		return b.topicMetadata(name, r)
	}
	mt := kmsg.NewMetadataResponseTopic()
	mt.Topic, mt.ErrorCode = &name, int16(wire.UnknownTopicOrPartition)
	if controller.InvalidTopicName(name) != "" ||
		mayCreate && b.metadata.collides(name) {
		mt.ErrorCode = int16(wire.InvalidTopicException)
	} else if mayCreate {
		b.creator.create(out, name)
		mt.ErrorCode = int16(wire.LeaderNotAvailable)
	}
	return mt
}

func (b *Broker) topicMetadata(name string, r *request) kmsg.MetadataResponseTopic {
	t := b.metadata.topics[name]
	mt := kmsg.NewMetadataResponseTopic()
	mt.Topic, mt.TopicID, mt.IsInternal = &name, t.id, name == kafka.OffsetsTopic
	for _, n := range t.partitions {
		pm := b.metadata.partitions[kafka.TopicPartition{Topic: name, Partition: n}]
		mp := kmsg.NewMetadataResponseTopicPartition()
		mp.Partition, mp.Leader, mp.LeaderEpoch = n, int32(pm.leader), int32(pm.epoch)
		mp.Replicas, mp.ISR, mp.OfflineReplicas = pm.replicas, pm.isr, pm.offline
		// A leader that this broker does not see alive is no leader to a client, nor is one that its
		// listener does not reach.
		lb, alive := b.metadata.broker(pm.leader)
		if !alive {
			mp.Leader, mp.ErrorCode = -1, int16(wire.LeaderNotAvailable)
		} else if _, reachable := lb.at(r.conn.listener); !reachable {
			mp.Leader, mp.ErrorCode = -1, int16(wire.LeaderNotAvailable)
			if r.Version >= 6 {
				mp.ErrorCode = int16(wire.ListenerNotFound)
			}
		}
		mt.Partitions = append(mt.Partitions, mp)
	}
	return mt
}
