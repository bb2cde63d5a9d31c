package checks

import (
	"strings"

	"sandcastle/checks/groups"
	"sandcastle/checks/znodes"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// groupTracking is what all checks of groups need.
const groupTracking = "group tracking"

// groupChecks are those of groups and their coordinators. They look at what is known before the
// tracking, which is last, learns of the same thing.
func groupChecks() []watcherCheck {
	needs := []string{lossTracking, groupTracking}
	of := func(a kafka.Anomaly, exchange func(*groups.Facts, *kafka.GroupExchange) []groups.Violation,
		view func(*groups.Facts, *kafka.ClusterView) []groups.Violation) watcherCheck {
		c := watcherCheck{name: string(a), needs: needs}
		if exchange != nil {
			c.exchange = func(w *Watcher, x *kafka.GroupExchange) []violation {
				return only(a, exchange(w.groups, x))
			}
		}
		if view != nil {
			c.inspect = func(w *Watcher, v *look) []violation {
				return only(a, view(w.groups, &v.ClusterView))
			}
		}
		return c
	}
	lost := of(kafka.LostOffset, (*groups.Facts).ReadOffsets, (*groups.Facts).HeldOffsets)
	lost.atEnd = func(w *Watcher) []violation { return only(kafka.LostOffset, w.groups.Gone()) }
	torn := of(kafka.TornGeneration, (*groups.Facts).Torn, nil)
	torn.observe = func(w *Watcher, line *kafka.TraceLine) []violation {
		return only(kafka.TornGeneration, w.groups.Taken(line))
	}
	expiry := of(kafka.WrongExpiry, nil, (*groups.Facts).Overdue)
	expiry.observe = func(w *Watcher, line *kafka.TraceLine) []violation {
		return only(kafka.WrongExpiry, w.groups.Expiry(line, brokerOf(line.Node)))
	}
	return []watcherCheck{
		lost,
		of(kafka.RegressedOffset, (*groups.Facts).ReadOffsets, (*groups.Facts).HeldOffsets),
		of(kafka.PhantomOffset, (*groups.Facts).ReadOffsets, (*groups.Facts).HeldOffsets),
		of(kafka.OffsetBeyondEnd, nil, offsetsBeyondEnd),
		of(kafka.StaleCommit, (*groups.Facts).Fenced, nil),
		of(kafka.ZombieMember, (*groups.Facts).Fenced, nil),
		of(kafka.RegressedGeneration, (*groups.Facts).Generations, (*groups.Facts).HeldGenerations),
		torn, expiry,
		of(kafka.ResurrectedGroup, nil, (*groups.Facts).Resurrected),
		{
			name: groupTracking, needs: []string{lossTracking},
			exchange: func(w *Watcher, x *kafka.GroupExchange) []violation {
				list := only(kafka.DoubleOwner, w.groups.Owners(x))
				w.groups.Track(x)
				return list
			},
			observe: func(w *Watcher, line *kafka.TraceLine) []violation {
				w.groups.TrackLine(line, brokerOf(line.Node), w.lossyOffsets)
				return nil
			},
		},
	}
}

func offsetsBeyondEnd(f *groups.Facts, v *kafka.ClusterView) []groups.Violation {
	if !v.AtRest {
		return nil
	}
	return f.BeyondEnd(v)
}

// only are the violations that are of one anomaly.
func only(a kafka.Anomaly, found []groups.Violation) (list []violation) {
	for _, v := range found {
		if v.Anomaly == a {
			list = append(list, violation{
				anomaly: a, identity: v.Identity, explanation: v.Explanation, witnesses: v.Witnesses,
			})
		}
	}
	return list
}

// lossyOffsets tells whether committed records of a partition of __consumer_offsets may be gone.
func (w *Watcher) lossyOffsets(partition int32) bool {
	tp := kafka.TopicPartition{Topic: kafka.OffsetsTopic, Partition: partition}
	return w.unclean[tp] || len(w.losses.hit[tp]) > 0
}

// brokerOf is the broker on a node, NoBroker when it is another's.
func brokerOf(node model.NodeID) kafka.BrokerID {
	if id, ok := brokerID(node); ok {
		return id
	}
	return kafka.NoBroker
}

// GroupSettings says how long the coordinators keep things.
func (w *Watcher) GroupSettings(s kafka.GroupSettings) { w.groups.Settings = s }

// ObserveExchange takes what a coordinator was asked, and again when it answers. Exchanges come in
// order with the lines of the trace.
func (w *Watcher) ObserveExchange(x *kafka.GroupExchange) {
	for i := range w.checks {
		if observe := w.checks[i].exchange; observe != nil {
			w.guard(i, func() []violation { return observe(w, x) })
		}
	}
}

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
