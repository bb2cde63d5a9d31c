package client

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

var (
	_ adminCommand = (*ListGroupOffsets)(nil)
	_ adminCommand = (*AlterGroupOffsets)(nil)
	_ coordinated  = (*ListGroupOffsets)(nil)
	_ coordinated  = (*AlterGroupOffsets)(nil)
)

// ListGroupOffsets asks an admin client for every offset that a group has committed. The answer
// stands in Offsets when the command has its result.
type ListGroupOffsets struct {
	Group string

	Offsets []kafka.PartitionOffset // by partition
}

// String implements model.Command.
func (c *ListGroupOffsets) String() string { return c.title() }

// Sum implements model.Command.
func (c *ListGroupOffsets) Sum() uint64 {
	return model.SumString(kafka.SumListGroupOffsets, c.String())
}

func (c *ListGroupOffsets) title() string { return "list-consumer-group-offsets " + c.Group }

func (c *ListGroupOffsets) of() string { return c.Group }

func (c *ListGroupOffsets) request(int32) kmsg.Request {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.SetVersion(8)
	req.Group = c.Group                        // up to v7
	group := kmsg.NewOffsetFetchRequestGroup() // from v8
	group.Group = c.Group
	req.Groups = append(req.Groups, group)
	return req
}

func (c *ListGroupOffsets) answer(resp kmsg.Response) (wire.Code, string) {
	code, answers := committedOffsets(resp.(*kmsg.OffsetFetchResponse))
	c.Offsets = nil
	//unordered: they are sorted below
	for tp, a := range answers {
		if a.code == wire.None && a.offset >= 0 {
			c.Offsets = append(c.Offsets, kafka.PartitionOffset{Key: tp, Offset: a.offset})
		}
	}
	slices.SortFunc(c.Offsets, func(a, b kafka.PartitionOffset) int { return a.Key.Compare(b.Key) })
	return code, ""
}

// AlterGroupOffsets asks an admin client to commit offsets in the place of a group, which must have
// no members (UNKNOWN_MEMBER_ID).
type AlterGroupOffsets struct {
	Group   string
	Offsets []kafka.PartitionOffset // by partition
}

// String implements model.Command.
func (c *AlterGroupOffsets) String() string { return fmt.Sprintf("%s %v", c.title(), c.Offsets) }

// Sum implements model.Command.
func (c *AlterGroupOffsets) Sum() uint64 {
	return model.SumString(kafka.SumAlterGroupOffsets, c.String())
}

func (c *AlterGroupOffsets) title() string { return "alter-consumer-group-offsets " + c.Group }

func (c *AlterGroupOffsets) of() string { return c.Group }

func (c *AlterGroupOffsets) request(int32) kmsg.Request {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.SetVersion(8)
	req.Group, req.Generation, req.RetentionTimeMillis = c.Group, -1, -1
	for _, o := range c.Offsets {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != o.Key.Topic {
			t := kmsg.NewOffsetCommitRequestTopic()
			t.Topic = o.Key.Topic
			req.Topics = append(req.Topics, t)
		}
		p := kmsg.NewOffsetCommitRequestTopicPartition()
		p.Partition, p.Offset, p.LeaderEpoch = o.Key.Partition, int64(o.Offset), int32(kafka.NoEpoch)
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, p)
	}
	return req
}

func (c *AlterGroupOffsets) answer(resp kmsg.Response) (wire.Code, string) {
	return firstCommitError(resp.(*kmsg.OffsetCommitResponse)), ""
}
