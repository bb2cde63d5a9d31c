package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
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

// findOffsets asks for the positions that are missing: committed offsets from the coordinator,
// ends of logs from the leaders.
func (c *Consumer) findOffsets(now model.Time, out *model.Effects) {
	committed := &offsetQuery{}
	ends := map[model.BrokerID]*offsetQuery{}
	for _, p := range c.owned {
		if p.asking || p.state == fetchable || p.state == stopped {
			continue
		}
		if now < p.retryAt {
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
		if !ok {
			c.meta.refresh()
			continue
		}
		if ends[known.leader] == nil {
			ends[known.leader] = &offsetQuery{}
		}
		ends[known.leader].add(p)
	}
	if len(committed.parts) > 0 {
		c.askCommitted(now, out, committed)
	}
	for _, b := range c.meta.brokers {
		if q := ends[b.id]; q != nil {
			c.askEnds(now, out, b.addr, q)
		}
	}
}

func (c *Consumer) askCommitted(now model.Time, out *model.Effects, q *offsetQuery) {
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
	c.coordinator.link.Send(now, out, req, c.cfg.RequestTimeout,
		func(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
			c.onCommittedOffsets(now, out, q, resp, err)
		})
}

// committedOffset is the answer for one partition.
type committedOffset struct {
	code   wire.Code
	offset model.Offset
	epoch  model.Epoch
}

func (c *Consumer) onCommittedOffsets(now model.Time, out *model.Effects, q *offsetQuery,
	resp kmsg.Response, err error,
) {
	code := wire.NetworkException
	var answers map[model.TopicPartition]committedOffset
	if err == nil {
		code, answers = committedOffsets(resp.(*kmsg.OffsetFetchResponse))
		c.coordinator.denied(now, out, code)
	} else {
		c.coordinator.lose(now, out)
	}
	q.open(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		switch {
		case code != wire.None, !ok, a.code != wire.None:
			c.retryLater(now, p)
		case a.offset >= 0:
			p.state, p.position, p.epoch, p.failures = fetchable, a.offset, a.epoch, 0
		default:
			c.reset(out, p) // nothing was committed
		}
	})
}

// committedOffsets reads both forms of the answer: up to v7, and from v8 by group.
func committedOffsets(resp *kmsg.OffsetFetchResponse) (
	wire.Code, map[model.TopicPartition]committedOffset,
) {
	answers := map[model.TopicPartition]committedOffset{}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			answers[model.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = committedOffset{
				wire.Code(p.ErrorCode), model.Offset(p.Offset), model.Epoch(p.LeaderEpoch),
			}
		}
	}
	code := wire.Code(resp.ErrorCode)
	for _, g := range resp.Groups {
		code = wire.Code(g.ErrorCode)
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				answers[model.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = committedOffset{
					wire.Code(p.ErrorCode), model.Offset(p.Offset), model.Epoch(p.LeaderEpoch),
				}
			}
		}
	}
	return code, answers
}

func (c *Consumer) askEnds(now model.Time, out *model.Effects, addr string, q *offsetQuery) {
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
		part.Partition, part.CurrentLeaderEpoch = p.tp.Partition, int32(known.epoch)
		part.Timestamp = int64(p.resetTo)
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	c.links.To(addr).Send(now, out, req, c.cfg.RequestTimeout,
		func(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
			c.onEnds(now, q, resp, err)
		})
}

func (c *Consumer) onEnds(now model.Time, q *offsetQuery, resp kmsg.Response, err error) {
	answers := map[model.TopicPartition]committedOffset{}
	if err == nil {
		for _, t := range resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				answers[model.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = committedOffset{
					wire.Code(p.ErrorCode), model.Offset(p.Offset), model.Epoch(p.LeaderEpoch),
				}
			}
		}
	}
	q.open(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		if !ok || a.code != wire.None || a.offset < 0 {
			c.meta.refresh()
			c.retryLater(now, p)
			return
		}
		// The epoch that comes along is that of the next record, not of one that was read.
		p.state, p.position, p.epoch, p.failures = fetchable, a.offset, model.NoEpoch, 0
	})
}
