package canary

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Every check has a canary or a reason why not, and none has both.
func TestEveryCheckHasACanaryOrAReason(t *testing.T) {
	for _, name := range checks.Names() {
		require.NotEqual(t, slices.Contains(Names(), name), Without()[name] != "", name)
	}
	for name, why := range Without() {
		require.Contains(t, checks.Names(), name)
		require.NotEmpty(t, why)
	}
}

// soundHistory is one producer with keyed records in two partitions, a consumer that reads one partition after the
// other, and the last reads, in several polls.
func soundHistory() (h kafka.History) {
	add := func(op kafka.Op) {
		op.Index, op.Time = len(h), model.Time(len(h))*1e6
		h = append(h, op)
	}
	tp := func(p int) kafka.TopicPartition { return kafka.TopicPartition{Topic: "t", Partition: int32(p)} }
	for i := range 12 {
		m := kafka.Mop{F: kafka.FSend, Key: tp(i % 2), Value: fmt.Sprint("v", i), Offset: kafka.NoOffset}
		op := kafka.Op{
			Type: kafka.Invoke, F: kafka.FSend, Process: 1, Client: "p", Acks: "all", Value: []kafka.Mop{m},
			RecordKey: fmt.Sprint("k", i),
		}
		add(op)
		m.Offset = kafka.Offset(i / 2)
		op.Type, op.Value = kafka.OK, []kafka.Mop{m}
		add(op)
	}
	for _, reader := range []struct {
		client string
		final  bool
	}{{"c", false}, {"final", true}} {
		process := len(h)
		for p := range 2 {
			for from := 0; from < 6; from += 3 {
				var records []kafka.PolledRecord
				for o := from; o < from+3; o++ {
					records = append(records, kafka.PolledRecord{Offset: kafka.Offset(o), Value: fmt.Sprint("v", 2*o+p)})
				}
				poll := kafka.Mop{F: kafka.FPoll, Offset: kafka.NoOffset}
				op := kafka.Op{
					Type: kafka.Invoke, F: kafka.FPoll, Process: process, Client: reader.client, Final: reader.final,
					Value: []kafka.Mop{poll},
				}
				add(op)
				poll.Polled = []kafka.PolledRecords{{Key: tp(1 - p), Records: records}}
				for i := range records {
					records[i].Value = fmt.Sprint("v", 2*int(records[i].Offset)+1-p)
				}
				op.Type, op.Value = kafka.OK, []kafka.Mop{poll}
				add(op)
			}
		}
	}
	return h
}

// In a history that has something for each canary, each is planted, each is found, and a judge that finds nothing
// is blind in all of them.
func TestHistoryCanaries(t *testing.T) {
	h := soundHistory()
	require.Empty(t, checks.Judge(h, checks.Options{}).Findings)
	require.Empty(t, History(h, checks.Options{}))
	var named []string
	blindJudge := func(kafka.Operations, checks.Options) kafka.Report { return kafka.Report{} }
	for _, b := range inHistory(h, checks.Options{}, blindJudge) {
		named = append(named, b.Check)
		require.NotEmpty(t, b.Planted)
	}
	var all []string
	for _, c := range historyCanaries() {
		all = append(all, string(c.check))
	}
	require.Equal(t, all, named)
	require.Equal(t, soundHistory(), h, "what was judged is as it was")
}

// One check that is blind to its anomaly is named, and no other.
func TestABlindCheckIsNamed(t *testing.T) {
	for _, c := range historyCanaries() {
		blind := inHistory(soundHistory(), checks.Options{}, func(h kafka.Operations, o checks.Options) kafka.Report {
			if o.Only == c.check {
				return kafka.Report{}
			}
			return checks.Judge(h, o)
		})
		require.Len(t, blind, 1)
		require.Equal(t, string(c.check), blind[0].Check)
	}
}

// soundView is a partition with a leader, a follower that has all it has, and a member that owns it.
func soundView() kafka.ClusterView {
	tp := kafka.TopicPartition{Topic: "t"}
	replica := func(id kafka.BrokerID) kafka.ReplicaView {
		return kafka.ReplicaView{
			Broker: id, TP: tp, LeaderEpoch: 3, HighWatermark: 4, LogEnd: 4, ISR: []kafka.BrokerID{1, 2}, MinISR: 1,
			Batches: []kafka.BatchView{{Base: 0, Last: 1, Epoch: 3, Sum: 10}, {Base: 2, Last: 3, Epoch: 3, Sum: 11}},
			Values: func(from, to kafka.Offset, yield func(kafka.Offset, []byte) bool) {
				for o := from; o < to && yield(o, fmt.Append(nil, "v", o)); o++ {
				}
			},
		}
	}
	leader := replica(1)
	leader.Leading = true
	return kafka.ClusterView{
		At: 1e9, Replicas: []kafka.ReplicaView{leader, replica(2)}, Running: []kafka.BrokerID{1, 2},
		Members: []kafka.MemberView{{Group: "g", Member: "m", Client: "c", Generation: 1, Owned: []kafka.TopicPartition{tp}}},
		States:  map[kafka.TopicPartition]kafka.PartitionState{tp: {Leader: 1, Epoch: 3, ISR: []kafka.BrokerID{1, 2}}},
	}
}

// A sound view has something for each canary, and the watcher finds it.
func TestViewCanaries(t *testing.T) {
	w := checks.NewWatcher()
	w.Inspect(soundView())
	require.Empty(t, w.Findings())
	require.Empty(t, Views(soundView(), nil))
	for _, c := range viewCanaries() {
		s := &scene{view: soundView(), watcher: checks.NewWatcher()}
		require.NotEmpty(t, c.plant(s), c.check)
		require.Equal(t, soundView().Replicas[0].Batches, s.view.Replicas[0].Batches, "what was looked at is as it was")
	}
}

// Every script and every example is judged as it has to be, and by a watcher that finds nothing, and one that
// always finds something, each script is found out.
func TestScripts(t *testing.T) {
	require.Empty(t, Scripts())
	require.Empty(t, Examples())
	blind := inScripts(func(*checks.Watcher) kafka.Report { return kafka.Report{} })
	require.Len(t, blind, len(scripts()))
	all := kafka.Report{}
	for _, a := range kafka.Anomalies() {
		all.Findings = append(all.Findings, kafka.Finding{Anomaly: a})
	}
	vain := inScripts(func(*checks.Watcher) kafka.Report { return all })
	require.Len(t, vain, len(scripts()))
	for _, b := range vain {
		require.True(t, b.Vain)
	}
}
