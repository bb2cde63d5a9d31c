package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// rejoinStatic serves a static member that comes back without its member id, after a restart
// (KIP-345): it gets a new id, and the old one is fenced. While the group is Stable and would
// choose the same protocol again, nothing else happens: the member keeps its assignment.
func (r *rebalancer) rejoinStatic(out *model.Effects, g *group, m *member,
	newID string, req *kmsg.JoinGroupRequest, reply Reply,
) {
	oldID, oldLeader, oldProtocols := m.id, g.leader, m.protocols
	oldSession, oldRebalance := m.session, m.rebalance
	r.replaceMemberID(out.Now, g, m, newID)
	g.setProtocols(m, req)
	g.parkJoin(m, reply)
	reason := "static member " + *m.instance + " is back"
	switch {
	case g.state == PreparingRebalance:
		return
	case g.state != Stable || *g.protocol != g.selectProtocol():
		r.prepareRebalance(out, g, reason)
		return
	}
	record := g.metadataRecord(g.assignments())
	r.store.append(out, g, []Record{record},
		func(out *model.Effects, code wire.Code) {
			if m.join == nil || m.id != newID || g.state != Stable {
				return // answered, fenced, gone, or waiting for a new generation meanwhile
			}
			if code == wire.None {
				r.answerJoin(g, m, g.skippingResponse(m, oldLeader, req.Version >= 9))
				m.touch(out.Now)
				r.timers.arm(out, g)
				return
			}
			resp := joinError("", storeError(code))
			resp.Generation, resp.LeaderID = g.generation, oldLeader
			protocolType := g.protocolType
			resp.ProtocolType, resp.Protocol = &protocolType, g.protocol
			r.answerJoin(g, m, resp)
			g.count(m, -1)
			m.protocols, m.session, m.rebalance = oldProtocols, oldSession, oldRebalance
			g.count(m, 1)
			r.replaceMemberID(out.Now, g, m, oldID)
			r.timers.arm(out, g)
		})
}

// replaceMemberID gives a static member a new id. Whoever waits under the old one is an impostor.
func (r *rebalancer) replaceMemberID(now model.Time, g *group, m *member, newID string) {
	oldID := m.id
	r.answerJoin(g, m, joinError(oldID, wire.FencedInstanceID))
	r.answerSync(now, m, syncError(wire.FencedInstanceID))
	delete(g.byID, oldID)
	m.id = newID
	g.byID[newID] = m
	if g.leader == oldID {
		g.leader = newID
	}
	m.touch(now)
}

// skippingResponse answers a static member that need not rebalance. From v9 a leader learns that
// it leads but must not assign; older versions get the old leader's id, so that it acts as a
// follower.
func (g *group) skippingResponse(m *member, oldLeader string, canSkip bool,
) *kmsg.JoinGroupResponse {
	resp := g.joinResponse(m)
	if canSkip {
		resp.SkipAssignment = g.leader == m.id
		return resp
	}
	resp.LeaderID, resp.Members = oldLeader, nil
	return resp
}

// assignments returns what each member has, by member id.
func (g *group) assignments() map[string][]byte {
	all := make(map[string][]byte, len(g.members))
	for _, m := range g.members {
		all[m.id] = m.assignment
	}
	return all
}
