// OffsetFetch (key 9): v0–v9.
// Does: all partitions of a group (v2+), several groups (v8+).
// Does not: v0's store in ZooKeeper; unstable offsets of transactions (v7+: none are ever pending);
// member epochs of KIP-848 groups (v9).
// State: offsets.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleOffsetFetch serves OffsetFetch.
func (c *Coordinator) HandleOffsetFetch(out *model.Effects,
	req *kmsg.OffsetFetchRequest, reply Reply,
) {
	c.outbox.enter()
	resp := kmsg.NewPtrOffsetFetchResponse()
	if req.Version >= 8 {
		for i := range req.Groups {
			resp.Groups = append(resp.Groups, c.fetchGroup(&req.Groups[i]))
		}
	} else {
		c.fetchOneGroup(req, resp)
	}
	c.outbox.answer(reply, resp)
	c.outbox.leave(out)
}

func (c *Coordinator) fetchGroup(req *kmsg.OffsetFetchRequestGroup) kmsg.OffsetFetchResponseGroup {
	resp := kmsg.NewOffsetFetchResponseGroup()
	resp.Group = req.Group
	if code := c.store.check(req.Group); code != wire.None {
		resp.ErrorCode = int16(code)
		return resp
	}
	g := c.store.groups[req.Group]
	if req.Topics == nil {
		resp.Topics = g.fetchAll()
		return resp
	}
	var places wire.Places // each is told once, however often it is named
	for i := range req.Topics {
		name := req.Topics[i].Topic
		at, known := places.Topic(name)
		if !known {
			topic := kmsg.NewOffsetFetchResponseGroupTopic()
			topic.Topic = name
			resp.Topics = append(resp.Topics, topic)
		}
		for _, p := range req.Topics[i].Partitions {
			tp := kafka.TopicPartition{Topic: name, Partition: p}
			if _, known := places.Partition(tp); !known {
				resp.Topics[at].Partitions = append(resp.Topics[at].Partitions, g.fetch(tp))
			}
		}
	}
	return resp
}

// fetchAll returns every committed offset, by topic and partition. A group that does not exist has
// none.
func (g *group) fetchAll() []kmsg.OffsetFetchResponseGroupTopic {
	var topics []kmsg.OffsetFetchResponseGroupTopic
	if g == nil {
		return nil
	}
	for _, tp := range g.sortedOffsets() {
		if n := len(topics); n == 0 || topics[n-1].Topic != tp.Topic {
			topic := kmsg.NewOffsetFetchResponseGroupTopic()
			topic.Topic = tp.Topic
			topics = append(topics, topic)
		}
		last := &topics[len(topics)-1]
		last.Partitions = append(last.Partitions, g.fetch(tp))
	}
	return topics
}

// fetch answers −1 for a partition without a committed offset, which is not an error.
func (g *group) fetch(tp kafka.TopicPartition) kmsg.OffsetFetchResponseGroupTopicPartition {
	p := kmsg.NewOffsetFetchResponseGroupTopicPartition()
	p.Partition, p.Offset, p.LeaderEpoch, p.Metadata = tp.Partition, -1, -1, new(string)
	if g == nil {
		return p
	}
	if at, ok := g.offsets[tp]; ok {
		p.Offset, p.LeaderEpoch, p.Metadata = at.offset, at.leaderEpoch, &at.metadata
	}
	return p
}

// fetchOneGroup serves v0–v7, which ask for one group. Before v2 an error stands with each
// partition.
func (c *Coordinator) fetchOneGroup(req *kmsg.OffsetFetchRequest, resp *kmsg.OffsetFetchResponse) {
	one := kmsg.OffsetFetchRequestGroup{Group: req.Group}
	if req.Topics != nil || req.Version < 2 {
		one.Topics = make([]kmsg.OffsetFetchRequestGroupTopic, len(req.Topics))
	}
	for i, t := range req.Topics {
		one.Topics[i].Topic, one.Topics[i].Partitions = t.Topic, t.Partitions
	}
	answer := c.fetchGroup(&one)
	if answer.ErrorCode != 0 && req.Version < 2 {
		for _, t := range one.Topics {
			answer.Topics = append(answer.Topics, failedTopic(t, answer.ErrorCode))
		}
	} else {
		resp.ErrorCode = answer.ErrorCode
	}
	for _, t := range answer.Topics {
		topic := kmsg.NewOffsetFetchResponseTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			topic.Partitions = append(topic.Partitions, kmsg.OffsetFetchResponseTopicPartition{
				Partition: p.Partition, Offset: p.Offset, LeaderEpoch: p.LeaderEpoch,
				Metadata: p.Metadata, ErrorCode: p.ErrorCode,
			})
		}
		resp.Topics = append(resp.Topics, topic)
	}
}

func failedTopic(req kmsg.OffsetFetchRequestGroupTopic, code int16,
) kmsg.OffsetFetchResponseGroupTopic {
	topic := kmsg.NewOffsetFetchResponseGroupTopic()
	topic.Topic = req.Topic
	for _, n := range req.Partitions {
		p := (*group)(nil).fetch(kafka.TopicPartition{Topic: req.Topic, Partition: n})
		p.ErrorCode = code
		topic.Partitions = append(topic.Partitions, p)
	}
	return topic
}
