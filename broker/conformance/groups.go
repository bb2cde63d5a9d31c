package conformance

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// member is one member of a consumer group, with a connection to the coordinator.
type member struct {
	*call
	group, id  string
	generation int32
	leads      bool
	others     int // members in the answer to the leader, itself among them
}

// coordinator finds the broker that coordinates a group.
func (p *player) coordinator(group string) kafka.BrokerID {
	p.Helper()
	var found kafka.BrokerID
	p.eventually("group "+group+" has a coordinator", func() bool {
		req := at(2, kmsg.NewPtrFindCoordinatorRequest())
		req.CoordinatorKey = group
		resp := p.ask(p.first(), req).(*kmsg.FindCoordinatorResponse)
		found = kafka.BrokerID(resp.NodeID)
		if resp.ErrorCode != 0 {
			return false
		}
		_, code := p.committed(found, group, topicPartition("nothing", 0))
		return code == wire.None // its part of __consumer_offsets is loaded
	})
	return found
}

func (m *member) joinRequest() *kmsg.JoinGroupRequest {
	req := at(5, kmsg.NewPtrJoinGroupRequest())
	req.Group, req.MemberID, req.ProtocolType = m.group, m.id, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 10000, 10000
	req.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range", Metadata: []byte("meta")}}
	return req
}

// enter gets the member its id (KIP-394).
func (m *member) enter() {
	m.p.Helper()
	resp := m.ask(m.joinRequest()).(*kmsg.JoinGroupResponse)
	m.p.code(resp.ErrorCode, wire.MemberIDRequired, "a first JoinGroup")
	m.p.demand(resp.MemberID != "", "a member without an id")
	m.id = resp.MemberID
}

// join joins, and gets an id before if it has none.
func (m *member) join() {
	m.p.Helper()
	if m.id == "" {
		m.enter()
	}
	m.joined(m.send(m.joinRequest()))
}

// joined takes the answer to a JoinGroup.
func (m *member) joined(number int32) {
	m.p.Helper()
	resp := m.receive(m.joinRequest(), number).(*kmsg.JoinGroupResponse)
	m.p.code(resp.ErrorCode, wire.None, "JoinGroup")
	m.generation, m.leads, m.others = resp.Generation, resp.LeaderID == m.id, len(resp.Members)
	m.p.demand(m.leads == (m.others > 0), "the leader alone learns who the members are")
}

func (m *member) syncRequest(assign map[string]string, ids ...string) *kmsg.SyncGroupRequest {
	req := at(3, kmsg.NewPtrSyncGroupRequest())
	req.Group, req.MemberID, req.Generation = m.group, m.id, m.generation
	for _, id := range ids {
		req.GroupAssignment = append(req.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{
			MemberID: id, MemberAssignment: []byte(assign[id])})
	}
	return req
}

func (m *member) heartbeat() wire.Code {
	m.p.Helper()
	req := at(3, kmsg.NewPtrHeartbeatRequest())
	req.Group, req.MemberID, req.Generation = m.group, m.id, m.generation
	return wire.Code(m.ask(req).(*kmsg.HeartbeatResponse).ErrorCode)
}

func (m *member) commit(tp kafka.TopicPartition, offset int64) wire.Code {
	m.p.Helper()
	req := at(7, kmsg.NewPtrOffsetCommitRequest())
	req.Group, req.MemberID, req.Generation = m.group, m.id, m.generation
	part := kmsg.NewOffsetCommitRequestTopicPartition()
	part.Partition, part.Offset = tp.Partition, offset
	req.Topics = []kmsg.OffsetCommitRequestTopic{{Topic: tp.Topic,
		Partitions: []kmsg.OffsetCommitRequestTopicPartition{part}}}
	resp := m.ask(req).(*kmsg.OffsetCommitResponse)
	return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
}

func (m *member) leave() {
	m.p.Helper()
	req := at(1, kmsg.NewPtrLeaveGroupRequest())
	req.Group, req.MemberID = m.group, m.id
	m.p.code(m.ask(req).(*kmsg.LeaveGroupResponse).ErrorCode, wire.None, "LeaveGroup")
}

// committed is what a group has committed, −1 for nothing.
func (p *player) committed(id kafka.BrokerID, group string, tp kafka.TopicPartition,
) (int64, wire.Code) {
	p.Helper()
	req := at(5, kmsg.NewPtrOffsetFetchRequest())
	req.Group = group
	req.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: tp.Topic, Partitions: []int32{tp.Partition}}}
	resp := p.ask(id, req).(*kmsg.OffsetFetchResponse)
	if resp.ErrorCode != 0 {
		return 0, wire.Code(resp.ErrorCode)
	}
	part := resp.Topics[0].Partitions[0]
	return part.Offset, wire.Code(part.ErrorCode)
}

