package checks

import (
	"strings"

	"sandcastle/checks/znodes"
	"sandcastle/model/kafka"
)

// zooKeeperTracking is what all checks of ZooKeeper need.
const zooKeeperTracking = "ZooKeeper tracking"

// zooKeeperChecks are those of ZooKeeper. They look at what is known before the tracking, which is
// last, learns of the same thing.
func zooKeeperChecks() []watcherCheck {
	needs := []string{zooKeeperTracking}
	view := func(a kafka.Anomaly, of func(*znodes.Facts, *kafka.ClusterView) []znodes.Violation,
	) watcherCheck {
		inspect := func(w *Watcher, v *look) []violation {
			return ofZooKeeper(of(w.znodes, &v.ClusterView))
		}
		return watcherCheck{name: string(a), needs: needs, inspect: inspect}
	}
	line := func(of func(*znodes.Facts, *kafka.TraceLine) []znodes.Violation,
	) func(*Watcher, *kafka.TraceLine) []violation {
		return func(w *Watcher, line *kafka.TraceLine) []violation {
			return ofZooKeeper(of(w.znodes, line))
		}
	}
	expiry := view(kafka.WrongSessionExpiry, (*znodes.Facts).Overdue)
	expiry.observe = line((*znodes.Facts).Expired)
	return []watcherCheck{
		view(kafka.RegressedZNode, (*znodes.Facts).Nodes),
		view(kafka.OrphanEphemeral, (*znodes.Facts).Ephemerals),
		expiry,
		{
			name: string(kafka.MisorderedReply), needs: needs,
			frame: func(w *Watcher, x *kafka.ZooKeeperFrame) []violation {
				return ofZooKeeper(w.znodes.Order(x))
			},
		},
		{
			name: string(kafka.TwoControllers), needs: needs, observe: line((*znodes.Facts).Controllers),
		},
		{
			name: zooKeeperTracking,
			frame: func(w *Watcher, x *kafka.ZooKeeperFrame) []violation {
				w.znodes.Track(x)
				return nil
			},
			observe: func(w *Watcher, line *kafka.TraceLine) []violation {
				w.znodes.TrackLine(line, strings.HasPrefix(string(line.Node), "zookeeper-") ||
					line.Fault != nil && strings.HasPrefix(string(line.Fault.Node), "zookeeper-"))
				return nil
			},
		},
	}
}

func ofZooKeeper(found []znodes.Violation) (list []violation) {
	for _, v := range found {
		list = append(list, violation{
			anomaly: v.Anomaly, identity: v.Identity, explanation: v.Explanation, witnesses: v.Witnesses,
		})
	}
	return list
}

// ObserveZooKeeper takes what goes to ZooKeeper and from it, in order with the lines of the trace.
func (w *Watcher) ObserveZooKeeper(x *kafka.ZooKeeperFrame) {
	for i := range w.checks {
		if frame := w.checks[i].frame; frame != nil {
			w.guard(i, func() []violation { return frame(w, x) })
		}
	}
}
