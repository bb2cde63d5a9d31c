package frametext

import "github.com/twmb/franz-go/pkg/kmsg"

// describeAssignment says what an operator asks of leaders and replicas.
func describeAssignment(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.ElectLeadersRequest:
		t.flag("preferred", m.ElectionType == 0).flag("unclean", m.ElectionType == 1)
		t.flag("all partitions", m.Topics == nil)
		for i := range m.Topics {
			for _, p := range m.Topics[i].Partitions {
				t.partition(m.Topics[i].Topic, p)
			}
		}
	case *kmsg.ElectLeadersResponse:
		electedLeaders(t, m)
	case *kmsg.AlterPartitionAssignmentsRequest:
		for i := range m.Topics {
			for _, p := range m.Topics[i].Partitions {
				t.partition(m.Topics[i].Topic, p.Partition)
				if p.Replicas == nil {
					t.word("cancel")
					continue
				}
				t.ids("replicas", p.Replicas)
			}
		}
	case *kmsg.AlterPartitionAssignmentsResponse:
		reassigned(t, m)
	case *kmsg.ListPartitionReassignmentsRequest:
		t.flag("all partitions", m.Topics == nil)
		for i := range m.Topics {
			for _, p := range m.Topics[i].Partitions {
				t.partition(m.Topics[i].Topic, p)
			}
		}
	case *kmsg.ListPartitionReassignmentsResponse:
		reassignments(t, m)
	default:
		return false
	}
	return true
}

func electedLeaders(t *line, m *kmsg.ElectLeadersResponse) {
	t.code(m.ErrorCode)
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition)
			if !t.problem(p.ErrorCode) {
				t.raw(": ok")
				continue
			}
			t.message(p.ErrorMessage)
		}
	}
	t.flag("ok", len(t.b) == 0)
}

func reassigned(t *line, m *kmsg.AlterPartitionAssignmentsResponse) {
	if t.code(m.ErrorCode) {
		t.message(m.ErrorMessage)
	}
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition)
			if !t.problem(p.ErrorCode) {
				t.raw(": ok")
				continue
			}
			t.message(p.ErrorMessage)
		}
	}
	t.flag("ok", len(t.b) == 0)
}

func reassignments(t *line, m *kmsg.ListPartitionReassignmentsResponse) {
	if t.code(m.ErrorCode) {
		t.message(m.ErrorMessage)
		return
	}
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition).ids("replicas", p.Replicas)
			t.ids("adding", p.AddingReplicas).ids("removing", p.RemovingReplicas)
		}
	}
	t.flag("none", len(t.b) == 0)
}
