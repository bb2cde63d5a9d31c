package canary

import (
	"time"

	"sandcastle/model/kafka"
)

// ledLogScripts are about what a log believes of itself, and what its leader says of it.
func ledLogScripts() []script {
	return []script{
		{
			kafka.ProducerState, "a log takes the sequence number before for a producer's last",
			func(s *stage) { s.believes(kafka.ProducerView{ID: 7, LastSequence: 1, LastOffset: 2}) },
			func(s *stage) { s.believes(kafka.ProducerView{ID: 7, LastSequence: 2, LastOffset: 2}) },
		},
		{
			kafka.EpochCache, "an epoch begins one offset later than a log believes",
			func(s *stage) { s.begins(2) },
			func(s *stage) { s.begins(3) },
		},
		{
			kafka.EpochCache, "an epoch begins one offset before a log believes",
			func(s *stage) { s.begins(4) },
			func(s *stage) { s.begins(3) },
		},
		{
			kafka.WrongLookup, "a read begins with the batch after the one that it is to",
			func(s *stage) { s.looksUp(1) },
			func(s *stage) { s.looksUp(0) },
		},
		{
			kafka.EarlyAck, "the record at the high watermark was acknowledged",
			func(s *stage) { s.acknowledged(3) },
			func(s *stage) { s.acknowledged(2) },
		},
		{
			kafka.UncommittedRead, "the record at the high watermark was read",
			func(s *stage) { s.polled(3) },
			func(s *stage) { s.polled(2) },
		},
		{
			kafka.MisroutedKey, "a key is in the partition before its own",
			func(s *stage) { s.routed(2) },
			func(s *stage) { s.routed(3) },
		},
		{
			kafka.MisplacedReplica, "a broker is in sync that is no replica",
			func(s *stage) { s.placed(1, 4) },
			func(s *stage) { s.placed(1, 3) },
		},
	}
}

// believes is what a log knows of its producer, which wrote sequences 0 to 2.
func (s *stage) believes(p kafka.ProducerView) {
	t := &tape{batches: []batch{
		{n: 2, epoch: 1, producer: 7, value: "v"},
		{base: 2, epoch: 1, producer: 7, sequence: 2, value: "v"},
	}}
	t.state.Producers = []kafka.ProducerView{p}
	s.sees(t.view())
}

// begins is where a log believes that epoch 4 begins, which begins at offset 3.
func (s *stage) begins(start kafka.Offset) {
	t := singles(4)
	t.batches[3].epoch = 4
	t.state.Epochs = []kafka.EpochStart{{Epoch: 1}, {Epoch: 4, Start: start}}
	s.sees(t.view())
}

// looksUp looks often enough for every batch to be looked up.
func (s *stage) looksUp(shifted int) {
	t := singles(9)
	t.shifted = shifted
	for range 40 {
		s.sees(t.view())
	}
}

// acknowledged tells a producer of a record in a log whose high watermark is 3.
func (s *stage) acknowledged(at kafka.Offset) {
	v := withHighWatermark(singles(4), 3)
	s.sees(v)
	s.watcher.ObserveOp(&kafka.Op{Type: kafka.OK, Acks: "all", Client: "p", Value: []kafka.Mop{
		{F: kafka.FSend, Key: orders(), Offset: at, Value: "v"},
	}})
	s.sees(v)
}

// routed tells a producer that the key "abc", which hashes to 479470107, is in one of 4 partitions.
func (s *stage) routed(partition int32) {
	topic := orders().Topic
	s.note("broker-1", kafka.Note{
		Kind: kafka.TopicCreated, Topic: topic, Replicas: make([][]kafka.BrokerID, 4),
	})
	s.watcher.ObserveOp(&kafka.Op{Type: kafka.OK, Client: "p", RecordKey: "abc", Value: []kafka.Mop{
		{F: kafka.FSend, Key: kafka.TopicPartition{Topic: topic, Partition: partition}, Value: "v"},
	}})
	s.sees(singles(4).view())
}

// polled has a consumer be given a record of such a log.
func (s *stage) polled(at kafka.Offset) {
	v := withHighWatermark(singles(4), 3)
	s.sees(v)
	s.watcher.ObserveOp(&kafka.Op{Type: kafka.OK, Client: "c", Value: []kafka.Mop{{
		F: kafka.FPoll, Polled: []kafka.PolledRecords{
			{Key: orders(), Records: []kafka.PolledRecord{{Offset: at, Value: "v"}}},
		},
	}}})
	s.sees(v)
}

