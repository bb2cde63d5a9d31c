package znodes

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// story tells Facts of a ZooKeeper with a session of broker-1 on connection 2.
type story struct {
	f     *Facts
	now   model.Time
	found []kafka.Anomaly
}

func begin() *story {
	s := &story{f: New()}
	s.line("zookeeper-1", model.Started.String(), kafka.Note{})
	s.frame(kafka.ZooKeeperFrame{Conn: 2, Op: "connect"})
	s.frame(kafka.ZooKeeperFrame{Conn: 2, Sent: true, Connected: true, Session: 7, Timeout: 6 * time.Second})
	return s
}

func (s *story) line(node, kind string, n kafka.Note) {
	s.now = s.now.Add(time.Millisecond)
	l := &kafka.TraceLine{TraceLine: model.TraceLine{At: s.now, Node: model.NodeID(node), Kind: kind}, Note: n}
	s.keep(s.f.Controllers(l))
	s.keep(s.f.Expired(l))
	s.f.TrackLine(l, node == "zookeeper-1")
}

func (s *story) frame(x kafka.ZooKeeperFrame) {
	s.now = s.now.Add(time.Millisecond)
	x.At = s.now
	s.keep(s.f.Order(&x))
	s.f.Track(&x)
}

func (s *story) keep(list []Violation) {
	for _, v := range list {
		s.found = append(s.found, v.Anomaly)
	}
}

// answers is a reply on a connection.
func (s *story) answers(conn model.ConnID, zxid int64, x kafka.ZooKeeperFrame) {
	x.Conn, x.Sent, x.Zxid = conn, true, zxid
	s.frame(x)
}

// sets is an acknowledged setData of /a by connection 4.
func (s *story) sets(zxid int64) {
	s.answers(4, zxid, kafka.ZooKeeperFrame{
		Op: "setData", Path: "/a", Mzxid: zxid, Writes: []kafka.ZooKeeperWrite{{Op: "setData", Path: "/a"}},
	})
}

// looks shows the inside, with the session of broker-1.
func (s *story) looks(nodes ...kafka.ZNodeView) {
	v := &kafka.ClusterView{At: s.now, ZooKeeper: &kafka.ZooKeeperView{
		Nodes: nodes, Sessions: []kafka.ZSessionView{{ID: 7, Owner: "broker-1"}},
	}}
	s.keep(s.f.Nodes(v))
	s.keep(s.f.Ephemerals(v))
	s.keep(s.f.Overdue(v))
}

