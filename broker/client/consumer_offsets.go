package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// offsetQuery is a request that asks where to begin with some partitions.
type offsetQuery struct {
	parts []*ownedPartition
	moves []int // of each partition when it was asked about
}

func (q *offsetQuery) add(p *ownedPartition) {
	p.asking = true
	q.parts = append(q.parts, p)
	q.moves = append(q.moves, p.moves)
}

// open calls each for the partitions whose answer still counts.
func (q *offsetQuery) open(each func(p *ownedPartition)) {
	for i, p := range q.parts {
		if !p.gone && p.moves == q.moves[i] {
			each(p)
		}
	}
}

// leaderQueries are the questions of one kind, by leader.
type leaderQueries map[kafka.BrokerID]*offsetQuery

func (l leaderQueries) add(leader kafka.BrokerID, p *ownedPartition) {
	if l[leader] == nil {
		l[leader] = &offsetQuery{}
	}
	l[leader].add(p)
}

// findOffsets asks for the positions that are missing or in doubt: committed offsets from the
// coordinator, ends of logs and of epochs from the leaders.
func (c *Consumer) findOffsets(out *model.Effects) {
	committed := &offsetQuery{}
	ends, epochs := leaderQueries{}, leaderQueries{}
	for _, p := range c.owned {
		c.maybeValidate(p)
		if p.asking || p.state == fetchable || p.state == stopped {
			continue
		}
		if out.Now < p.retryAt {
			c.alarm.by(out, p.retryAt)
			continue
		}
		if p.state == awaitingCommitted {
			if c.coordinator.link != nil {
				committed.add(p)
			}
			continue
		}
		known, _, ok := c.meta.leader(p.tp)
		if !ok || p.state == awaitingValidation && c.stale(p, known) {
			c.meta.refresh()
			continue
		}
		if p.state == awaitingValidation {
			epochs.add(known.leader, p)
			continue
		}
		ends.add(known.leader, p)
	}
	if len(committed.parts) > 0 {
		c.askCommitted(out, committed)
	}
	for _, b := range c.meta.brokers {
		if q := ends[b.id]; q != nil {
			c.askEnds(out, b.addr, q)
		}
		if q := epochs[b.id]; q != nil {
			c.askEpochEnds(out, b.addr, q)
		}
	}
}

// stale tells whether a leader is older than the committed offset and so no leader any more, unless
// the topic was created anew (Metadata.currentLeader, 3.9).
func (c *Consumer) stale(p *ownedPartition, known partitionMetadata) bool {
	return known.epoch < p.epoch && p.committedIn == c.meta.want(p.tp.Topic).id
}

func (c *Consumer) askCommitted(out *model.Effects, q *offsetQuery) {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.SetVersion(8)
	req.Group = c.cfg.Group
	group := kmsg.NewOffsetFetchRequestGroup() // from v8
	group.Group = c.cfg.Group
	for _, p := range q.parts {
		if n := len(req.Topics); n > 0 && req.Topics[n-1].Topic == p.tp.Topic {
			req.Topics[n-1].Partitions = append(req.Topics[n-1].Partitions, p.tp.Partition)
			group.Topics[n-1].Partitions = append(group.Topics[n-1].Partitions, p.tp.Partition)
			continue
		}
		req.Topics = append(req.Topics, kmsg.OffsetFetchRequestTopic{
			Topic: p.tp.Topic, Partitions: []int32{p.tp.Partition},
		})
		group.Topics = append(group.Topics, kmsg.OffsetFetchRequestGroupTopic{
			Topic: p.tp.Topic, Partitions: []int32{p.tp.Partition},
		})
	}
	req.Groups = append(req.Groups, group)
	c.coordinator.link.Send(out, req, c.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			c.onCommittedOffsets(out, q, resp, err)
		})
}

// knownOffset is the answer for one partition.
type knownOffset struct {
	code   wire.Code
	offset kafka.Offset
	epoch  kafka.Epoch
}