// placed is a partition of brokers 1 to 3 with some in sync.
func (s *stage) placed(isr ...kafka.BrokerID) {
	all := []kafka.BrokerID{1, 2, 3}
	s.shows(kafka.ClusterView{
		AtRest: true, Replicas: []kafka.ReplicaView{singles(1).view()}, Running: all,
		States: map[kafka.TopicPartition]kafka.PartitionState{
			orders(): {Leader: 1, ISR: isr, Replicas: all},
		},
		Placements: []kafka.Placement{{TP: orders(), Assigned: all, Open: all, Held: all}},
	})
}

// replica is a copy of a log of so many records, each with its value, on a broker.
func replica(id kafka.BrokerID, n int) kafka.ReplicaView {
	v := kafka.ReplicaView{
		Broker: id, TP: orders(), LeaderEpoch: 1, HighWatermark: kafka.Offset(n),
		LogEnd: kafka.Offset(n), ISR: []kafka.BrokerID{1, 2}, MinISR: 1, Leading: id == 1,
	}
	for i := range n {
		v.Batches = append(v.Batches, kafka.BatchView{
			Base: kafka.Offset(i), Last: kafka.Offset(i), Epoch: 1, Sum: uint64(10 + i),
		})
	}
	return v
}

// inSync is a partition whose broker 2 has one record less than is committed, with an ISR by the
// metadata.
func (s *stage) inSync(isr ...kafka.BrokerID) {
	l := replica(1, 3)
	l.ISR = []kafka.BrokerID{1}
	s.shows(kafka.ClusterView{
		Replicas: []kafka.ReplicaView{l, replica(2, 2)}, Running: []kafka.BrokerID{1, 2},
		States: map[kafka.TopicPartition]kafka.PartitionState{orders(): {Leader: 1, Epoch: 1, ISR: isr}},
	})
}

// looseScripts have what the canaries of a run have too, but sound twins beside it.
func looseScripts() []script {
	return []script{
		{
			kafka.LogMatching, "two replicas hold other batches at their last offset",
			func(s *stage) {
				f := replica(2, 3)
				f.Batches[2].Sum++
				s.sees(replica(1, 3), f)
			},
			func(s *stage) { s.sees(replica(1, 3), replica(2, 3)) },
		},
		{
			kafka.StrongIsr, "a member of the ISR by the metadata has one record less than is committed",
			func(s *stage) { s.inSync(1, 2) },
			func(s *stage) { s.inSync(1) },
		},
		{
			kafka.WeakIsr, "a follower in sync has one record less than is committed",
			func(s *stage) { s.sees(replica(1, 3), replica(2, 2)) },
			func(s *stage) {
				l := replica(1, 3)
				l.HighWatermark = 2
				s.sees(l, replica(2, 2))
			},
		},
		{
			kafka.RegressedHW, "a leader's high watermark went back by one",
			func(s *stage) {
				s.sees(replica(1, 3), replica(2, 3))
				l := replica(1, 3)
				l.HighWatermark--
				s.sees(l, replica(2, 3))
			},
			func(s *stage) {
				s.sees(replica(1, 3), replica(2, 3))
				s.pass(time.Second)
				s.sees(replica(1, 3), replica(2, 3))
			},
		},
		{
			kafka.TwoLeaders, "two brokers lead in one epoch",
			func(s *stage) {
				f := replica(2, 3)
				f.Leading = true
				s.sees(replica(1, 3), f)
			},
			func(s *stage) {
				f := replica(2, 3)
				f.Leading, f.LeaderEpoch = true, 2
				s.sees(replica(1, 3), f)
			},
		},
		{
			kafka.NoCommittedRecordLostGlobally, "the last committed record is gone everywhere",
			func(s *stage) {
				s.sees(replica(1, 3), replica(2, 3))
				s.sees(replica(1, 2), replica(2, 2))
			},
			func(s *stage) {
				l := replica(1, 3)
				l.HighWatermark = 2
				s.sees(l, replica(2, 2))
				s.sees(replica(1, 2), replica(2, 2))
			},
		},
	}
}
