package checks

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

func orders() kafka.TopicPartition { return kafka.TopicPartition{Topic: "orders"} }

// replicaWith is a follower on broker with one batch a record: the sums are its contents.
func replicaWith(broker kafka.BrokerID, high kafka.Offset, sums ...uint64) kafka.ReplicaView {
	r := kafka.ReplicaView{
		Broker: broker, TP: orders(), HighWatermark: high, LogEnd: kafka.Offset(len(sums)),
		ISR: []kafka.BrokerID{1, 2, 3},
	}
	for i, sum := range sums {
		o := kafka.Offset(i)
		r.Batches = append(r.Batches, kafka.BatchView{Base: o, Last: o, Epoch: 1, Sum: sum})
	}
	return r
}

func leading(r kafka.ReplicaView, epoch kafka.Epoch) kafka.ReplicaView {
	r.Leading, r.LeaderEpoch = true, epoch
	return r
}

func view(at model.Time, replicas ...kafka.ReplicaView) kafka.ClusterView {
	return kafka.ClusterView{At: at, Replicas: replicas}
}

// judgeView judges one view by itself.
func judgeView(v kafka.ClusterView) []kafka.Finding {
	w := NewWatcher()
	w.Inspect(v)
	return w.Findings()
}

func TestViewOfAHealthyCluster(t *testing.T) {
	require.Empty(t, judgeView(kafka.ClusterView{}))
	other := replicaWith(1, 1, 9)
	other.TP.Partition = 1
	require.Empty(t, judgeView(view(7,
		leading(replicaWith(1, 2, 10, 11, 12), 3), // offset 2 is not committed yet
		replicaWith(2, 2, 10, 11, 99),             // and may differ on a follower
		replicaWith(3, 1, 10, 11),
		other,
	)))
}

func TestDivergedLog(t *testing.T) {
	found := judgeView(
		view(7, replicaWith(1, 2, 10, 11), replicaWith(2, 2, 10, 99), replicaWith(3, 1, 10, 77)),
	)
	require.Len(t, found, 1)
	require.Equal(t, kafka.LogMatching, found[0].Anomaly)
	require.Equal(t, 1, found[0].Count)
	require.Contains(t, found[0].Explanation, "brokers 1 and 2 differ in orders-0 at offset 1")
	require.Equal(t, "broker-2", found[0].Witnesses[1].Who)

	short := replicaWith(2, 2, 10)
	found = judgeView(view(7, replicaWith(1, 2, 10, 11), short))
	require.Equal(t, []kafka.Anomaly{kafka.LogMatching}, anomalies(found))
	require.Contains(t, found[0].Witnesses[1].Text, "holds nothing at offset 1")
}

func TestDivergedLogIgnoresWhatOneHasDeleted(t *testing.T) {
	trimmed := replicaWith(2, 3, 55, 11, 12)
	trimmed.Batches, trimmed.LogStart = trimmed.Batches[1:], 1
	require.Empty(t, judgeView(view(1, replicaWith(1, 3, 10, 11, 12), trimmed)))
}

func TestWeakISR(t *testing.T) {
	behind := replicaWith(2, 1, 10)
	found := judgeView(view(7, leading(replicaWith(1, 2, 10, 11), 1), behind))
	require.Equal(t, []kafka.Anomaly{kafka.WeakIsr}, anomalies(found))
	require.Contains(t, found[0].Explanation, "broker 2 of its ISR lacks offset 1")

	different := replicaWith(2, 1, 10, 99)
	require.Equal(t, []kafka.Anomaly{kafka.WeakIsr},
		anomalies(judgeView(view(7, leading(replicaWith(1, 2, 10, 11), 1), different))))

	out := leading(replicaWith(1, 2, 10, 11), 1)
	out.ISR = []kafka.BrokerID{1}
	require.Empty(t, judgeView(view(7, out, behind)), "who is not in the ISR may lag")

	deposed := leading(replicaWith(1, 2, 10, 11), 1)
	require.Empty(t, judgeView(view(7, deposed, leading(behind, 2))), "an old leader knows no better")
}

