package client

import (
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

var (
	_ adminCommand = (*ListGroups)(nil)
	_ adminCommand = (*DescribeGroup)(nil)
	_ adminCommand = (*DeleteGroup)(nil)
	_ placed       = (*ListGroups)(nil)
	_ coordinated  = (*DescribeGroup)(nil)
	_ coordinated  = (*DeleteGroup)(nil)
)

// ListGroups asks an admin client for the groups that one broker coordinates. The answer stands in
// Groups when the command has its result.
type ListGroups struct {
	Broker kafka.BrokerID

	Groups []GroupListing // as the broker listed them
}

// GroupListing is a group by name. State is "" from a broker that does not tell.
type GroupListing struct {
	Group, ProtocolType, State string
}

// String implements model.Command.
func (c *ListGroups) String() string { return c.title() }

// Sum implements model.Command.
func (c *ListGroups) Sum() uint64 { return model.SumString(kafka.SumListGroups, c.String()) }

func (c *ListGroups) title() string { return fmt.Sprintf("list-groups of broker %d", c.Broker) }

func (c *ListGroups) link(m *clusterMetadata) *wire.Link {
	if addr, ok := m.address(c.Broker); ok {
		return m.links.To(addr)
	}
	return nil
}

func (c *ListGroups) request(int32) kmsg.Request {
	req := kmsg.NewPtrListGroupsRequest()
	req.SetVersion(4)
	return req
}

func (c *ListGroups) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.ListGroupsResponse)
	c.Groups = nil
	for _, g := range r.Groups {
		c.Groups = append(c.Groups, GroupListing{g.Group, g.ProtocolType, g.GroupState})
	}
	return wire.Code(r.ErrorCode), ""
}

// DescribeGroup asks an admin client for a group's state and members. The answer stands in State,
// Protocol, ProtocolType and Members when the command has its result.
type DescribeGroup struct {
	Group string

	State        string // of the group: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead
	ProtocolType string
	Protocol     string // the assignor, while there are members
	Members      []MemberDescription
}

// MemberDescription is a member of a group and what it was assigned.
type MemberDescription struct {
	Member   string
	Instance string // group.instance.id, or ""
	ClientID string
	Host     string // as its coordinator sees it
	Assigned []kafka.TopicPartition
}

// String implements model.Command.
func (c *DescribeGroup) String() string { return c.title() }

// Sum implements model.Command.
func (c *DescribeGroup) Sum() uint64 { return model.SumString(kafka.SumDescribeGroup, c.String()) }

func (c *DescribeGroup) title() string { return "describe-groups " + c.Group }

func (c *DescribeGroup) of() string { return c.Group }

func (c *DescribeGroup) request(int32) kmsg.Request {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.SetVersion(5)
	req.Groups = []string{c.Group}
	return req
}

func (c *DescribeGroup) answer(resp kmsg.Response) (wire.Code, string) {
	r := resp.(*kmsg.DescribeGroupsResponse)
	if len(r.Groups) != 1 {
		return wire.UnknownServerError, ""
	}
	g := &r.Groups[0]
	c.State, c.ProtocolType, c.Protocol, c.Members = g.State, g.ProtocolType, g.Protocol, nil
	for i := range g.Members {
		m := &g.Members[i]
		assigned, err := decodeAssignment(m.MemberAssignment)
		if err != nil {
			assigned = nil // a protocol of its own, as Kafka Connect has
		}
		c.Members = append(c.Members, MemberDescription{
			Member: m.MemberID, Instance: text(m.InstanceID), ClientID: m.ClientID,
			Host: strings.TrimPrefix(m.ClientHost, "/"), Assigned: assigned,
		})
	}
	return wire.Code(g.ErrorCode), text(g.ErrorMessage)
}

// DeleteGroup asks an admin client to delete a group with its committed offsets. A group with
// members stays (NON_EMPTY_GROUP).
type DeleteGroup struct{ Group string }

// String implements model.Command.
func (c *DeleteGroup) String() string { return c.title() }

// Sum implements model.Command.
func (c *DeleteGroup) Sum() uint64 { return model.SumString(kafka.SumDeleteGroup, c.String()) }

func (c *DeleteGroup) title() string { return "delete-groups " + c.Group }

func (c *DeleteGroup) of() string { return c.Group }

func (c *DeleteGroup) request(int32) kmsg.Request {
	req := kmsg.NewPtrDeleteGroupsRequest()
	req.SetVersion(2)
	req.Groups = []string{c.Group}
	return req
}

func (c *DeleteGroup) answer(resp kmsg.Response) (wire.Code, string) {
	if r := resp.(*kmsg.DeleteGroupsResponse); len(r.Groups) == 1 {
		return wire.Code(r.Groups[0].ErrorCode), ""
	}
	return wire.UnknownServerError, ""
}
