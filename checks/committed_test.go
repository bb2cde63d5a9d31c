package checks

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// cluster is a view with what the metadata store says of orders-0.
func cluster(at model.Time, state kafka.PartitionState, replicas ...kafka.ReplicaView) kafka.ClusterView {
	v := view(at, replicas...)
	v.States = map[kafka.TopicPartition]kafka.PartitionState{orders(): state}
	for i := range replicas {
		v.Running = append(v.Running, replicas[i].Broker)
	}
	return v
}

func ledBy(leader kafka.BrokerID, epoch kafka.Epoch, isr ...kafka.BrokerID) kafka.PartitionState {
	return kafka.PartitionState{Leader: leader, Epoch: epoch, ISR: isr}
}

func started(node model.NodeID) *kafka.TraceLine {
	return &kafka.TraceLine{TraceLine: model.TraceLine{Kind: model.Started.String(), Node: node}}
}

func truncated(node model.NodeID, to kafka.Offset) *kafka.TraceLine {
	return &kafka.TraceLine{TraceLine: model.TraceLine{Node: node}, Note: kafka.Note{Kind: kafka.LogTruncated, Topic: "orders", Offset: to}}
}

// A stale leader's own ISR is {1}; the cluster's has broker 2, which lacks what the leader calls committed.
func TestStrongIsr(t *testing.T) {
	stale := leading(replicaWith(1, 2, 10, 11), 3)
	stale.ISR = []kafka.BrokerID{1}
	found := judgeView(cluster(7, ledBy(1, 3, 1, 2), stale, replicaWith(2, 1, 10)))
	require.Equal(t, []kafka.Anomaly{kafka.StrongIsr}, anomalies(found))
	require.Contains(t, found[0].Explanation, "broker 2 of the cluster's ISR lacks offset 1")
	require.Empty(t, judgeView(cluster(7, ledBy(1, 3, 1), stale, replicaWith(2, 1, 10))))
}

func TestLeaderCompleteness(t *testing.T) {
	w := NewWatcher()
	one := leading(replicaWith(1, 2, 10, 11), 0)
	one.ISR = []kafka.BrokerID{1}
	w.Inspect(cluster(1, ledBy(1, 0, 1), one, replicaWith(2, 1, 10)))
	require.Empty(t, w.Findings())
	w.Inspect(cluster(2, ledBy(2, 1, 2), leading(replicaWith(2, 1, 10), 1)))
	require.Equal(t, []kafka.Anomaly{kafka.LeaderCompleteness}, anomalies(w.Findings()))
	require.Contains(t, w.Findings()[0].Explanation, "committed at offset 1")
	w.Inspect(cluster(3, ledBy(2, 1, 2), leading(replicaWith(2, 2, 10, 77), 1)))
	require.Len(t, w.Findings(), 1, "what this leader commits is the truth from now on")
	require.Equal(t, 1, w.Findings()[0].Count)
}

// What was acknowledged with acks=all is in the log of every later leader.
func TestLeaderLacksWhatWasAcknowledged(t *testing.T) {
	for _, acks := range []string{"all", "1"} {
		w := NewWatcher()
		w.ObserveOp(&kafka.Op{Type: kafka.OK, F: kafka.FSend, Acks: acks, Client: "producer-p1",
			Value: []kafka.Mop{{F: kafka.FSend, Key: orders(), Value: "v", Offset: 1}}})
		w.Inspect(cluster(2, ledBy(2, 1, 2), leading(replicaWith(2, 1, 10), 1)))
		if acks == "1" {
			require.Empty(t, w.Findings(), "acks=1 promises nothing")
			continue
		}
		require.Equal(t, []kafka.Anomaly{kafka.LeaderCompleteness}, anomalies(w.Findings()))
		require.Contains(t, w.Findings()[0].Explanation, "producer-p1")
	}
}

