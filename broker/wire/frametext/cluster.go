package frametext

import "github.com/twmb/franz-go/pkg/kmsg"

// describeClusters says what administrators ask about the cluster and its brokers.
func describeClusters(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.DescribeClusterRequest:
		t.field("endpoint_type", int64(m.EndpointType))
	case *kmsg.DescribeClusterResponse:
		if t.code(m.ErrorCode) {
			t.message(m.ErrorMessage)
			return true
		}
		t.named("cluster", m.ClusterID).field("controller", int64(m.ControllerID))
		t.raw(" ").count(int64(len(m.Brokers)), "broker")
	case *kmsg.DescribeLogDirsRequest:
		t.flag("all", m.Topics == nil)
		for _, topic := range m.Topics {
			for _, p := range topic.Partitions {
				t.partition(topic.Topic, p)
			}
		}
	case *kmsg.DescribeLogDirsResponse:
		logDirs(t, m)
	case *kmsg.AlterReplicaLogDirsRequest:
		for _, dir := range m.Dirs {
			t.named("to", dir.Dir)
			for _, topic := range dir.Topics {
				for _, p := range topic.Partitions {
					t.partition(topic.Topic, p)
				}
			}
		}
	case *kmsg.AlterReplicaLogDirsResponse:
		for _, topic := range m.Topics {
			for _, p := range topic.Partitions {
				if !t.partition(topic.Topic, p.Partition).problem(p.ErrorCode) {
					t.raw(": ok")
				}
			}
		}
	case *kmsg.DescribeProducersRequest:
		for _, topic := range m.Topics {
			for _, p := range topic.Partitions {
				t.partition(topic.Topic, p)
			}
		}
	case *kmsg.DescribeProducersResponse:
		activeProducers(t, m)
	default:
		return false
	}
	return true
}

func logDirs(t *line, m *kmsg.DescribeLogDirsResponse) {
	t.code(m.ErrorCode)
	for i := range m.Dirs {
		d := &m.Dirs[i]
		if t.named("dir", d.Dir); t.problem(d.ErrorCode) {
			continue
		}
		userTopicsFirst(len(d.Topics), func(i int) string { return d.Topics[i].Topic },
			func(i int, name string) {
				for _, p := range d.Topics[i].Partitions {
					t.partition(name, p.Partition).raw("=").int(p.Size).raw("B")
				}
			})
	}
}

func activeProducers(t *line, m *kmsg.DescribeProducersResponse) {
	for i := range m.Topics {
		for j := range m.Topics[i].Partitions {
			p := &m.Topics[i].Partitions[j]
			if t.partition(m.Topics[i].Topic, p.Partition).problem(p.ErrorCode) {
				continue
			}
			t.raw(": ").count(int64(len(p.ActiveProducers)), "producer")
		}
	}
}