// group: two members join, the leader shares out, both beat and commit; one leaves, the other hears
// of it and goes on alone; what was committed stays.
func group(p *player) {
	tp := topicPartition("grouped", 0)
	p.topic(tp.Topic, 2, 1)
	id := p.coordinator("billing")
	a := &member{call: p.dial(id), group: "billing"}
	b := &member{call: p.dial(id), group: "billing"}
	defer a.line.Close()
	defer b.line.Close()
	p.gather(a, b)
	leader, other := a, b
	if b.leads {
		leader, other = b, a
	}
	p.demand(leader.leads && !other.leads && leader.others == 2, "one leader of two members")
	p.share(leader, other)
	for _, m := range []*member{a, b} {
		p.demand(m.heartbeat() == wire.None, "a heartbeat of a stable group")
	}
	p.demand(a.commit(tp, 7) == wire.None, "a commit")

	other.leave()
	p.demand(leader.heartbeat() == wire.RebalanceInProgress, "who stays hears that another left")
	before := leader.generation
	p.gather(leader)
	p.demand(leader.generation > before && leader.others == 1,
		"who stays is alone, a generation later")
	p.share(leader)
	p.demand(other.heartbeat() == wire.UnknownMemberID, "who left is no longer known")
	got, code := p.committed(id, "billing", tp)
	p.demand(got == 7 && code == wire.None, "committed: %d, %s", got, code)
	got, code = p.committed(id, "billing", topicPartition(tp.Topic, 1))
	p.demand(got == -1 && code == wire.None, "nothing was committed: %d, %s", got, code)
	leader.leave()
}

// gather has members join until all are in one generation: the first one alone, and again when the
// others have come.
func (p *player) gather(first *member, others ...*member) {
	p.Helper()
	first.join()
	if len(others) == 0 {
		return
	}
	var numbers []int32
	for _, m := range others {
		m.enter()
		numbers = append(numbers, m.send(m.joinRequest()))
	}
	p.eventually("the first member hears of the others", func() bool {
		return first.heartbeat() == wire.RebalanceInProgress
	})
	first.join()
	for i, m := range others {
		m.joined(numbers[i])
		p.demand(m.generation == first.generation, "generations %d and %d", m.generation,
			first.generation)
	}
}

// share has the leader share out and requires that each member gets its own.
func (p *player) share(leader *member, others ...*member) {
	p.Helper()
	members := append([]*member{leader}, others...)
	assign, ids := map[string]string{}, []string{}
	for _, m := range members {
		assign[m.id] = "for " + m.id
		ids = append(ids, m.id)
	}
	numbers := make([]int32, len(members))
	for i := len(members) - 1; i >= 0; i-- { // the leader comes last
		if m := members[i]; m == leader {
			numbers[i] = m.send(m.syncRequest(assign, ids...))
		} else {
			numbers[i] = m.send(m.syncRequest(nil))
		}
	}
	for i, m := range members {
		resp := m.receive(m.syncRequest(nil), numbers[i]).(*kmsg.SyncGroupResponse)
		p.code(resp.ErrorCode, wire.None, "SyncGroup")
		p.demand(string(resp.MemberAssignment) == assign[m.id], "%s got %q", m.id, resp.MemberAssignment)
	}
}

// groupErrors: who is no member, or of another generation, is refused.
func groupErrors(p *player) {
	tp := topicPartition("grouped", 0)
	id := p.coordinator("audit")
	stranger := &member{call: p.dial(id), group: "audit", id: "nobody", generation: 1}
	defer stranger.line.Close()
	p.demand(stranger.heartbeat() == wire.UnknownMemberID, "a heartbeat of nobody")
	m := &member{call: p.dial(id), group: "audit"}
	defer m.line.Close()
	p.gather(m)
	p.share(m)
	p.demand(stranger.commit(tp, 1) == wire.UnknownMemberID, "a commit of nobody")
	m.generation++
	p.demand(m.heartbeat() == wire.IllegalGeneration, "a heartbeat of another generation")
	p.demand(m.commit(tp, 1) == wire.IllegalGeneration, "a commit of another generation")
	m.generation--
	m.leave()
	got, code := p.committed(id, "audit", tp)
	p.demand(got == -1 && code == wire.None, "refused commits are not kept: %d, %s", got, code)
}
