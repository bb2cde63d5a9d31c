package client

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// adminCommand is a command that an admin client carries out by one request.
type adminCommand interface {
	model.Command
	// request asks the cluster to do it within so many milliseconds.
	request(millis int32) kmsg.Request
	// answer is how it went according to the response to the request, and what the broker said.
	answer(resp kmsg.Response) (wire.Code, string)
	// title is what the command is and what it is for, as the note of its end says.
	title() string
}

// placed is an admin command whose request does not go to the controller.
type placed interface {
	// link leads to the broker that is to be asked; nil when it is not known yet.
	link(m *clusterMetadata) *wire.Link
}

var (
	_ adminCommand = (*CreateTopic)(nil)
	_ adminCommand = (*DeleteTopic)(nil)
	_ adminCommand = (*CreatePartitions)(nil)
	_ adminCommand = (*DeleteRecords)(nil)
	_ adminCommand = (*ElectLeaders)(nil)
	_ adminCommand = (*AlterPartitionReassignments)(nil)
	_ adminCommand = (*AlterConfigs)(nil)
	_ placed       = (*DeleteRecords)(nil)
	_ placed       = (*AlterConfigs)(nil)
)

// doneBefore is what the broker answers to a command that it has carried out already.
func doneBefore(c adminCommand) wire.Code {
	switch c := c.(type) {
	case *CreateTopic:
		return wire.TopicAlreadyExists
	case *DeleteTopic:
		return wire.UnknownTopicOrPartition
	case *CreatePartitions:
		return wire.InvalidPartitions
	case *ElectLeaders:
		return wire.ElectionNotNeeded
	case *AlterPartitionReassignments:
		if c.Replicas == nil {
			return wire.NoReassignmentInProgress
		}
	case *DeleteGroup:
		return wire.GroupIDNotFound
	}
	return wire.None
}

// retries reports whether a command that got code is sent again. REQUEST_TIMED_OUT says that the
// cluster is at it; asking again shows how it went. To other commands than those that wait for
// their topic, one that is not there is an answer.
func retries(c adminCommand, code wire.Code) bool {
	switch c.(type) {
	case *CreateTopic, *DeleteRecords, *DescribeTopics, *ListOffsets, *ListGroups, coordinated:
		return code.Retriable()
	case *DeleteTopic:
		return code.Retriable() && code != wire.UnknownTopicOrPartition
	default:
		return code == wire.NotController || code == wire.RequestTimedOut
	}
}

func (c *CreateTopic) title() string { return "create-topics " + c.Name }

func (c *CreateTopic) request(millis int32) kmsg.Request {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.SetVersion(7)
	req.TimeoutMillis = millis
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor = c.Name, c.Partitions, c.Replicas
	for i, replicas := range c.Assignment {
		t.NumPartitions, t.ReplicationFactor = -1, -1
		a := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
		a.Partition, a.Replicas = int32(i), replicas
		t.ReplicaAssignment = append(t.ReplicaAssignment, a)
	}
	for i := range c.Config {
		s := kmsg.NewCreateTopicsRequestTopicConfig()
		s.Name, s.Value = c.Config[i].Name, &c.Config[i].Value
		t.Configs = append(t.Configs, s)
	}
	req.Topics = append(req.Topics, t)
	return req
}

func (c *CreateTopic) answer(resp kmsg.Response) (wire.Code, string) {
	if r := resp.(*kmsg.CreateTopicsResponse); len(r.Topics) == 1 {
		return wire.Code(r.Topics[0].ErrorCode), text(r.Topics[0].ErrorMessage)
	}
	return wire.UnknownServerError, ""
}

func (c *DeleteTopic) title() string { return "delete-topics " + c.Name }

func (c *DeleteTopic) request(millis int32) kmsg.Request {
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.SetVersion(6)
	req.TimeoutMillis = millis
	req.TopicNames = []string{c.Name} // up to v5
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &c.Name
	req.Topics = append(req.Topics, topic)
	return req
}

func (c *DeleteTopic) answer(resp kmsg.Response) (wire.Code, string) {
	if r := resp.(*kmsg.DeleteTopicsResponse); len(r.Topics) == 1 {
		return wire.Code(r.Topics[0].ErrorCode), text(r.Topics[0].ErrorMessage)
	}
	return wire.UnknownServerError, ""
}

// CreatePartitions asks an admin client for more partitions of a topic, up to Count. Assignment, if
// it is set, has the replicas of each new one.
type CreatePartitions struct {
	Name       string
	Count      int32
	Assignment [][]int32 // broker ids, the preferred leader first
}

// String implements model.Command.
func (c *CreatePartitions) String() string {
	if len(c.Assignment) > 0 {
		return fmt.Sprintf("create-partitions %s count=%d assignment=%v", c.Name, c.Count, c.Assignment)
	}
	return fmt.Sprintf("create-partitions %s count=%d", c.Name, c.Count)
}

// Sum implements model.Command.
func (c *CreatePartitions) Sum() uint64 {
	return model.SumString(kafka.SumCreatePartitions, c.String())
}

func (c *CreatePartitions) title() string { return "create-partitions " + c.Name }

func (c *CreatePartitions) request(millis int32) kmsg.Request {
	req := kmsg.NewPtrCreatePartitionsRequest()
	req.SetVersion(3)
	req.TimeoutMillis = millis
	t := kmsg.NewCreatePartitionsRequestTopic()
	t.Topic, t.Count = c.Name, c.Count
	for _, replicas := range c.Assignment {
		a := kmsg.NewCreatePartitionsRequestTopicAssignment()
		a.Replicas = replicas
		t.Assignment = append(t.Assignment, a)
	}
	req.Topics = append(req.Topics, t)
	return req
}

func (c *CreatePartitions) answer(resp kmsg.Response) (wire.Code, string) {
	if r := resp.(*kmsg.CreatePartitionsResponse); len(r.Topics) == 1 {
		return wire.Code(r.Topics[0].ErrorCode), text(r.Topics[0].ErrorMessage)
	}
	return wire.UnknownServerError, ""
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
