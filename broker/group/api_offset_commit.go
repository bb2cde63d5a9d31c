// OffsetCommit (key 8): v0–v9.
// Does: commits of members and of consumers without a group; answers when the log has them on every
// in-sync replica; retention time (v2–v4); offset.metadata.max.bytes.
// Does not: v0's store in ZooKeeper (v0 goes to the log like the others); member epochs of KIP-848
// groups (v9).
// State: offsets.go, record.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleOffsetCommit serves OffsetCommit. The reply waits for the append.
func (c *Coordinator) HandleOffsetCommit(out *model.Effects,
	req *kmsg.OffsetCommitRequest, reply Reply,
) {
	c.outbox.enter()
	req.Topics = c.commits.once(req.Topics)
	c.offsetCommit(out, req, reply)
	c.outbox.leave(out)
}

func (c *Coordinator) offsetCommit(out *model.Effects,
	req *kmsg.OffsetCommitRequest, reply Reply,
) {
	code := c.store.check(req.Group) // the empty group id is good enough for offsets
	g := c.store.groups[req.Group]
	switch {
	case code != wire.None:
	case g != nil:
		code = g.checkCommit(req.MemberID, req.InstanceID, req.Generation)
	case req.Generation >= 0:
		code = wire.IllegalGeneration
	}
	refused := c.commits.refusals(req)
	if code != wire.None || len(req.Topics) == 0 {
		c.outbox.answer(reply, response(req, code, refused))
		return
	}
	if g == nil {
		g = c.store.newGroup(out.Wall, req.Group)
		c.armExpiry(out)
	}
	if m := g.byID[req.MemberID]; m != nil {
		c.rebalancer.keepAlive(out, g, m)
	}
	records, notes := decide(out.Wall, g, req, refused)
	if len(records) == 0 {
		c.outbox.answer(reply, response(req, wire.None, refused))
		return
	}
	c.store.append(out, g, records, func(out *model.Effects, code wire.Code) {
		if code == wire.None && g.state != Dead {
			for _, n := range notes {
				kafka.AddNote(out, n)
			}
		}
		c.outbox.answer(reply, response(req, commitError(code), refused))
	})
}

// once are the topics of a commit, each once; of a partition that is named more than once the last
// offset counts, and one that does not exist is told as often as it is named
// (KafkaApis.handleOffsetCommitRequest, 3.9).
func (cs *commits) once(topics []kmsg.OffsetCommitRequestTopic) []kmsg.OffsetCommitRequestTopic {
	if len(topics) == 1 && len(topics[0].Partitions) == 1 {
		return topics
	}
	var places wire.Places
	var once []kmsg.OffsetCommitRequestTopic
	for i := range topics {
		t := &topics[i]
		at, known := places.Topic(t.Topic)
		if !known {
			once = append(once, kmsg.OffsetCommitRequestTopic{Topic: t.Topic})
		}
		for _, part := range t.Partitions {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			if !cs.cfg.KnownPartition(tp) {
				places.Repeat(at)
			} else if in, known := places.Partition(tp); known {
				once[at].Partitions[in] = part
				continue
			}
			once[at].Partitions = append(once[at].Partitions, part)
		}
	}
	return once
}

// decide makes a record and a note of every offset that was not refused.
func decide(now model.Time, g *group, req *kmsg.OffsetCommitRequest, refused refusals,
) ([]Record, []kafka.Note) {
	var records []Record
	var notes []kafka.Note
	for i := range req.Topics {
		topic := &req.Topics[i]
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			if refused.of(i, j) != wire.None {
				continue
			}
			tp := kafka.TopicPartition{Topic: topic.Topic, Partition: p.Partition}
			at := commit{
				offset: p.Offset, leaderEpoch: -1, metadata: text(p.Metadata),
				millis: now.Millis(), expires: -1,
			}
			if req.Version >= 6 {
				at.leaderEpoch = p.LeaderEpoch
			}
			if req.Version == 1 && p.Timestamp >= 0 {
				at.millis = p.Timestamp
			}
			if req.Version >= 2 && req.Version <= 4 && req.RetentionTimeMillis >= 0 {
				at.expires = at.millis + min(req.RetentionTimeMillis, 1<<53)
			}
			records = append(records, offsetRecord(g.id, tp, at))
			n := g.note(kafka.OffsetCommitted, req.MemberID, "")
			n.Topic, n.Partition, n.Offset = tp.Topic, tp.Partition, kafka.Offset(p.Offset)
			notes = append(notes, n)
		}
	}
	return records, notes
}

// refuse says what is wrong with one partition of a commit whatever the group thinks.
func (cs *commits) refuse(topic string, p *kmsg.OffsetCommitRequestTopicPartition,
) wire.Code {
	switch {
	case !cs.cfg.KnownPartition(kafka.TopicPartition{Topic: topic, Partition: p.Partition}):
		return wire.UnknownTopicOrPartition
	case !cs.metadataFits(text(p.Metadata)):
		return wire.OffsetMetadataTooLarge
	default:
		return wire.None
	}
}

// refusals says what is wrong with single partitions of a commit, by their places in the request;
// nil when nothing is. It is found out once, when the request comes: a topic that goes while the
// commit is being stored is no reason to say that it was not (KafkaApis.handleOffsetCommitRequest,
// 3.9).
type refusals map[[2]int]wire.Code

func (cs *commits) refusals(req *kmsg.OffsetCommitRequest) (list refusals) {
	for i := range req.Topics {
		for j := range req.Topics[i].Partitions {
			code := cs.refuse(req.Topics[i].Topic, &req.Topics[i].Partitions[j])
			if code == wire.None {
				continue
			}
			if list == nil {
				list = refusals{}
			}
			list[[2]int{i, j}] = code
		}
	}
	return list
}

func (r refusals) of(topic, partition int) wire.Code { return r[[2]int{topic, partition}] }

// response answers every partition with code, or with what is wrong with it alone.
func response(req *kmsg.OffsetCommitRequest, code wire.Code, refused refusals,
) *kmsg.OffsetCommitResponse {
	resp := kmsg.NewPtrOffsetCommitResponse()
	resp.Topics = make([]kmsg.OffsetCommitResponseTopic, len(req.Topics))
	for i := range req.Topics {
		topic, answer := &req.Topics[i], &resp.Topics[i]
		answer.Topic = topic.Topic
		answer.Partitions = make([]kmsg.OffsetCommitResponseTopicPartition, len(topic.Partitions))
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			answer.Partitions[j].Partition = p.Partition
			answer.Partitions[j].ErrorCode = int16(code)
			if own := refused.of(i, j); own != wire.None {
				answer.Partitions[j].ErrorCode = int16(own)
			}
		}
	}
	return resp
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
