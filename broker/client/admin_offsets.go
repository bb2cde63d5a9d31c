package client

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

var (
	_ adminCommand = (*ListOffsets)(nil)
	_ placed       = (*ListOffsets)(nil)
)

// ListOffsets asks an admin client for an offset of a partition by its time. Its leader is asked.
// The answer stands in Offset when the command has its result.
type ListOffsets struct {
	TP kafka.TopicPartition
	// Time is in milliseconds since 1970: the first record that is not older. Or it is LatestOffset
	// or EarliestOffset, for an end of the log.
	Time int64

	Offset kafka.Offset // NoOffset when no record is so new
}

// String implements model.Command.
func (c *ListOffsets) String() string { return fmt.Sprintf("%s time=%d", c.title(), c.Time) }

// Sum implements model.Command.
func (c *ListOffsets) Sum() uint64 { return model.SumString(kafka.SumListOffsets, c.String()) }

func (c *ListOffsets) title() string { return "list-offsets " + c.TP.String() }

func (c *ListOffsets) link(m *clusterMetadata) *wire.Link {
	m.track(c.TP.Topic)
	if _, addr, ok := m.leader(c.TP); ok {
		return m.links.To(addr)
	}
	return nil
}

func (c *ListOffsets) request(int32) kmsg.Request {
	req := kmsg.NewPtrListOffsetsRequest()
	req.SetVersion(7)
	req.ReplicaID = -1
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Partition, p.Timestamp, p.CurrentLeaderEpoch = c.TP.Partition, c.Time, int32(kafka.NoEpoch)
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic, t.Partitions = c.TP.Topic, append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	return req
}

func (c *ListOffsets) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.ListOffsetsResponse)
	if len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return wire.UnknownServerError, ""
	}
	p := &r.Topics[0].Partitions[0]
	c.Offset = kafka.Offset(p.Offset)
	return wire.Code(p.ErrorCode), ""
}