// A record that one broker held is lost when that broker comes back without it, not while it is down.
func TestNoCommittedRecordLostGlobally(t *testing.T) {
	w := NewWatcher()
	one := leading(replicaWith(1, 2, 10, 11), 0)
	one.ISR = []kafka.BrokerID{1}
	w.Inspect(cluster(1, ledBy(1, 0, 1), one, replicaWith(2, 1, 10)))
	v := cluster(2, ledBy(1, 0, 1), replicaWith(2, 1, 10))
	w.Inspect(v)
	require.Empty(t, w.Findings(), "broker 1 is down, and has it")
	w.Observe(started("broker-1"))
	w.Inspect(v)
	require.Empty(t, w.Findings(), "broker 1 has not shown what it holds")
	w.Inspect(cluster(3, ledBy(1, 0, 1), replicaWith(1, 1, 10), replicaWith(2, 1, 10)))
	require.Equal(t, []kafka.Anomaly{kafka.NoCommittedRecordLostGlobally}, anomalies(w.Findings()))

	w = NewWatcher()
	w.Inspect(cluster(1, ledBy(1, 0, 1), one, replicaWith(2, 1, 10, 11)))
	w.Observe(truncated("broker-2", 1))
	w.Inspect(cluster(2, ledBy(1, 0, 1), one, replicaWith(2, 1, 10, 99)))
	require.Empty(t, w.Findings(), "one that still has it is enough")
}

// What retention deletes everywhere is not lost.
func TestRetentionLosesNothing(t *testing.T) {
	w := NewWatcher()
	r := leading(replicaWith(1, 3, 10, 11, 12), 0)
	r.ISR = []kafka.BrokerID{1}
	w.Inspect(cluster(1, ledBy(1, 0, 1), r))
	r.LogStart, r.Batches = 2, r.Batches[2:]
	w.Inspect(cluster(2, ledBy(1, 0, 1), r))
	r.LogStart, r.Batches = 3, nil
	w.Inspect(cluster(3, ledBy(1, 0, 1), r))
	w.Observe(started("broker-1"))
	w.Inspect(cluster(4, ledBy(1, 0, 1), r))
	require.Empty(t, w.Findings())
}

func TestConsistentRead(t *testing.T) {
	values := func(r kafka.ReplicaView, texts ...string) kafka.ReplicaView {
		r.Values = func(from, to kafka.Offset, yield func(kafka.Offset, []byte) bool) {
			for i := from; i < min(to, kafka.Offset(len(texts))); i++ {
				if i >= r.LogStart && !yield(i, []byte(texts[i])) {
					return
				}
			}
		}
		return r
	}
	read := func(w *Watcher, offset kafka.Offset, text string) {
		w.ObserveOp(&kafka.Op{Type: kafka.OK, F: kafka.FPoll, Client: "consumer-1", Value: []kafka.Mop{{
			F: kafka.FPoll, Polled: []kafka.PolledRecords{{Key: orders(), Records: []kafka.PolledRecord{
				{Offset: offset, Value: text},
			}}},
		}}})
	}
	w := NewWatcher()
	read(w, 0, "a")
	read(w, 1, "b")
	led := leading(replicaWith(1, 2, 10, 11), 0)
	w.Inspect(cluster(1, ledBy(1, 0, 1, 2), values(led, "a", "b  ")))
	require.Empty(t, w.Findings(), "values are padded with spaces")
	next := leading(replicaWith(2, 1, 10, 99), 1)
	w.Inspect(cluster(2, ledBy(2, 1, 2), values(next, "a", "x")))
	require.Contains(t, anomalies(w.Findings()), kafka.ConsistentRead)
	require.Contains(t, w.Findings()[0].Explanation+w.Findings()[len(w.Findings())-1].Explanation, "offset 1")

	w = NewWatcher()
	read(w, 1, "b")
	short := leading(replicaWith(2, 1, 10), 1)
	w.Inspect(cluster(2, ledBy(2, 1, 2), values(short, "a")))
	require.Equal(t, []kafka.Anomaly{kafka.ConsistentRead}, anomalies(w.Findings()), "it ends too early")

	w = NewWatcher()
	read(w, 0, "a")
	started := leading(replicaWith(2, 2, 10, 11), 1)
	started.LogStart, started.Batches = 1, started.Batches[1:]
	w.Inspect(cluster(2, ledBy(2, 1, 2), values(started, "a", "b")))
	require.Empty(t, w.Findings(), "retention took it")

	w = NewWatcher()
	read(w, 0, "a")
	w.Inspect(cluster(2, ledBy(3, 2, 3), values(leading(replicaWith(2, 1, 99), 1), "x")))
	require.Empty(t, w.Findings(), "a stale leader is asked nothing")
}

// Later views show batches only from where all replicas had agreed: what a follower was seen to hold counts.
func TestCommittedIsComparedAtOnce(t *testing.T) {
	w := NewWatcher()
	w.Inspect(cluster(1, ledBy(1, 0, 1, 2), leading(replicaWith(1, 2, 10, 11), 0), replicaWith(2, 2, 10, 11)))
	next := leading(replicaWith(2, 3, 10, 11, 12), 1)
	next.ISR, next.Batches = []kafka.BrokerID{2}, next.Batches[2:]
	w.Inspect(cluster(2, ledBy(2, 1, 2), next))
	require.Empty(t, w.Findings())
}

