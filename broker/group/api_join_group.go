// JoinGroup (key 11): v0–v9.
// Does: member ids on demand (v4+, KIP-394), initial rebalance delay (KIP-134), static members
// (v5+, KIP-345), skipped assignments (v9, KIP-814), group.max.size.
// Does not: check the syntax of group.instance.id; read the embedded consumer protocol.
// State: group.go, member.go, rebalance.go, static_member.go.   Lessons: groups/*.

package group

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleJoinGroup serves JoinGroup. The reply may wait for the end of the join phase.
func (c *Coordinator) HandleJoinGroup(out *model.Effects,
	req *kmsg.JoinGroupRequest, client ClientInfo, reply Reply,
) {
	c.outbox.enter()
	c.joinGroup(out, req, client, reply)
	c.outbox.leave(out)
}

func (c *Coordinator) joinGroup(out *model.Effects, req *kmsg.JoinGroupRequest,
	client ClientInfo, reply Reply,
) {
	if code := c.store.checkNamed(req.Group); code != wire.None {
		c.outbox.answer(reply, joinError(req.MemberID, code))
		return
	}
	if s := sessionTimeout(req); s < c.cfg.MinSession || s > c.cfg.MaxSession {
		c.outbox.answer(reply, joinError(req.MemberID, wire.InvalidSessionTimeout))
		return
	}
	g := c.store.groups[req.Group]
	if g == nil {
		if req.MemberID != "" {
			c.outbox.answer(reply, joinError(req.MemberID, wire.UnknownMemberID))
			return
		}
		g = c.store.newGroup(out.Wall, req.Group)
		c.armExpiry(out)
	}
	switch {
	case !c.rebalancer.hasRoom(g, req.MemberID):
		c.rebalancer.refuseForSize(out, g, req.MemberID, reply)
	case !g.accepts(req.ProtocolType, req.Protocols):
		c.outbox.answer(reply, joinError(req.MemberID, wire.InconsistentGroupProtocol))
	case req.MemberID == "":
		c.rebalancer.joinNew(out, g, req, client, reply)
	default:
		c.rebalancer.joinKnown(out, g, req, client, reply)
	}
	c.rebalancer.maybeCompleteJoin(out, g)
	c.timers.arm(out, g)
}

// joinNew serves a client that has no member id yet.
func (r *rebalancer) joinNew(out *model.Effects, g *group,
	req *kmsg.JoinGroupRequest, client ClientInfo, reply Reply,
) {
	if req.InstanceID != nil {
		id := r.newMemberID(*req.InstanceID)
		if m := g.byInstance[*req.InstanceID]; m != nil {
			r.rejoinStatic(out, g, m, id, req, reply)
			return
		}
		r.addMember(out, g, newMember(id, req, client), req.ProtocolType, reply)
		return
	}
	id := r.newMemberID(client.ID)
	if req.Version >= 4 {
		g.pending[id] = out.Now.Add(sessionTimeout(req))
		r.outbox.answer(reply, joinError(id, wire.MemberIDRequired))
		return
	}
	r.addMember(out, g, newMember(id, req, client), req.ProtocolType, reply)
}

// joinKnown serves a client that names its member id.
func (r *rebalancer) joinKnown(out *model.Effects, g *group,
	req *kmsg.JoinGroupRequest, client ClientInfo, reply Reply,
) {
	if _, pending := g.pending[req.MemberID]; pending {
		if req.InstanceID != nil { // Kafka throws here
			r.outbox.answer(reply, joinError(req.MemberID, wire.UnknownServerError))
			return
		}
		r.addMember(out, g, newMember(req.MemberID, req, client), req.ProtocolType, reply)
		return
	}
	if code := g.checkMember(req.MemberID, req.InstanceID); code != wire.None {
		r.outbox.answer(reply, joinError(req.MemberID, code))
		return
	}
	m := g.byID[req.MemberID]
	switch {
	case g.state == PreparingRebalance:
		r.updateMember(out, g, m, req, reply, "")
	case g.state == Stable && g.leader == m.id:
		// It may know of something that its own metadata does not show, such as new partitions.
		r.updateMember(out, g, m, req, reply, "leader "+m.id+" re-joined")
	case !m.matches(req.Protocols):
		r.updateMember(out, g, m, req, reply, "member "+m.id+" changed its metadata")
	default:
		r.outbox.answer(reply, g.joinResponse(m)) // it may not have received the first answer
	}
}

func newMember(id string, req *kmsg.JoinGroupRequest, client ClientInfo) *member {
	return &member{
		id: id, instance: req.InstanceID, client: client, protocols: req.Protocols,
		session: sessionTimeout(req), rebalance: rebalanceTimeout(req),
	}
}

// hasRoom applies group.max.size: acceptJoiningMember (GroupCoordinator.scala, 3.9). In the join
// phase those who are back count, so that the last to come are the ones left out.
func (r *rebalancer) hasRoom(g *group, memberID string) bool {
	m := g.byID[memberID]
	switch g.state {
	case PreparingRebalance:
		return m != nil && m.join != nil || int64(g.parkedJoins) < r.cfg.MaxSize
	case CompletingRebalance, Stable:
		return m != nil || int64(len(g.members)) < r.cfg.MaxSize
	default:
		return true
	}
}

func (r *rebalancer) refuseForSize(out *model.Effects, g *group, memberID string,
	reply Reply,
) {
	delete(g.pending, memberID)
	if m := g.byID[memberID]; m != nil {
		r.removeMember(out, g, m, kafka.ReasonRefused, "group.max.size reached")
	}
	r.outbox.answer(reply, joinError("", wire.GroupMaxSizeReached))
}

// joinResponse tells m about the current generation; the leader learns of all members.
func (g *group) joinResponse(m *member) *kmsg.JoinGroupResponse {
	resp := kmsg.NewPtrJoinGroupResponse()
	protocolType := g.protocolType
	resp.Generation, resp.ProtocolType, resp.Protocol = g.generation, &protocolType, g.protocol
	resp.LeaderID, resp.MemberID = g.leader, m.id
	if g.leader != m.id {
		return resp
	}
	resp.Members = make([]kmsg.JoinGroupResponseMember, len(g.members))
	for i, other := range g.members {
		resp.Members[i] = kmsg.JoinGroupResponseMember{
			MemberID: other.id, InstanceID: other.instance,
			ProtocolMetadata: other.metadata(*g.protocol),
		}
	}
	return resp
}

func joinError(memberID string, code wire.Code) *kmsg.JoinGroupResponse {
	resp := kmsg.NewPtrJoinGroupResponse()
	resp.ErrorCode, resp.Generation, resp.MemberID = int16(code), -1, memberID
	return resp
}

func sessionTimeout(req *kmsg.JoinGroupRequest) time.Duration {
	return time.Duration(req.SessionTimeoutMillis) * time.Millisecond
}

// rebalanceTimeout is the session timeout for v0, which has no other.
func rebalanceTimeout(req *kmsg.JoinGroupRequest) time.Duration {
	if req.Version == 0 {
		return sessionTimeout(req)
	}
	return millis(req.RebalanceTimeoutMillis)
}
