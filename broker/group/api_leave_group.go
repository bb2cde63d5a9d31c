// LeaveGroup (key 13): v0–v5.
// Does: several members at once (v3+), also by group.instance.id alone (KIP-345).
// Does not: show the client's reason (v5) anywhere but in the note.
// State: group.go, rebalance.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleLeaveGroup serves LeaveGroup.
func (c *Coordinator) HandleLeaveGroup(out *model.Effects,
	req *kmsg.LeaveGroupRequest, reply Reply,
) {
	c.outbox.enter()
	resp := kmsg.NewPtrLeaveGroupResponse()
	code := c.store.checkNamed(req.Group)
	if code == wire.None {
		members := req.Members
		if req.Version < 3 {
			members = []kmsg.LeaveGroupRequestMember{{MemberID: req.MemberID}}
		}
		for _, m := range members {
			answer := kmsg.NewLeaveGroupResponseMember()
			answer.MemberID, answer.InstanceID = m.MemberID, m.InstanceID
			answer.ErrorCode = int16(c.leaveOne(out, c.store.groups[req.Group], m))
			resp.Members = append(resp.Members, answer)
		}
		if req.Version < 3 {
			code, resp.Members = wire.Code(resp.Members[0].ErrorCode), nil
		}
	}
	resp.ErrorCode = int16(code)
	if g := c.store.groups[req.Group]; g != nil {
		c.timers.arm(out, g)
	}
	c.outbox.answer(reply, resp)
	c.outbox.leave(out)
}

func (c *Coordinator) leaveOne(out *model.Effects, g *group,
	who kmsg.LeaveGroupRequestMember,
) wire.Code {
	if g == nil {
		return wire.UnknownMemberID
	}
	if _, pending := g.pending[who.MemberID]; pending {
		delete(g.pending, who.MemberID)
		c.rebalancer.maybeCompleteJoin(out, g)
		return wire.None
	}
	id := who.MemberID
	if id == "" && who.InstanceID != nil {
		if m := g.byInstance[*who.InstanceID]; m != nil {
			id = m.id
		}
	}
	if code := g.checkMember(id, who.InstanceID); code != wire.None {
		return code
	}
	why := "left"
	if who.Reason != nil && *who.Reason != "" {
		why += ": " + *who.Reason
	}
	c.rebalancer.removeMember(out, g, g.byID[id], kafka.ReasonLeft, why)
	return wire.None
}