func TestRegressedHW(t *testing.T) {
	w := NewWatcher()
	w.Inspect(view(1, leading(replicaWith(1, 2, 10, 11), 1)))
	w.Inspect(view(2, leading(replicaWith(1, 2, 10, 11), 1)))
	w.Inspect(view(3, leading(replicaWith(1, 1, 10, 11), 2)))
	require.Empty(t, w.Findings(), "a new epoch may begin lower")
	w.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: "started"}})
	w.Inspect(view(4, leading(replicaWith(1, 0, 10, 11), 2)))
	require.Empty(t, w.Findings(), "a new incarnation too")
	w.Inspect(view(5, leading(replicaWith(1, 2, 10, 11), 2)))
	w.Inspect(view(6, leading(replicaWith(1, 1, 10, 11), 2)))
	w.Inspect(view(7, leading(replicaWith(1, 1, 10, 11), 2)))
	require.Equal(t, []kafka.Anomaly{kafka.RegressedHW}, anomalies(w.Findings()))
	f := w.Findings()[0]
	require.Equal(t, 1, f.Count)
	require.Equal(t, []model.Time{5, 6}, []model.Time{f.Witnesses[0].At, f.Witnesses[1].At})
}

func becameLeader(
	seq uint64,
	node model.NodeID,
	broker kafka.BrokerID,
	epoch kafka.Epoch,
) *kafka.TraceLine {
	return &kafka.TraceLine{
		TraceLine: model.TraceLine{Seq: seq,
			At:   model.Time(seq),
			Node: node,
			Kind: "became-leader"},
		Note: kafka.Note{
			Kind: kafka.BecameLeader, Topic: "orders", Broker: broker, Epoch: epoch,
		},
	}
}

func TestTwoLeadersByNotes(t *testing.T) {
	w := NewWatcher()
	w.Observe(becameLeader(1, "broker-1", 1, 5))
	w.Observe(becameLeader(2, "broker-2", 2, 6))
	w.Observe(becameLeader(3, "broker-1", 1, 5))
	require.Empty(t, w.Findings())
	w.Observe(becameLeader(4, "broker-2", 2, 5))
	require.Equal(t, []kafka.Anomaly{kafka.TwoLeaders}, anomalies(w.Findings()))
	f := w.Findings()[0]
	require.Equal(t, "broker-1 and broker-2 both led orders-0 in epoch 5", f.Explanation)
	require.Equal(t, []uint64{1, 4}, []uint64{f.Witnesses[0].Seq, f.Witnesses[1].Seq})

	w = NewWatcher()
	w.Observe(becameLeader(1, "broker-1", 1, 0))
	w.Observe(&kafka.TraceLine{Note: kafka.Note{Kind: kafka.TopicDeleted, Topic: "orders"}})
	w.Observe(becameLeader(2, "broker-2", 2, 0))
	require.Empty(t, w.Findings(), "a new topic of the same name begins at epoch 0")
}

func TestTwoLeadersByView(t *testing.T) {
	a, b := replicaWith(1, 1, 10), replicaWith(2, 1, 10)
	require.Equal(
		t,
		[]kafka.Anomaly{kafka.TwoLeaders},
		anomalies(judgeView(view(1, leading(a, 4), leading(b, 4)))),
	)
	require.Empty(
		t,
		judgeView(view(1, leading(a, 4), leading(b, 5))),
		"an old leader may not know yet",
	)
}

func assigned(
	seq uint64,
	member string,
	generation int32,
	tps ...kafka.TopicPartition,
) *kafka.TraceLine {
	return &kafka.TraceLine{TraceLine: model.TraceLine{Seq: seq, Node: model.NodeID("consumer-" + member)}, Note: kafka.Note{
		Kind: kafka.PartitionsAssigned, Group: "billing", Member: member, Generation: generation, Partitions: tps,
	}}
}

