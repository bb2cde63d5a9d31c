package client

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// DeleteRecords asks an admin client to delete the records of a partition before an offset, or all
// up to the high watermark with UpToHighWatermark. Its leader is asked.
type DeleteRecords struct {
	TP     kafka.TopicPartition
	Before kafka.Offset
}

// UpToHighWatermark in DeleteRecords.Before deletes every record that a consumer could read.
const UpToHighWatermark kafka.Offset = -1

// String implements model.Command.
func (c *DeleteRecords) String() string {
	return fmt.Sprintf("delete-records %s before=%d", c.TP, c.Before)
}

// Sum implements model.Command.
func (c *DeleteRecords) Sum() uint64 { return model.SumString(kafka.SumDeleteRecords, c.String()) }

func (c *DeleteRecords) title() string { return "delete-records " + c.TP.String() }

func (c *DeleteRecords) link(m *clusterMetadata) *wire.Link {
	m.track(c.TP.Topic)
	if _, addr, ok := m.leader(c.TP); ok {
		return m.links.To(addr)
	}
	return nil
}

func (c *DeleteRecords) request(millis int32) kmsg.Request {
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.SetVersion(2)
	req.TimeoutMillis = millis
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = c.TP.Partition, int64(c.Before)
	t := kmsg.NewDeleteRecordsRequestTopic()
	t.Topic, t.Partitions = c.TP.Topic, append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	return req
}

func (c *DeleteRecords) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.DeleteRecordsResponse)
	if len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return wire.UnknownServerError, ""
	}
	p := &r.Topics[0].Partitions[0]
	if code := wire.Code(p.ErrorCode); code != wire.None {
		return code, ""
	}
	return wire.None, fmt.Sprintf("the log starts at %d", p.LowWatermark)
}

// ElectLeaders asks an admin client to have the preferred leader of a partition elected, or, with
// Unclean, any replica that lives when there is no leader.
type ElectLeaders struct {
	TP      kafka.TopicPartition
	Unclean bool
}

// String implements model.Command.
func (c *ElectLeaders) String() string {
	return fmt.Sprintf("elect-leaders %s unclean=%t", c.TP, c.Unclean)
}

// Sum implements model.Command.
func (c *ElectLeaders) Sum() uint64 { return model.SumString(kafka.SumElectLeaders, c.String()) }

func (c *ElectLeaders) title() string { return "elect-leaders " + c.TP.String() }

func (c *ElectLeaders) request(millis int32) kmsg.Request {
	req := kmsg.NewPtrElectLeadersRequest()
	req.SetVersion(2)
	req.TimeoutMillis = millis
	if c.Unclean {
		req.ElectionType = 1
	}
	t := kmsg.NewElectLeadersRequestTopic()
	t.Topic, t.Partitions = c.TP.Topic, []int32{c.TP.Partition}
	req.Topics = append(req.Topics, t)
	return req
}

func (c *ElectLeaders) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.ElectLeadersResponse)
	if code := wire.Code(r.ErrorCode); code != wire.None {
		return code, ""
	}
	if len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return wire.UnknownServerError, ""
	}
	p := &r.Topics[0].Partitions[0]
	return wire.Code(p.ErrorCode), text(p.ErrorMessage)
}

// AlterPartitionReassignments asks an admin client to move a partition to other replicas (KIP-455);
// the answer comes when the move has begun. Without Replicas it cancels the one that is under way.
type AlterPartitionReassignments struct {
	TP       kafka.TopicPartition
	Replicas []int32 // broker ids, the preferred leader first; nil cancels
}

// String implements model.Command.
func (c *AlterPartitionReassignments) String() string {
	if c.Replicas == nil {
		return fmt.Sprintf("alter-partition-reassignments %s cancel", c.TP)
	}
	return fmt.Sprintf("alter-partition-reassignments %s replicas=%v", c.TP, c.Replicas)
}

// Sum implements model.Command.
func (c *AlterPartitionReassignments) Sum() uint64 {
	return model.SumString(kafka.SumAlterPartitionReassignments, c.String())
}

func (c *AlterPartitionReassignments) title() string {
	return "alter-partition-reassignments " + c.TP.String()
}

func (c *AlterPartitionReassignments) request(millis int32) kmsg.Request {
	req := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	req.TimeoutMillis = millis
	p := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
	p.Partition, p.Replicas = c.TP.Partition, c.Replicas
	t := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	t.Topic, t.Partitions = c.TP.Topic, append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	return req
}

func (c *AlterPartitionReassignments) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.AlterPartitionAssignmentsResponse)
	if code := wire.Code(r.ErrorCode); code != wire.None {
		return code, text(r.ErrorMessage)
	}
	if len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return wire.UnknownServerError, ""
	}
	p := &r.Topics[0].Partitions[0]
	return wire.Code(p.ErrorCode), text(p.ErrorMessage)
}
