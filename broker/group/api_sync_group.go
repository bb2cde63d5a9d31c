// SyncGroup (key 14): v0–v5.
// Does: assignments stored with acks=all before any member learns its own; protocol checks (v5,
// KIP-559); static members (v3+).
// Does not: look into assignments.
// State: group.go, rebalance.go, record.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleSyncGroup serves SyncGroup. The reply may wait for the leader's assignment to be stored.
func (c *Coordinator) HandleSyncGroup(out *model.Effects,
	req *kmsg.SyncGroupRequest, reply Reply,
) {
	c.outbox.enter()
	c.syncGroup(out, req, reply)
	c.outbox.leave(out)
}

func (c *Coordinator) syncGroup(out *model.Effects, req *kmsg.SyncGroupRequest,
	reply Reply,
) {
	code := c.store.checkNamed(req.Group)
	if code == wire.CoordinatorLoadInProgress {
		// The rebalance it belongs to is forgotten. Old clients know no better answer than this.
		code = wire.RebalanceInProgress
	}
	g := c.store.groups[req.Group]
	if code == wire.None {
		code = g.checkSync(req)
	}
	if code != wire.None {
		c.outbox.answer(reply, syncError(code))
		return
	}
	m := g.byID[req.MemberID]
	m.syncPending = false
	if g.state == Stable {
		m.touch(out.Now)
		c.outbox.answer(reply, g.syncResponse(m))
		c.timers.arm(out, g)
		return
	}
	m.sync = reply
	if g.leader == m.id && g.storing != g.generation { // a repeated request changes nothing
		c.rebalancer.storeAssignments(out, g, req)
	}
	c.timers.arm(out, g)
}

func (g *group) checkSync(req *kmsg.SyncGroupRequest) wire.Code {
	if req.Version >= 5 && (req.ProtocolType == nil || req.Protocol == nil) {
		// Mandatory since KIP-559 (SyncGroupRequest.areMandatoryProtocolTypeAndNamePresent, 3.9).
		return wire.InconsistentGroupProtocol
	}
	if g == nil {
		return wire.UnknownMemberID
	}
	if code := g.checkGeneration(req.MemberID, req.InstanceID, req.Generation); code != wire.None {
		return code
	}
	switch {
	case req.ProtocolType != nil && *req.ProtocolType != g.protocolType,
		req.Protocol != nil && (g.protocol == nil || *req.Protocol != *g.protocol):
		return wire.InconsistentGroupProtocol
	case g.state == Empty:
		return wire.UnknownMemberID
	case g.state == PreparingRebalance:
		return wire.RebalanceInProgress
	default:
		return wire.None
	}
}

// storeAssignments writes the generation with the leader's assignment. Only when the log has it are
// the members answered, and only if the group has not moved on.
func (r *rebalancer) storeAssignments(out *model.Effects, g *group,
	req *kmsg.SyncGroupRequest,
) {
	assignments := make(map[string][]byte, len(req.GroupAssignment))
	for _, a := range req.GroupAssignment {
		assignments[a.MemberID] = a.MemberAssignment
	}
	generation := g.generation
	g.storing = generation
	r.store.append(out, g, []Record{g.metadataRecord(assignments)},
		func(out *model.Effects, code wire.Code) {
			if g.storing == generation {
				g.storing = 0
			}
			if g.state != CompletingRebalance || g.generation != generation {
				return
			}
			if code != wire.None {
				code = storeError(code)
				r.resetAssignments(out.Now, g, code)
				r.prepareRebalance(out, g, "storing the assignment failed: "+code.String())
				r.timers.arm(out, g)
				return
			}
			for i := range g.stored.Members {
				if m := g.byID[g.stored.Members[i].MemberID]; m != nil {
					m.assignment = g.stored.Members[i].Assignment
				}
			}
			g.becomeStable(out.Wall)
			for _, m := range g.members {
				r.answerSync(out.Now, m, g.syncResponse(m))
			}
			kafka.AddNote(out, g.note(kafka.GroupStable, g.leader, ""))
			r.timers.arm(out, g)
		})
}

// storeError is what members learn of a failed append of group metadata: storeGroup of
// GroupMetadataManager.scala (3.9).
func storeError(code wire.Code) wire.Code {
	switch code {
	case wire.UnknownTopicOrPartition, wire.NotEnoughReplicas, wire.NotEnoughReplicasAfterAppend:
		return wire.CoordinatorNotAvailable
	case wire.NotLeaderOrFollower, wire.KafkaStorageError:
		return wire.NotCoordinator
	case wire.RequestTimedOut:
		return wire.RebalanceInProgress
	case wire.MessageTooLarge, wire.RecordListTooLarge, wire.InvalidFetchSize:
		return wire.UnknownServerError
	default:
		return code
	}
}

func (g *group) syncResponse(m *member) *kmsg.SyncGroupResponse {
	resp := kmsg.NewPtrSyncGroupResponse()
	protocolType := g.protocolType
	resp.ProtocolType, resp.Protocol = &protocolType, g.protocol
	resp.MemberAssignment = m.assignment
	return resp
}

func syncError(code wire.Code) *kmsg.SyncGroupResponse {
	resp := kmsg.NewPtrSyncGroupResponse()
	resp.ErrorCode = int16(code)
	return resp
}