func TestDoubleOwnerByNotes(t *testing.T) {
	w := NewWatcher()
	second := kafka.TopicPartition{Topic: "orders", Partition: 1}
	w.Observe(assigned(1, "a", 1, orders()))
	w.Observe(assigned(2, "b", 1, second))
	w.Observe(assigned(3, "b", 2, orders(), second))
	w.Observe(assigned(4, "a", 1, orders()))
	w.Observe(assigned(5, "lone", -1, orders()))
	require.Empty(t, w.Findings())
	w.Observe(assigned(6, "c", 2, second))
	require.Equal(t, []kafka.Anomaly{kafka.DoubleOwner}, anomalies(w.Findings()))
	f := w.Findings()[0]
	require.Equal(
		t,
		`members "b" and "c" of billing both owned orders-1 in generation 2`,
		f.Explanation,
	)
	require.Equal(t, "consumer-b", f.Witnesses[0].Who)
}

func TestDoubleOwnerByView(t *testing.T) {
	member := func(id string, generation int32) kafka.MemberView {
		return kafka.MemberView{
			Group: "billing", Member: id, Generation: generation, Owned: []kafka.TopicPartition{orders()},
		}
	}
	require.Empty(
		t,
		judgeView(kafka.ClusterView{Members: []kafka.MemberView{member("a", 1), member("b", 2)}}),
	)
	found := judgeView(kafka.ClusterView{Members: []kafka.MemberView{member("a", 2), member("b", 2)}})
	require.Equal(t, []kafka.Anomaly{kafka.DoubleOwner}, anomalies(found))
}

// Every anomaly but those of a run that does not come to rest, which the runner reports, is found by some check here.
func TestEveryAnomalyHasACheck(t *testing.T) {
	shared := []string{
		readingHistory, oracle, passingOver, lossTracking, commitTracking, leaderTracking, groupTracking,
		zooKeeperTracking, logTracking,
	}
	checked := []kafka.Anomaly{
		kafka.UnstableGroup, kafka.StuckReader, kafka.StaleMetadata, kafka.StuckCore, kafka.NoProgress,
		kafka.Stuck, kafka.BlindCheck, kafka.BrokenWorld,
	}
	for _, name := range Names() {
		if !slices.Contains(shared, name) {
			checked = append(checked, kafka.Anomaly(name))
		}
	}
	require.ElementsMatch(t, kafka.Anomalies(), checked)
}

// A check of the insides that crashed is not run again, nor is what needs it; what it had found
// stays, and the others go on.
func TestCrashedWatcher(t *testing.T) {
	diverged := view(7, leading(replicaWith(1, 2, 10, 11), 1), replicaWith(2, 2, 10, 99))
	require.Equal(t, []kafka.Anomaly{kafka.LogMatching + "+" + kafka.WeakIsr}, withFollowing(judgeView(diverged)))
	whole := []kafka.Anomaly{kafka.LogMatching, kafka.WeakIsr} // one by one
	for i, check := range watcherChecks() {
		w := NewWatcher()
		runs := 0
		w.BeforeCheck = func(name string) {
			if name == check.name {
				runs++
				panic("boom")
			}
		}
		for range 2 {
			w.Inspect(diverged)
			w.ObserveExchange(&kafka.GroupExchange{API: kafka.CommitOffsets, Group: "billing"})
			w.ObserveZooKeeper(&kafka.ZooKeeperFrame{Op: "ping"})
			w.Observe(&kafka.TraceLine{Note: kafka.Note{Kind: kafka.SessionExpired}})
		}
		require.Equal(t, 1, runs, check.name)
		require.Contains(t, w.Undecided(), kafka.Undecide(check.name, "the check crashed: boom"))
		silent := []kafka.Anomaly{kafka.Anomaly(check.name)}
		for _, other := range watcherChecks() {
			if slices.Contains(other.needs, check.name) {
				require.Contains(t, w.Undecided(), kafka.Undecide(other.name, needsCrashed(check.name)))
				silent = append(silent, kafka.Anomaly(other.name))
			}
		}
		require.Len(t, w.Undecided(), len(silent), "check %d", i)
		for _, a := range whole {
			require.Equal(t, !slices.Contains(silent, a), slices.ContainsFunc(w.Findings(),
				func(f kafka.Finding) bool { return f.Shows(a) }), a)
		}
	}

	w := NewWatcher()
	w.Inspect(diverged)
	w.BeforeCheck = func(string) { panic("boom") }
	w.Inspect(diverged)
	require.Equal(t, whole[:1], anomalies(w.Findings()))
}