func (c *Consumer) onCommittedOffsets(out *model.Effects, q *offsetQuery,
	resp kmsg.Response, err error,
) {
	code := wire.NetworkException
	var answers map[kafka.TopicPartition]knownOffset
	if err == nil {
		code, answers = committedOffsets(resp.(*kmsg.OffsetFetchResponse))
		c.coordinator.denied(out, code)
	} else {
		c.coordinator.lose(out)
	}
	q.open(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		switch {
		case code != wire.None, !ok, a.code != wire.None:
			c.retryLater(out.Now, p)
		case a.offset >= 0:
			p.state, p.position, p.epoch, p.failures = fetchable, a.offset, a.epoch, 0
			p.committedIn = c.meta.want(p.tp.Topic).id
		default:
			c.reset(out, p, nothingCommitted)
		}
	})
}

// committedOffsets reads both forms of the answer: up to v7, and from v8 by group.
func committedOffsets(resp *kmsg.OffsetFetchResponse) (
	wire.Code, map[kafka.TopicPartition]knownOffset,
) {
	answers := map[kafka.TopicPartition]knownOffset{}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
				wire.Code(p.ErrorCode), kafka.Offset(p.Offset), kafka.Epoch(p.LeaderEpoch),
			}
		}
	}
	code := wire.Code(resp.ErrorCode)
	for _, g := range resp.Groups {
		code = wire.Code(g.ErrorCode)
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
					wire.Code(p.ErrorCode), kafka.Offset(p.Offset), kafka.Epoch(p.LeaderEpoch),
				}
			}
		}
	}
	return code, answers
}

func (c *Consumer) askEnds(out *model.Effects, addr string, q *offsetQuery) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.SetVersion(7)
	req.ReplicaID = -1
	for _, p := range q.parts {
		known, _, _ := c.meta.leader(p.tp)
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.tp.Topic {
			topic := kmsg.NewListOffsetsRequestTopic()
			topic.Topic = p.tp.Topic
			req.Topics = append(req.Topics, topic)
		}
		part := kmsg.NewListOffsetsRequestTopicPartition()
		part.Partition, part.CurrentLeaderEpoch = p.tp.Partition, c.leaderEpoch(known)
		part.Timestamp = p.resetTo
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	c.links.To(addr).Send(out, req, c.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			c.onEnds(out, q, resp, err)
		})
}

// leaderEpoch is what a request tells the leader of its epoch.
func (c *Consumer) leaderEpoch(known partitionMetadata) int32 {
	if c.cfg.NoEpochs {
		return int32(kafka.NoEpoch)
	}
	return int32(known.epoch)
}

func (c *Consumer) onEnds(out *model.Effects, q *offsetQuery, resp kmsg.Response,
	err error,
) {
	answers := map[kafka.TopicPartition]knownOffset{}
	if err == nil {
		for _, t := range resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
					wire.Code(p.ErrorCode), kafka.Offset(p.Offset), kafka.Epoch(p.LeaderEpoch),
				}
			}
		}
	}
	q.open(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		switch {
		case ok && a.code == wire.None && a.offset < 0 && p.resetTo >= 0:
			p.seek(LatestOffset) // no record is so new
			return
		case !ok || a.code != wire.None || a.offset < 0:
			c.meta.refresh()
			c.retryLater(out.Now, p)
			return
		}
		if p.resetWhy != "" {
			kafka.AddNote(out, kafka.Note{
				Kind: kafka.PositionReset, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: a.offset,
				Text: p.resetWhy + ", auto.offset.reset=" + c.cfg.AutoOffsetReset,
			})
			p.resetWhy = ""
		}
		// The epoch that comes along is that of the next record, not of one that was read.
		p.state, p.position, p.epoch, p.failures = fetchable, a.offset, kafka.NoEpoch, 0
	})
}
