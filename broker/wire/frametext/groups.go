package frametext

import "github.com/twmb/franz-go/pkg/kmsg"

// describeGroups says what administrators ask of groups.
func describeGroups(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.ListGroupsRequest:
		if len(m.StatesFilter)+len(m.TypesFilter) == 0 {
			t.word("all")
		}
		for _, s := range m.StatesFilter {
			t.named("state", s)
		}
		for _, s := range m.TypesFilter {
			t.named("type", s)
		}
	case *kmsg.ListGroupsResponse:
		t.code(m.ErrorCode)
		for i := range m.Groups {
			t.item().raw(m.Groups[i].Group)
			state(t, m.Groups[i].GroupState)
		}
	case *kmsg.DescribeGroupsRequest:
		for _, group := range m.Groups {
			t.item().raw(group)
		}
	case *kmsg.DescribeGroupsResponse:
		for i := range m.Groups {
			described(t, &m.Groups[i])
		}
	case *kmsg.DeleteGroupsRequest:
		for _, group := range m.Groups {
			t.item().raw(group)
		}
	case *kmsg.DeleteGroupsResponse:
		for i := range m.Groups {
			if t.item().raw(m.Groups[i].Group); !t.problem(m.Groups[i].ErrorCode) {
				t.raw(": deleted")
			}
		}
	case *kmsg.OffsetDeleteRequest:
		t.named("group", m.Group)
		for i := range m.Topics {
			for _, p := range m.Topics[i].Partitions {
				t.partition(m.Topics[i].Topic, p.Partition)
			}
		}
	case *kmsg.OffsetDeleteResponse:
		offsetsDeleted(t, m)
	default:
		return false
	}
	return true
}

// state adds the state of a group, if the version tells it.
func state(t *line, name string) {
	if name != "" {
		t.raw(" (").raw(name).raw(")")
	}
}

func described(t *line, g *kmsg.DescribeGroupsResponseGroup) {
	if t.item().raw(g.Group); t.problem(g.ErrorCode) {
		return
	}
	t.raw(": ").raw(g.State).named("protocol", g.Protocol)
	t.raw(" ").count(int64(len(g.Members)), "member")
}

func offsetsDeleted(t *line, m *kmsg.OffsetDeleteResponse) {
	failed := t.code(m.ErrorCode)
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			if p.ErrorCode == 0 {
				t.concerns(m.Topics[i].Topic, p.Partition)
				continue
			}
			failed = t.partition(m.Topics[i].Topic, p.Partition).problem(p.ErrorCode)
		}
	}
	if !failed {
		t.word("ok")
	}
}