// The first of several brokers to return leads, and lacks records; whether they are lost is known when all have
// shown what they hold.
func TestLostOnceAllAreBack(t *testing.T) {
	for _, last := range [][]uint64{{10}, {10, 11}} {
		w := NewWatcher()
		w.Inspect(cluster(1, ledBy(1, 0, 1, 2), leading(replicaWith(1, 2, 10, 11), 0), replicaWith(2, 2, 10, 11)))
		w.Observe(started("broker-1"))
		w.Observe(started("broker-2"))
		v := cluster(2, ledBy(1, 1, 1), leading(replicaWith(1, 1, 10), 1))
		v.Running = []kafka.BrokerID{1, 2}
		w.Inspect(v)
		require.Equal(t, []kafka.Anomaly{kafka.LeaderCompleteness}, anomalies(w.Findings()), "broker 2 may have it")
		w.Inspect(cluster(3, ledBy(1, 1, 1), leading(replicaWith(1, 1, 10), 1), replicaWith(2, 1, last...)))
		lost := []kafka.Anomaly{kafka.LeaderCompleteness, kafka.NoCommittedRecordLostGlobally}
		require.Equal(t, lost[:3-len(last)], anomalies(w.Findings()))
	}
}

// faultLine is the line of a fault of a node.
func faultLine(verb string, node model.NodeID) *kafka.TraceLine {
	return &kafka.TraceLine{TraceLine: model.TraceLine{
		Kind: model.TraceFault, Node: node, Fault: &model.Fault{Verb: verb, Node: node},
	}}
}

// noteLine is the line of a note of a broker about orders-0.
func noteLine(broker int, kind kafka.NoteKind, offset kafka.Offset) *kafka.TraceLine {
	return &kafka.TraceLine{
		TraceLine: model.TraceLine{Node: model.NodeID(fmt.Sprintf("broker-%d", broker))},
		Note:      kafka.Note{Kind: kind, Topic: "orders", Offset: offset},
	}
}

// What was committed may be gone where as many disks as min.insync.replicas were hit and one of them lost
// it, or an unclean election was allowed; and nowhere else. Two brokers had offsets 0 and 1, and the leader
// then has offset 0 alone.
func TestAllowedLosses(t *testing.T) {
	lose := func(verb, detail string, brokers ...int) []*kafka.TraceLine {
		var lines []*kafka.TraceLine
		for _, b := range brokers {
			f := faultLine(verb, model.NodeID(fmt.Sprintf("broker-%d", b)))
			f.Fault.Detail = detail
			lines = append(lines, f)
		}
		return lines
	}
	failed := lose(model.FaultWipe, "", 1, 2)
	failed[0].Fault.Failed = "it runs"
	both := lose(model.FaultPowerLoss, "", 1, 2)
	for name, c := range map[string]struct {
		lines   []*kafka.TraceLine
		allowed bool
	}{
		"nothing was lost":              {},
		"one disk of a minimum of two":  {lose(model.FaultPowerLoss, "", 1), false},
		"two disks of a minimum of two": {lose(model.FaultWipe, "", 1, 2), true},
		"one of them in vain":           {failed, false},
		"disks of others":               {lose(model.FaultWipe, "", 3, 4), false},
		"two tails":                     {lose(kafka.FaultCutTail, "orders-0", 1, 2), true},
		"tails of another partition":    {lose(kafka.FaultCutTail, "orders-1", 1, 2), false},
		"all was kept": {append(slices.Clone(both), noteLine(1, kafka.LogRecovered, 2),
			noteLine(2, kafka.LogRecovered, 2)), false},
		"one of two lost it": {append(slices.Clone(both), noteLine(1, kafka.LogRecovered, 2),
			noteLine(2, kafka.BecameFollower, 1)), true},
		"unclean": {[]*kafka.TraceLine{noteLine(2, kafka.UncleanElected, 0)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatcher()
			w.Observe(noteLine(1, kafka.LogEnd, 2))
			w.Observe(noteLine(2, kafka.LogEnd, 2))
			one := leading(replicaWith(1, 2, 10, 11), 0)
			one.MinISR = 2
			w.Inspect(cluster(1, ledBy(1, 0, 1, 2), one, replicaWith(2, 2, 10, 11)))
			for _, line := range c.lines {
				w.Observe(line)
			}
			two := leading(replicaWith(2, 1, 10), 1)
			two.MinISR = 2
			w.Inspect(cluster(2, ledBy(2, 1, 2), two))
			require.Equal(t, c.allowed, len(w.Findings()) == 0)
		})
	}
}

