package group

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// rebalancer moves groups from generation to generation: it lets members in, parks and answers
// their JoinGroup and SyncGroup, and removes those that do not come back.
type rebalancer struct {
	cfg    *Config
	rand   *model.Rand // of member ids
	outbox *outbox
	timers *timers
	store  *store
}

// addMember adds a new member, parks its JoinGroup and starts a rebalance if none is running.
func (r *rebalancer) addMember(out *model.Effects, g *group, m *member,
	protocolType string, reply Reply,
) {
	m.isNew = true
	if g.state == PreparingRebalance && g.generation == 0 {
		g.newMemberAdded = true
	}
	g.add(m, protocolType)
	g.parkJoin(m, reply)
	m.deadline = out.Now.Add(newMemberTimeout)
	kafka.AddNote(out, g.note(kafka.MemberJoined, m.id, ""))
	r.maybePrepareRebalance(out, g, "member "+m.id+" joined")
}

// updateMember parks the JoinGroup of a member that is back, perhaps with other protocols.
func (r *rebalancer) updateMember(out *model.Effects, g *group, m *member,
	req *kmsg.JoinGroupRequest, reply Reply, reason string,
) {
	g.setProtocols(m, req)
	g.parkJoin(m, reply)
	r.maybePrepareRebalance(out, g, reason)
}

// setProtocols applies what the member asks for in its JoinGroup.
func (g *group) setProtocols(m *member, req *kmsg.JoinGroupRequest) {
	g.count(m, -1)
	m.protocols = req.Protocols
	g.count(m, 1)
	m.session, m.rebalance = sessionTimeout(req), rebalanceTimeout(req)
}

func (g *group) parkJoin(m *member, reply Reply) {
	if m.join == nil {
		g.parkedJoins++
	}
	m.join = reply
}

// answerJoin answers the parked JoinGroup, if there is one.
func (r *rebalancer) answerJoin(g *group, m *member, resp *kmsg.JoinGroupResponse) {
	if m.join == nil {
		return
	}
	r.outbox.answer(m.join, resp)
	m.join = nil
	g.parkedJoins--
}

// removeMember removes a member and lets the group go on without it. A parked JoinGroup is answered
// UNKNOWN_MEMBER_ID, so that a client that is still there joins anew.
func (r *rebalancer) removeMember(out *model.Effects, g *group, m *member, reason kafka.Reason,
	why string,
) {
	r.dropMember(out, g, m, reason, why)
	switch g.state {
	case Stable, CompletingRebalance:
		r.prepareRebalance(out, g, "member "+m.id+" is gone: "+why)
	case PreparingRebalance:
		r.maybeCompleteJoin(out, g)
	}
}

func (r *rebalancer) dropMember(out *model.Effects, g *group, m *member, reason kafka.Reason,
	why string,
) {
	r.answerJoin(g, m, joinError("", wire.UnknownMemberID))
	if m.sync != nil {
		// Kafka drops a parked SyncGroup here and leaves its client to its timeout.
		r.outbox.answer(m.sync, syncError(wire.UnknownMemberID))
		m.sync = nil
	}
	g.remove(m)
	note := g.note(kafka.MemberLeft, m.id, why)
	note.Reason = reason
	kafka.AddNote(out, note)
}

func (r *rebalancer) maybePrepareRebalance(out *model.Effects, g *group,
	reason string,
) {
	if g.state == Empty || g.state == CompletingRebalance || g.state == Stable {
		r.prepareRebalance(out, g, reason)
	}
}

// prepareRebalance opens the join phase. A group that was Empty waits a while for others, whoever
// came; any other waits for the members that it knows.
func (r *rebalancer) prepareRebalance(out *model.Effects, g *group,
	reason string,
) {
	if g.state == CompletingRebalance {
		r.resetAssignments(out.Now, g, wire.RebalanceInProgress)
	}
	g.clearSyncs()
	g.initial = g.state == Empty
	g.becomePreparingRebalance(out.Wall)
	kafka.AddNote(out, g.note(kafka.RebalanceStarted, "", reason))
	if !g.initial {
		g.joinDeadline = out.Now.Add(g.rebalanceTimeout())
		r.maybeCompleteJoin(out, g)
		return
	}
	g.newMemberAdded = false
	g.delay = r.cfg.InitialRebalanceDelay
	g.delayLeft = max(g.rebalanceTimeout()-g.delay, 0)
	g.joinDeadline = out.Now.Add(g.delay)
}

