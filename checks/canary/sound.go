package canary

import (
	"fmt"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Sound falsifies a small history and a small view that are known to be sound, and returns the
// checks that did not notice. In a history of a run something may excuse what was planted: a member
// that moved, a value that was sent twice.
func Sound() []Blind {
	return append(History(soundHistory(), checks.Options{}), Views(soundView(), nil)...)
}

// soundHistory is one producer with keyed records in two partitions, a consumer that reads one
// partition after the other, and the last reads, in several polls.
func soundHistory() (h kafka.History) {
	add := func(op kafka.Op) {
		op.Index, op.Time = len(h), model.Time(len(h))*1e6
		h = append(h, op)
	}
	tp := func(p int) kafka.TopicPartition {
		return kafka.TopicPartition{Topic: "t", Partition: int32(p)}
	}
	for i := range 12 {
		m := kafka.Mop{
			F: kafka.FSend, Key: tp(i % 2), Value: fmt.Sprint("v", i), Offset: kafka.NoOffset,
		}
		op := kafka.Op{
			Type: kafka.Invoke, F: kafka.FSend, Process: 1, Client: "p", Acks: "all",
			Value:     []kafka.Mop{m},
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
					records = append(records, kafka.PolledRecord{
						Offset: kafka.Offset(o), Value: fmt.Sprint("v", 2*o+p),
					})
				}
				poll := kafka.Mop{F: kafka.FPoll, Offset: kafka.NoOffset}
				op := kafka.Op{
					Type: kafka.Invoke, F: kafka.FPoll, Process: process, Client: reader.client,
					Final: reader.final,
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

// soundView is a partition with a leader, a follower that has all it has, and a member that owns
// it.
func soundView() kafka.ClusterView {
	tp := kafka.TopicPartition{Topic: "t"}
	replica := func(id kafka.BrokerID) kafka.ReplicaView {
		return kafka.ReplicaView{
			Broker: id, TP: tp, LeaderEpoch: 3, HighWatermark: 4, LogEnd: 4,
			ISR: []kafka.BrokerID{1, 2}, MinISR: 1,
			Batches: []kafka.BatchView{
				{Base: 0, Last: 1, Epoch: 3, Sum: 10}, {Base: 2, Last: 3, Epoch: 3, Sum: 11},
			},
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
		Members: []kafka.MemberView{{
			Group: "g", Member: "m", Client: "c", Generation: 1, Owned: []kafka.TopicPartition{tp},
		}},
		States: map[kafka.TopicPartition]kafka.PartitionState{
			tp: {Leader: 1, Epoch: 3, ISR: []kafka.BrokerID{1, 2}},
		},
	}
}