// Between two looks more is acknowledged than was seen committed. When all disks lose that, the leader
// lacks only what nobody had looked at: it is allowed, and without the losses it is not.
func TestAllowedLossOfWhatWasAcknowledgedBetweenLooks(t *testing.T) {
	for _, lost := range []bool{true, false} {
		w := NewWatcher()
		one := leading(replicaWith(1, 2, 10, 11), 0)
		one.MinISR = 2
		w.Inspect(cluster(1, ledBy(1, 0, 1, 2), one, replicaWith(2, 2, 10, 11)))
		for broker := 1; broker <= 2; broker++ {
			w.Observe(noteLine(broker, kafka.LogEnd, 9))
		}
		w.ObserveOp(&kafka.Op{Type: kafka.OK, F: kafka.FSend, Acks: "all", Client: "producer-p1", Value: []kafka.Mop{{
			F: kafka.FSend, Key: kafka.TopicPartition{Topic: "orders"}, Value: "v", Offset: 8,
		}}})
		for broker := 1; broker <= 2 && lost; broker++ {
			w.Observe(faultLine(model.FaultPowerLoss, model.NodeID(fmt.Sprintf("broker-%d", broker))))
			w.Observe(noteLine(broker, kafka.LogRecovered, 5))
		}
		again := leading(replicaWith(1, 2, 10, 11), 1)
		again.MinISR, again.LogEnd = 2, 5
		w.Inspect(cluster(2, ledBy(1, 1, 1, 2), again, replicaWith(2, 2, 10, 11)))
		require.Equal(t, lost, len(w.Findings()) == 0, "%v", w.Findings())
	}
}

