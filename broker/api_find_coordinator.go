// FindCoordinator (key 10): v0–v6.
// Does: the leader of the group's partition of __consumer_offsets; creates that topic at the first
// call. Does not: coordinators of transactions and of share groups, which are
// COORDINATOR_NOT_AVAILABLE. State: metadata_cache.go, topic_creator.go.   Lessons: groups/*.

package broker

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The types of coordinator that Kafka 3.9 knows (FindCoordinatorRequest.CoordinatorType).
const (
	groupCoordinator       = 0
	transactionCoordinator = 1
	shareCoordinator       = 2
	// shareCoordinatorSince is the version of FindCoordinator that came with it (KIP-932).
	shareCoordinatorSince = 6
)

func (b *Broker) handleFindCoordinator(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.FindCoordinatorRequest)
	resp := kmsg.NewPtrFindCoordinatorResponse()
	keys := req.CoordinatorKeys
	if r.Version < 4 {
		keys = []string{req.CoordinatorKey}
	}
	for _, key := range keys {
		c := b.findCoordinator(out, r, key)
		resp.Coordinators = append(resp.Coordinators, c)
	}
	if r.Version < 4 {
		c := resp.Coordinators[0]
		resp.NodeID, resp.Host, resp.Port, resp.ErrorCode = c.NodeID, c.Host, c.Port, c.ErrorCode
		why := wire.Code(c.ErrorCode).String() // NONE too (FindCoordinatorResponse.prepareOldResponse)
		resp.ErrorMessage = &why
	}
	r.Reply(out, resp)
}

func (b *Broker) findCoordinator(out *model.Effects, r *request, key string,
) kmsg.FindCoordinatorResponseCoordinator {
	c := kmsg.NewFindCoordinatorResponseCoordinator()
	c.Key, c.NodeID, c.Port, c.ErrorMessage = key, -1, -1, new(string)
	switch kind := r.Body.(*kmsg.FindCoordinatorRequest).CoordinatorType; kind {
	case groupCoordinator:
	case transactionCoordinator:
		c.ErrorCode = int16(wire.CoordinatorNotAvailable)
		return c
	case shareCoordinator:
		if c.ErrorCode = int16(wire.CoordinatorNotAvailable); r.Version < shareCoordinatorSince {
			c.ErrorCode = int16(wire.InvalidRequest)
		}
		return c
	default:
		c.ErrorCode = int16(wire.InvalidRequest)
		why := fmt.Sprintf("there is no coordinator of type %d", kind)
		c.ErrorMessage = &why
		return c
	}
	c.ErrorCode = int16(wire.CoordinatorNotAvailable)
	t := b.metadata.topics[kafka.OffsetsTopic]
	if t == nil {
		b.creator.create(out, kafka.OffsetsTopic)
		return c
	}
	tp := kafka.TopicPartition{
		Topic: kafka.OffsetsTopic, Partition: group.PartitionFor(key, int32(len(t.partitions))),
	}
	if id, at, ok := b.metadata.leaderFor(tp, r.conn.listener); ok {
		c.NodeID, c.Host, c.Port, c.ErrorCode = int32(id), at.host, at.port, int16(wire.None)
	}
	return c
}