func TestStories(t *testing.T) {
	registration := kafka.ZNodeView{Path: "/brokers/ids/1", Czxid: 3, Mzxid: 3, Owner: 7}
	epoch := func(version int32, mzxid int64, data string) kafka.ZNodeView {
		return kafka.ZNodeView{Path: "/controller_epoch", Czxid: 2, Mzxid: mzxid, Version: version,
			Data: []byte(data)}
	}
	expired := kafka.Note{Kind: kafka.SessionExpired, Text: "broker-1"}
	elected := kafka.Note{Kind: kafka.ControllerElected, Broker: 1, Epoch: 4}
	watched := kafka.ZooKeeperFrame{Op: "getData", Path: "/a", Watch: true, Mzxid: 1}
	for _, c := range []struct {
		name string
		tell func(s *story)
		want []kafka.Anomaly
	}{
		{"ok: replies in order", func(s *story) {
			s.answers(2, 5, watched)
			s.answers(2, 6, kafka.ZooKeeperFrame{Op: "ping"})
		}, nil},
		{"bad: a reply before an earlier one", func(s *story) {
			s.answers(2, 5, kafka.ZooKeeperFrame{Op: "getData", Path: "/a", Skipped: 1})
		}, []kafka.Anomaly{kafka.MisorderedReply}},
		{"bad: an older state", func(s *story) {
			s.sets(6)
			s.answers(2, 5, kafka.ZooKeeperFrame{Op: "ping"})
		}, []kafka.Anomaly{kafka.MisorderedReply}},
		{"bad: a read without the write", func(s *story) {
			s.sets(6)
			s.answers(2, 6, kafka.ZooKeeperFrame{Op: "getData", Path: "/a", Mzxid: 5})
		}, []kafka.Anomaly{kafka.MisorderedReply}},
		{"ok: a watch is told first", func(s *story) {
			s.answers(2, 5, watched)
			s.answers(2, -1, kafka.ZooKeeperFrame{Event: "NodeDataChanged", Path: "/a"})
			s.sets(6)
			s.answers(2, 6, kafka.ZooKeeperFrame{Op: "ping"})
		}, nil},
		{"bad: a watch is not told", func(s *story) {
			s.answers(2, 5, watched)
			s.sets(6)
			s.answers(2, 6, kafka.ZooKeeperFrame{Op: "ping"})
		}, []kafka.Anomaly{kafka.MisorderedReply}},
		{"bad: children are not told of", func(s *story) {
			s.answers(2, 5, kafka.ZooKeeperFrame{Op: "getChildren", Path: "/a", Watch: true})
			s.answers(4, 6, kafka.ZooKeeperFrame{Op: "create", Path: "/a/b",
				Writes: []kafka.ZooKeeperWrite{{Op: "create", Path: "/a/b"}}})
			s.answers(2, 6, kafka.ZooKeeperFrame{Op: "ping"})
		}, []kafka.Anomaly{kafka.MisorderedReply}},
		{"ok: a silent session ends", func(s *story) {
			s.looks(registration)
			s.now = s.now.Add(7 * time.Second)
			s.line("zookeeper-1", "note", expired)
		}, nil},
		{"bad: a session ends that was heard", func(s *story) {
			s.looks(registration)
			s.now = s.now.Add(4 * time.Second)
			s.frame(kafka.ZooKeeperFrame{Conn: 2, Op: "ping"})
			s.now = s.now.Add(4 * time.Second)
			s.line("zookeeper-1", "note", expired)
		}, []kafka.Anomaly{kafka.WrongSessionExpiry}},
		{"bad: a silent session goes on", func(s *story) {
			s.now = s.now.Add(20 * time.Second)
			s.looks(registration)
		}, []kafka.Anomaly{kafka.WrongSessionExpiry}},
		{"ok: versions grow", func(s *story) {
			s.looks(registration, epoch(0, 2, "1"))
			s.looks(registration, epoch(3, 9, "4"))
		}, nil},
		{"bad: a version goes back", func(s *story) {
			s.looks(registration, epoch(3, 9, "4"))
			s.looks(registration, epoch(2, 8, "3"))
		}, []kafka.Anomaly{kafka.RegressedZNode}},
		{"bad: other data in one version", func(s *story) {
			s.looks(registration, epoch(3, 9, "4"))
			s.looks(registration, epoch(3, 10, "5"))
		}, []kafka.Anomaly{kafka.RegressedZNode}},
		{"bad: a node is gone that stays for ever", func(s *story) {
			s.looks(registration, epoch(3, 9, "4"))
			s.looks(registration)
		}, []kafka.Anomaly{kafka.RegressedZNode}},
		{"bad: an ephemeral node outlives its session", func(s *story) {
			orphan := registration
			orphan.Owner = 9
			s.looks(orphan)
		}, []kafka.Anomaly{kafka.OrphanEphemeral}},
		{"bad: a registration goes with no session", func(s *story) {
			orphan := registration
			orphan.Owner = 0
			s.looks(orphan)
		}, []kafka.Anomaly{kafka.OrphanEphemeral}},
		{"bad: a broker registers as another", func(s *story) {
			s.looks(kafka.ZNodeView{Path: "/brokers/ids/2", Czxid: 3, Mzxid: 3, Owner: 7})
		}, []kafka.Anomaly{kafka.OrphanEphemeral}},
		{"bad: an epoch begins twice", func(s *story) {
			s.line("broker-1", "note", elected)
			s.line("broker-2", "note", elected)
		}, []kafka.Anomaly{kafka.TwoControllers}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := begin()
			c.tell(s)
			require.Equal(t, c.want, s.found)
		})
	}
}

// What a disk lost that ZooKeeper had flushed is not held against it.
func TestDiskThatLost(t *testing.T) {
	s := begin()
	s.looks(kafka.ZNodeView{Path: "/controller_epoch", Czxid: 2, Mzxid: 9, Version: 3})
	s.f.TrackLine(&kafka.TraceLine{TraceLine: model.TraceLine{
		Kind: model.TraceFault, Fault: &model.Fault{Verb: model.FaultWipe, Node: "zookeeper-1"},
	}}, true)
	s.looks()
	require.Empty(t, s.found)
}