// Who has fetched again what it lost, and is in sync, is not counted any more; nor is a broker from which
// the partition was moved away before its disk was wiped.
func TestLossesThatAreNoneAnyMore(t *testing.T) {
	for name, before := range map[string]func(w *Watcher, inSync func(batches ...uint64)){
		"nothing": func(*Watcher, func(...uint64)) {},
		"regained": func(w *Watcher, inSync func(...uint64)) {
			w.Observe(faultLine(model.FaultPowerLoss, "broker-2"))
			w.Observe(noteLine(2, kafka.LogRecovered, 1))
			inSync(10, 11)
		},
		"filled anew by who lost it": func(w *Watcher, _ func(...uint64)) {
			w.Observe(faultLine(model.FaultPowerLoss, "broker-1"))
			w.Observe(faultLine(model.FaultPowerLoss, "broker-2"))
			w.Observe(noteLine(1, kafka.LogRecovered, 1))
			w.Observe(noteLine(2, kafka.LogRecovered, 1))
			one := leading(replicaWith(1, 2, 10, 77), 1)
			one.MinISR, one.ISR = 2, []kafka.BrokerID{1, 2}
			w.Inspect(cluster(1, ledBy(1, 1, 1, 2), one, replicaWith(2, 2, 10, 77)))
		},
		"moved away": func(w *Watcher, _ func(...uint64)) {
			w.Observe(noteLine(3, kafka.LogEnd, 2))
			moved := noteLine(1, kafka.ReassignmentCompleted, 0)
			moved.Note.Brokers = []kafka.BrokerID{1, 2}
			w.Observe(moved)
			w.Observe(faultLine(model.FaultWipe, "broker-3"))
		},
		"not regained": func(w *Watcher, _ func(...uint64)) {
			w.Observe(faultLine(model.FaultPowerLoss, "broker-2"))
			w.Observe(noteLine(2, kafka.LogRecovered, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatcher()
			w.Observe(noteLine(1, kafka.LogEnd, 2))
			w.Observe(noteLine(2, kafka.LogEnd, 2))
			inSync := func(batches ...uint64) {
				one := leading(replicaWith(1, 2, 10, 11), 0)
				one.MinISR, one.ISR = 2, []kafka.BrokerID{1, 2}
				w.Inspect(cluster(1, ledBy(1, 0, 1, 2), one, replicaWith(2, 2, batches...)))
			}
			inSync(10, 11)
			before(w, inSync)
			require.Empty(t, w.Findings())
			w.Observe(faultLine(model.FaultPowerLoss, "broker-1")) // the only one that counts, of two
			two := leading(replicaWith(2, 1, 10), 2)
			two.MinISR = 2
			w.Inspect(cluster(2, ledBy(2, 2, 2), two))
			allowed := name == "not regained" || name == "filled anew by who lost it"
			require.Equal(t, allowed, len(w.Findings()) == 0)
		})
	}
}

// Of a run of records that is gone the last must be allowed to be gone too: it may be younger than the
// faults.
func TestLossesReachNoFurtherThanTheFaults(t *testing.T) {
	w := NewWatcher()
	for broker := 1; broker <= 2; broker++ {
		w.Observe(noteLine(broker, kafka.LogEnd, 2))
		w.Observe(faultLine(model.FaultPowerLoss, model.NodeID(fmt.Sprintf("broker-%d", broker))))
		w.Observe(noteLine(broker, kafka.LogRecovered, 1))
	}
	one := leading(replicaWith(3, 3, 10, 11, 12), 0)
	one.MinISR, one.ISR = 2, []kafka.BrokerID{3}
	w.Inspect(cluster(1, ledBy(3, 0, 3), one))
	two := leading(replicaWith(2, 1, 10), 1)
	two.MinISR = 2
	w.Inspect(cluster(2, ledBy(2, 1, 2), two))
	require.Equal(t, []kafka.Anomaly{kafka.LeaderCompleteness}, anomalies(w.Findings()),
		"offset 2 was committed after the faults")
}

// A loss of long ago excuses nothing that was committed after it.
func TestLossesDoNotExcuseWhatCameLater(t *testing.T) {
	w := NewWatcher()
	for broker := 1; broker <= 2; broker++ {
		w.Observe(noteLine(broker, kafka.LogEnd, 1))
		w.Observe(faultLine(model.FaultPowerLoss, model.NodeID(fmt.Sprintf("broker-%d", broker))))
		w.Observe(noteLine(broker, kafka.BecameFollower, 0))
		w.Observe(noteLine(broker, kafka.LogEnd, 2))
	}
	one := leading(replicaWith(1, 2, 10, 11), 0)
	one.MinISR = 2
	w.Inspect(cluster(1, ledBy(1, 0, 1, 2), one, replicaWith(2, 2, 10, 11)))
	require.Empty(t, w.Findings())
	two := leading(replicaWith(2, 1, 10), 1)
	two.MinISR = 2
	w.Inspect(cluster(2, ledBy(2, 1, 2), two))
	require.Equal(t, []kafka.Anomaly{kafka.LeaderCompleteness}, anomalies(w.Findings()))
}

// A replica that returns after an unclean election holds what was committed before; it is not compared before its
// leader takes it for in sync.
func TestAfterAnUncleanElection(t *testing.T) {
	old := replicaWith(1, 2, 10, 11)
	next := leading(replicaWith(2, 2, 10, 99), 1)
	for _, isr := range [][]kafka.BrokerID{{2}, {1, 2}} {
		for _, unclean := range []bool{true, false} {
			w := NewWatcher()
			if unclean {
				w.Observe(&kafka.TraceLine{Note: kafka.Note{Kind: kafka.UncleanElected, Topic: "orders"}})
			}
			next.ISR = isr
			w.Inspect(cluster(1, ledBy(2, 1, isr...), old, next))
			require.Equal(t, len(isr) == 1 && unclean, len(w.Findings()) == 0, "ISR %v, unclean %t", isr, unclean)
		}
	}
}

// What was deleted before anybody looked may be there again, where a broker died before it wrote down where
// its log starts: nothing is known of it, and what is known is compared all the same.
func TestRecordsThatCameBack(t *testing.T) {
	for name, c := range map[string]struct {
		sums  []uint64
		found bool
	}{
		"as they were": {[]uint64{10, 11, 12, 13}, false},
		"others below": {[]uint64{77, 78, 12, 13}, false},
		"others above": {[]uint64{10, 11, 79, 13}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatcher()
			deleted := leading(replicaWith(1, 4, 10, 11, 12, 13), 0)
			deleted.LogStart, deleted.Batches = 2, deleted.Batches[2:]
			w.Inspect(cluster(1, ledBy(1, 0, 1), deleted))
			w.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: model.Started.String()}})
			w.Inspect(cluster(2, ledBy(1, 0, 1), leading(replicaWith(1, 4, c.sums...), 0)))
			require.Equal(t, c.found, len(w.Findings()) > 0)
		})
	}
}
