// OffsetDelete (key 47): v0.
// Does: deletes offsets of a group without members, and of a consumer group those of topics that no
// member reads (KIP-496); answers when the log has the tombstones on every in-sync replica.
// Does not: answer before that (Kafka 3.9 does, see DeleteGroups).
// State: offsets.go, subscription.go, record.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleOffsetDelete serves OffsetDelete. The reply waits for the append.
func (c *Coordinator) HandleOffsetDelete(out *model.Effects,
	req *kmsg.OffsetDeleteRequest, reply Reply,
) {
	c.outbox.enter()
	c.offsetDelete(out, req, reply)
	c.outbox.leave(out)
}

func (c *Coordinator) offsetDelete(out *model.Effects,
	req *kmsg.OffsetDeleteRequest, reply Reply,
) {
	fail := func(code wire.Code) {
		resp := kmsg.NewPtrOffsetDeleteResponse()
		resp.ErrorCode = int16(code)
		c.outbox.answer(reply, resp)
	}
	code := c.store.checkNamed(req.Group)
	g := c.store.groups[req.Group]
	switch {
	case code != wire.None:
	case g == nil:
		code = wire.GroupIDNotFound
	case g.state != Empty && g.protocolType != consumerType:
		code = wire.NonEmptyGroup
	}
	if code != wire.None {
		fail(code)
		return
	}
	resp, records := c.commits.decideDelete(g, req)
	if len(records) == 0 {
		c.outbox.answer(reply, resp)
		return
	}
	c.store.append(out, g, records, func(out *model.Effects, code wire.Code) {
		c.store.maybeRemove(out, g)
		if code != wire.None {
			fail(commitError(code))
			return
		}
		c.outbox.answer(reply, resp)
	})
}

// decideDelete makes a tombstone of every offset that there is and that may be deleted. To
// delete one that is not there is not an error.
func (cs *commits) decideDelete(g *group, req *kmsg.OffsetDeleteRequest,
) (*kmsg.OffsetDeleteResponse, []Record) {
	var records []Record
	resp := kmsg.NewPtrOffsetDeleteResponse()
	var places wire.Places // what exists is told once, however often it is named
	for i := range req.Topics {
		name := req.Topics[i].Topic
		at, known := places.Topic(name)
		if !known {
			topic := kmsg.NewOffsetDeleteResponseTopic()
			topic.Topic = name
			resp.Topics = append(resp.Topics, topic)
		}
		topic := &resp.Topics[at]
		for _, asked := range req.Topics[i].Partitions {
			tp := kafka.TopicPartition{Topic: name, Partition: asked.Partition}
			if !cs.cfg.KnownPartition(tp) {
				places.Repeat(at)
			} else if _, known := places.Partition(tp); known {
				continue
			}
			part := kmsg.NewOffsetDeleteResponseTopicPartition()
			part.Partition = asked.Partition
			_, committed := g.offsets[tp]
			switch {
			case !cs.cfg.KnownPartition(tp):
				part.ErrorCode = int16(wire.UnknownTopicOrPartition)
			case g.state != Empty && g.reads.has(tp.Topic):
				part.ErrorCode = int16(wire.GroupSubscribedToTopic)
			default:
				g.dropInFlight([]kafka.TopicPartition{tp}, cs.store.appends)
				if committed {
					records = append(records, Record{Key: offsetKey(g.id, tp)})
				}
			}
			topic.Partitions = append(topic.Partitions, part)
		}
	}
	return resp, records
}