func (g *group) clearSyncs() {
	for _, m := range g.members {
		m.syncPending = false
	}
	g.syncDeadline = model.Never
}

// maybeCompleteJoin ends the join phase when everyone is there: all members are back, and every id
// that was given out is in use.
func (r *rebalancer) maybeCompleteJoin(out *model.Effects, g *group) {
	if g.state == PreparingRebalance && !g.initial &&
		g.parkedJoins == len(g.members) && len(g.pending) == 0 {
		r.completeJoin(out, g)
	}
}

// onJoinDeadline ends the join phase, or the part of the initial wait that is over.
func (r *rebalancer) onJoinDeadline(out *model.Effects, g *group) {
	if g.initial && g.newMemberAdded && g.delayLeft > 0 {
		g.newMemberAdded = false
		last := g.delay
		g.delay = min(r.cfg.InitialRebalanceDelay, g.delayLeft)
		g.delayLeft = max(g.delayLeft-last, 0)
		g.joinDeadline = out.Now.Add(g.delay)
		return
	}
	g.initial = false
	r.completeJoin(out, g)
}

// completeJoin makes the next generation of those who are back. Dynamic members that are not are
// removed; static ones stay until their session expires (KIP-345).
func (r *rebalancer) completeJoin(out *model.Effects, g *group) {
	for i := 0; i < len(g.members); {
		if m := g.members[i]; m.join == nil && m.instance == nil {
			r.dropMember(out, g, m, kafka.ReasonAbsent, "did not re-join")
			continue
		}
		i++
	}
	if len(g.members) > 0 && !g.electLeader() {
		// Only static members are left, and none is here: wait until one comes or expires.
		g.joinDeadline = out.Now.Add(max(g.rebalanceTimeout(), time.Second))
		return
	}
	g.joinDeadline = model.Never
	g.generation++
	if len(g.members) == 0 {
		g.protocol = nil
		g.becomeEmpty(out.Wall)
		// A failure is of no consequence: the generation that the log still shows has no members
		// alive, and they will expire again.
		r.store.append(out, g, []Record{g.metadataRecord(nil)},
			func(*model.Effects, wire.Code) {})
		return
	}
	protocol := g.selectProtocol()
	g.protocol = &protocol
	g.reads = subscriptionOf(g)
	g.becomeCompletingRebalance(out.Wall)
	for _, m := range g.members {
		r.answerJoin(g, m, g.joinResponse(m))
		m.touch(out.Now)
		m.isNew = false
		m.syncPending = true
	}
	g.syncDeadline = out.Now.Add(g.rebalanceTimeout())
}

// electLeader keeps the leader if it is back, and else makes the first that is back the leader.
func (g *group) electLeader() bool {
	if g.byID[g.leader].join != nil {
		return true
	}
	for _, m := range g.members {
		if m.join != nil {
			g.leader = m.id
			return true
		}
	}
	return false
}

// onSyncDeadline removes the members that joined the generation and then fell silent.
func (r *rebalancer) onSyncDeadline(out *model.Effects, g *group) {
	g.syncDeadline = model.Never
	removed := 0
	for i := 0; i < len(g.members); {
		if m := g.members[i]; m.syncPending {
			r.dropMember(out, g, m, kafka.ReasonAbsent, "did not sync")
			removed++
			continue
		}
		i++
	}
	if removed > 0 {
		r.prepareRebalance(out, g, "members did not sync")
	}
}

// resetAssignments answers the members that wait for an assignment with why there is none.
func (r *rebalancer) resetAssignments(now model.Time, g *group, code wire.Code) {
	for _, m := range g.members {
		m.assignment = nil
		r.answerSync(now, m, syncError(code))
	}
}

// answerSync answers the parked SyncGroup, if there is one, and starts the member's session anew:
// it did not count while the member waited.
func (r *rebalancer) answerSync(now model.Time, m *member, resp *kmsg.SyncGroupResponse) {
	if m.sync == nil {
		return
	}
	r.outbox.answer(m.sync, resp)
	m.sync = nil
	m.touch(now)
}

// keepAlive starts a member's session anew. The timer stays where it is, and finds out when it
// fires. Only a new member may get a deadline nearer than it had: its session, not five minutes.
func (r *rebalancer) keepAlive(out *model.Effects, g *group, m *member) {
	m.touch(out.Now)
	if m.deadline < g.armed {
		r.timers.arm(out, g)
	}
}
