package frametext

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// describeGroup says what consumer groups and their members tell each other.
func describeGroup(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.FindCoordinatorRequest:
		t.named("key", m.CoordinatorKey)
		for _, key := range m.CoordinatorKeys {
			t.named("key", key)
		}
		t.flag("of a transactional id", m.CoordinatorType == 1)
	case *kmsg.FindCoordinatorResponse:
		coordinators(t, m)
	case *kmsg.JoinGroupRequest:
		t.named("group", m.Group).member("member", m.MemberID)
		t.millis("session", m.SessionTimeoutMillis).millis("rebalance", m.RebalanceTimeoutMillis)
		for _, p := range m.Protocols {
			t.item().raw(p.Name)
		}
	case *kmsg.JoinGroupResponse:
		joined(t, m)
	case *kmsg.SyncGroupRequest:
		t.named("group", m.Group).member("member", m.MemberID).field("generation", int64(m.Generation))
		for i := range m.GroupAssignment {
			t.items = 0
			t.member("assign", m.GroupAssignment[i].MemberID).raw(":")
			assignment(t, m.GroupAssignment[i].MemberAssignment)
		}
	case *kmsg.SyncGroupResponse:
		if !t.code(m.ErrorCode) {
			t.word("assigned:")
			assignment(t, m.MemberAssignment)
		}
	case *kmsg.HeartbeatRequest:
		t.named("group", m.Group).member("member", m.MemberID).field("generation", int64(m.Generation))
	case *kmsg.HeartbeatResponse:
		t.outcome(m.ErrorCode)
		t.empty = m.ErrorCode == 0
	case *kmsg.LeaveGroupRequest:
		t.named("group", m.Group).member("member", m.MemberID)
		for _, x := range m.Members {
			t.member("member", x.MemberID)
			t.message(x.Reason)
		}
	case *kmsg.LeaveGroupResponse:
		left(t, m)
	case *kmsg.OffsetCommitRequest:
		commit(t, m)
	case *kmsg.OffsetCommitResponse:
		committed(t, m)
	case *kmsg.OffsetFetchRequest:
		fetchOffsets(t, m)
	case *kmsg.OffsetFetchResponse:
		fetchedOffsets(t, m)
	default:
		return false
	}
	return true
}

func coordinators(t *line, m *kmsg.FindCoordinatorResponse) {
	one := func(code int16, message *string, node int32) {
		if t.code(code) {
			t.message(message)
			return
		}
		t.field("coordinator", int64(node))
	}
	if len(m.Coordinators) == 0 {
		one(m.ErrorCode, m.ErrorMessage, m.NodeID)
	}
	for _, c := range m.Coordinators {
		t.named("key", c.Key)
		one(c.ErrorCode, c.ErrorMessage, c.NodeID)
	}
}

func joined(t *line, m *kmsg.JoinGroupResponse) {
	if t.code(m.ErrorCode) {
		t.member("member", m.MemberID)
		return
	}
	t.field("generation", int64(m.Generation)).member("member", m.MemberID)
	t.member("leader", m.LeaderID)
	if m.Protocol != nil {
		t.named("protocol", *m.Protocol)
	}
	if len(m.Members) > 0 { // only the leader learns them
		t.raw(" ").count(int64(len(m.Members)), "member")
	}
}

// assignment says which partitions a member gets.
func assignment(t *line, b []byte) {
	var a kmsg.ConsumerMemberAssignment
	if len(b) == 0 || wire.ReadAssignment(b, &a) != nil {
		t.word("nothing")
		return
	}
	for _, topic := range a.Topics {
		for _, p := range topic.Partitions {
			t.partition(topic.Topic, p)
		}
	}
	if t.items == 0 {
		t.word("nothing")
	}
}

func left(t *line, m *kmsg.LeaveGroupResponse) {
	failed := t.code(m.ErrorCode)
	for _, x := range m.Members {
		if x.ErrorCode != 0 {
			t.member("member", x.MemberID)
			failed = t.code(x.ErrorCode)
		}
	}
	if !failed {
		t.word("ok")
	}
}

func commit(t *line, m *kmsg.OffsetCommitRequest) {
	t.named("group", m.Group).member("member", m.MemberID).known("generation", int64(m.Generation))
	for i := range m.Topics {
		topic := &m.Topics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for _, p := range topic.Partitions {
			t.partition(name, p.Partition).raw("=").int(p.Offset)
		}
	}
}

func committed(t *line, m *kmsg.OffsetCommitResponse) {
	failed := false
	for i := range m.Topics {
		topic := &m.Topics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for _, p := range topic.Partitions {
			if p.ErrorCode == 0 {
				t.concerns(name, p.Partition)
				continue
			}
			failed = t.partition(name, p.Partition).problem(p.ErrorCode)
		}
	}
	if !failed {
		t.word("ok")
	}
}

func fetchOffsets(t *line, m *kmsg.OffsetFetchRequest) {
	t.named("group", m.Group).flag("require_stable", m.RequireStable)
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p)
		}
	}
	for i := range m.Groups {
		g := &m.Groups[i]
		t.named("group", g.Group)
		for j := range g.Topics {
			for _, p := range g.Topics[j].Partitions {
				t.partition(t.topic(g.Topics[j].Topic, g.Topics[j].TopicID), p)
			}
		}
	}
}

func fetchedOffsets(t *line, m *kmsg.OffsetFetchResponse) {
	one := func(topic string, p int32, offset int64, code int16) {
		t.partition(topic, p)
		switch {
		case t.problem(code):
		case offset < 0:
			t.raw("=none")
		default:
			t.raw("=").int(offset)
		}
	}
	t.code(m.ErrorCode)
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			one(m.Topics[i].Topic, p.Partition, p.Offset, p.ErrorCode)
		}
	}
	for i := range m.Groups {
		g := &m.Groups[i]
		t.named("group", g.Group)
		t.code(g.ErrorCode)
		for j := range g.Topics {
			topic := t.topic(g.Topics[j].Topic, g.Topics[j].TopicID)
			for _, p := range g.Topics[j].Partitions {
				one(topic, p.Partition, p.Offset, p.ErrorCode)
			}
		}
	}
	if len(t.b) == 0 {
		t.word("none committed")
	}
}
