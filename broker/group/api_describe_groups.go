// DescribeGroups (key 15): v0–v5.
// Does: state, protocol and members with their subscriptions and assignments; a group that does not
// exist is Dead; authorized operations (v3+) when asked for, all of them.
// Does not: show what members of a group that is not Stable subscribe to (Kafka neither).
// State: group.go, member.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// HandleDescribeGroups serves DescribeGroups.
func (c *Coordinator) HandleDescribeGroups(out *model.Effects,
	req *kmsg.DescribeGroupsRequest, reply Reply,
) {
	c.outbox.enter()
	resp := kmsg.NewPtrDescribeGroupsResponse()
	for _, id := range req.Groups {
		described := c.describe(id)
		if req.IncludeAuthorizedOperations && described.ErrorCode == 0 {
			described.AuthorizedOperations = wire.GroupOperations
		}
		resp.Groups = append(resp.Groups, described)
	}
	c.outbox.answer(reply, resp)
	c.outbox.leave(out)
}

// describe is Kafka's GroupCoordinator.handleDescribeGroup (3.9). The empty group id is valid here,
// so that its offsets can be seen.
func (c *Coordinator) describe(groupID string) kmsg.DescribeGroupsResponseGroup {
	d := kmsg.NewDescribeGroupsResponseGroup()
	d.Group = groupID
	if code := c.store.check(groupID); code != wire.None {
		d.ErrorCode = int16(code)
		return d
	}
	g := c.store.groups[groupID]
	if g == nil {
		d.State = Dead.String()
		return d
	}
	d.State, d.ProtocolType = g.state.String(), g.protocolType
	if g.state == Stable {
		d.Protocol = text(g.protocol)
	}
	for _, m := range g.members {
		dm := kmsg.NewDescribeGroupsResponseGroupMember()
		dm.MemberID, dm.InstanceID = m.id, m.instance
		dm.ClientID, dm.ClientHost = m.client.ID, m.client.Host
		if g.state == Stable {
			dm.ProtocolMetadata, dm.MemberAssignment = m.metadata(d.Protocol), m.assignment
		}
		d.Members = append(d.Members, dm)
	}
	return d
}
