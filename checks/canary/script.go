package canary

import (
	"slices"
	"time"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// script shows a watcher a made-up cluster, in which something is wrong by as little as can be; and
// once more, sound, as near to that as can be. What has to be seen one after the other, or on the
// wire, no single view of a run could be falsified to show.
type script struct {
	check kafka.Anomaly
	tells string // what is wrong
	bad   func(s *stage)
	ok    func(s *stage)
}

func scripts() []script {
	return slices.Concat(offsetScripts(), memberScripts(), zooKeeperScripts(), logScripts(),
		ledLogScripts(), looseScripts())
}

// Scripts plays what is made up, and returns what a check missed or found in vain.
func Scripts() []Blind { return inScripts((*checks.Watcher).Report) }

func inScripts(report func(*checks.Watcher) kafka.Report) (blind []Blind) {
	for _, sc := range scripts() {
		for _, wrong := range []bool{true, false} {
			s := newStage()
			if wrong {
				sc.bad(s)
			} else {
				sc.ok(s)
			}
			if finds(report(s.watcher), sc.check) != wrong {
				blind = append(blind, Blind{Check: string(sc.check), Planted: sc.tells, Vain: !wrong})
			}
		}
	}
	return blind
}

// stage is a watcher, and what has been shown to it: broker 1, which coordinates group g, and a
// ZooKeeper in which it has a session on connection 2.
type stage struct {
	watcher *checks.Watcher
	now     model.Time
	asked   uint64 // exchanges so far
}

func newStage() *stage {
	s := &stage{watcher: checks.NewWatcher()}
	s.watcher.GroupSettings(kafka.GroupSettings{OffsetsRetention: time.Hour})
	s.watcher.Logs().SetBrokers("log.initial.task.delay.ms", "0")
	s.watcher.Logs().SetBrokers("log.retention.check.interval.ms", "1000")
	s.starts("zookeeper-1")
	s.frame(kafka.ZooKeeperFrame{Conn: 2, Op: "connect"})
	s.frame(kafka.ZooKeeperFrame{
		Conn: 2, Sent: true, Connected: true, Session: 7, Timeout: 6 * time.Second,
	})
	s.starts("broker-1")
	s.note("broker-1", kafka.Note{
		Kind: kafka.LeaderElected, Topic: kafka.OffsetsTopic, Broker: 1, Epoch: 1,
	})
	s.note("broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded, Topic: kafka.OffsetsTopic})
	return s
}

func (s *stage) pass(d time.Duration) { s.now = s.now.Add(d) }

// note is made a millisecond later.
func (s *stage) note(node model.NodeID, n kafka.Note) {
	s.pass(time.Millisecond)
	s.watcher.Observe(&kafka.TraceLine{
		TraceLine: model.TraceLine{At: s.now, Node: node, Kind: "note"}, Note: n,
	})
}

// starts says that a node was started.
func (s *stage) starts(node model.NodeID) {
	s.pass(time.Millisecond)
	s.watcher.Observe(&kafka.TraceLine{
		TraceLine: model.TraceLine{At: s.now, Node: node, Kind: model.Started.String()},
	})
}

// frame goes to ZooKeeper or comes from it, a millisecond later.
func (s *stage) frame(x kafka.ZooKeeperFrame) {
	s.pass(time.Millisecond)
	x.At = s.now
	s.watcher.ObserveZooKeeper(&x)
}

// shows is what the cluster looks like now.
func (s *stage) shows(v kafka.ClusterView) {
	v.At = s.now
	s.watcher.Inspect(v)
}

// orders is the partition that scripts are about.
func orders() kafka.TopicPartition { return kafka.TopicPartition{Topic: "orders"} }
