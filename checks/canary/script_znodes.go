package canary

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// replies is what ZooKeeper sends on a connection.
func (s *stage) replies(conn model.ConnID, zxid int64, x kafka.ZooKeeperFrame) {
	x.Conn, x.Sent, x.Zxid = conn, true, zxid
	s.frame(x)
}

// sets is an acknowledged setData of /a on connection 4.
func (s *stage) sets(zxid int64) {
	s.replies(4, zxid, kafka.ZooKeeperFrame{
		Op: "setData", Path: "/a", Mzxid: zxid,
		Writes: []kafka.ZooKeeperWrite{{Op: "setData", Path: "/a"}},
	})
}

// watches is a read of /a with a watch, on connection 2.
func (s *stage) watches() {
	s.replies(2, 5, kafka.ZooKeeperFrame{Op: "getData", Path: "/a", Watch: true, Mzxid: 1})
}

// keeps shows the inside of ZooKeeper, with the session of broker-1.
func (s *stage) keeps(nodes ...kafka.ZNodeView) {
	s.shows(kafka.ClusterView{ZooKeeper: &kafka.ZooKeeperView{
		Nodes: nodes, Sessions: []kafka.ZSessionView{{ID: 7, Owner: "broker-1"}},
	}})
}

func registration(owner int64) kafka.ZNodeView {
	return kafka.ZNodeView{Path: "/brokers/ids/1", Czxid: 3, Mzxid: 3, Owner: owner}
}

func controllerEpoch(version int32, mzxid int64, data string) kafka.ZNodeView {
	return kafka.ZNodeView{
		Path: "/controller_epoch", Czxid: 2, Mzxid: mzxid, Version: version, Data: []byte(data),
	}
}

// sessionEnds ends the session of broker-1 so long after it was heard.
func (s *stage) sessionEnds(after time.Duration) {
	s.keeps(registration(7))
	s.frame(kafka.ZooKeeperFrame{Conn: 2, Op: "ping"})
	s.pass(after - time.Millisecond)
	s.note("zookeeper-1", kafka.Note{Kind: kafka.SessionExpired, Text: "broker-1"})
}

// sessionStays looks at ZooKeeper so long after it has heard the session.
func (s *stage) sessionStays(d time.Duration) {
	s.frame(kafka.ZooKeeperFrame{Conn: 2, Op: "ping"})
	s.pass(d)
	s.keeps(registration(7))
}

// zooKeeperScripts are about ZooKeeper. Its sessions have a timeout of 6 s, its tick is 2 s.
func zooKeeperScripts() []script {
	return append(replyScripts(), []script{
		{
			kafka.WrongSessionExpiry, "a session ended at nine tenths of its timeout",
			func(s *stage) { s.sessionEnds(5390 * time.Millisecond) },
			func(s *stage) { s.sessionEnds(5400 * time.Millisecond) },
		},
		{
			kafka.WrongSessionExpiry, "a session is still there that was silent for far more than it may",
			func(s *stage) { s.sessionStays(12601 * time.Millisecond) },
			func(s *stage) { s.sessionStays(12599 * time.Millisecond) },
		},
		{
			kafka.RegressedZNode, "a node went back by one version",
			func(s *stage) {
				s.keeps(controllerEpoch(3, 9, "4"))
				s.keeps(controllerEpoch(2, 8, "3"))
			},
			func(s *stage) {
				s.keeps(controllerEpoch(3, 9, "4"))
				s.keeps(controllerEpoch(4, 10, "5"))
			},
		},
		{
			kafka.RegressedZNode, "a node has other data in the same version",
			func(s *stage) {
				s.keeps(controllerEpoch(3, 9, "4"))
				s.keeps(controllerEpoch(3, 10, "5"))
			},
			func(s *stage) {
				s.keeps(controllerEpoch(3, 9, "4"))
				s.keeps(controllerEpoch(3, 9, "4"))
			},
		},
		{
			kafka.OrphanEphemeral, "a registration outlives its session",
			func(s *stage) { s.keeps(registration(9)) },
			func(s *stage) { s.keeps(registration(7)) },
		},
		{
			kafka.OrphanEphemeral, "a registration goes with no session",
			func(s *stage) { s.keeps(registration(0)) },
			func(s *stage) { s.keeps(controllerEpoch(0, 2, "1")) },
		},
		{
			kafka.TwoControllers, "a controller epoch began twice",
			func(s *stage) { s.reigns(4, 4) },
			func(s *stage) { s.reigns(4, 5) },
		},
	}...)
}

// reigns elects two controllers one after the other.
func (s *stage) reigns(one, other kafka.Epoch) {
	s.note("broker-1", kafka.Note{Kind: kafka.ControllerElected, Broker: 1, Epoch: one})
	s.note("broker-2", kafka.Note{Kind: kafka.ControllerElected, Broker: 2, Epoch: other})
}

// replyScripts are about what ZooKeeper sends, and in which order.
func replyScripts() []script {
	ping := kafka.ZooKeeperFrame{Op: "ping"}
	return []script{
		{
			kafka.MisorderedReply, "a request was answered before an earlier one",
			func(s *stage) { s.replies(2, 5, kafka.ZooKeeperFrame{Op: "ping", Skipped: 1}) },
			func(s *stage) { s.replies(2, 5, ping) },
		},
		{
			kafka.MisorderedReply, "a request was answered as of one transaction before",
			func(s *stage) {
				s.sets(6)
				s.replies(2, 5, ping)
			},
			func(s *stage) {
				s.sets(6)
				s.replies(2, 6, ping)
			},
		},
		{
			kafka.MisorderedReply, "a read did not see the write that was acknowledged before",
			func(s *stage) {
				s.sets(6)
				s.replies(2, 6, kafka.ZooKeeperFrame{Op: "getData", Path: "/a", Mzxid: 5})
			},
			func(s *stage) {
				s.sets(6)
				s.replies(2, 6, kafka.ZooKeeperFrame{Op: "getData", Path: "/a", Mzxid: 6})
			},
		},
		{
			kafka.MisorderedReply, "who watches a node was answered before it was told of a change",
			func(s *stage) {
				s.watches()
				s.sets(6)
				s.replies(2, 6, ping)
			},
			func(s *stage) {
				s.watches()
				s.replies(2, -1, kafka.ZooKeeperFrame{Event: "NodeDataChanged", Path: "/a"})
				s.sets(6)
				s.replies(2, 6, ping)
			},
		},
	}
}
