package canary

import (
	"slices"
	"strconv"
	"time"

	"sandcastle/model/kafka"
)

// sees looks at replicas of the partition.
func (s *stage) sees(replicas ...kafka.ReplicaView) {
	s.shows(kafka.ClusterView{Replicas: replicas})
}

// topic is what a property of the topic is.
func (s *stage) topic(name, value string) {
	s.watcher.Logs().SetTopic(orders().Topic, name, value)
}

func (s *stage) logNote(n kafka.Note) {
	n.Topic = orders().Topic
	s.note("broker-1", n)
}

// grows looks at a log, and again when it has more batches.
func (s *stage) grows(more ...batch) {
	t := &tape{batches: []batch{{n: 3, epoch: 1, producer: 7, millis: 5, value: "v"}}}
	s.sees(t.view())
	t.batches = append(t.batches, more...)
	s.sees(t.view())
}

// keepsLast looks at a log of five records, a second apart, which holds no more than the last ones
// when the newest is 8 s old.
func (s *stage) keepsLast(n int) {
	t := singles(5)
	s.sees(t.view())
	s.now = 0
	s.pass(12 * time.Second)
	t.batches = t.batches[5-n:]
	s.sees(t.view())
}

// withHighWatermark is a replica with its high watermark somewhere else.
func withHighWatermark(t *tape, hw kafka.Offset) kafka.ReplicaView {
	v := t.view()
	v.HighWatermark = hw
	return v
}

// logScripts are about one log.
func logScripts() []script {
	next := batch{base: 3, epoch: 1, producer: 7, sequence: 3, millis: 6, value: "v"}
	beyond := next
	beyond.base++
	skips := next
	skips.sequence++
	again := next
	again.sequence--
	return slices.Concat(deletionScripts(), keptScripts(), []script{
		{
			kafka.OutOfBounds, "the high watermark is one above the log's end",
			func(s *stage) { s.sees(withHighWatermark(singles(4), 5)) },
			func(s *stage) { s.sees(withHighWatermark(singles(4), 4)) },
		},
		{
			kafka.OutOfBounds, "the log starts one above the high watermark",
			func(s *stage) {
				v := withHighWatermark(singles(4), 2)
				v.LogStart = 3
				s.sees(v)
			},
			func(s *stage) {
				v := withHighWatermark(singles(4), 3)
				v.LogStart = 3
				s.sees(v)
			},
		},
		{
			kafka.BrokenBatch, "a record is missing between two batches",
			func(s *stage) { s.grows(beyond) },
			func(s *stage) { s.grows(next) },
		},
		{
			kafka.BrokenBatch, "one bit of a batch is another",
			func(s *stage) {
				t := singles(2)
				s.sees(singles(1).view())
				t.damaged = true
				s.sees(t.view())
			},
			func(s *stage) {
				s.sees(singles(1).view())
				s.sees(singles(2).view())
			},
		},
		{
			kafka.BrokenSequence, "a producer's batch skips one sequence number",
			func(s *stage) { s.grows(skips) },
			func(s *stage) { s.grows(next) },
		},
		{
			kafka.BrokenSequence, "a producer's batch begins with the last sequence number again",
			func(s *stage) { s.grows(again) },
			func(s *stage) { s.grows(next) },
		},
	})
}

// keptScripts are about how a log is kept on its disk.
func keptScripts() []script {
	return []script{
		{
			kafka.UnrolledSegment, "a segment has one byte more than segment.bytes",
			func(s *stage) { s.segment("segment.bytes", "199") },
			func(s *stage) { s.segment("segment.bytes", "200") },
		},
		{
			kafka.UnrolledSegment, "a segment spans a millisecond more than segment.ms",
			func(s *stage) { s.segment("segment.ms", "2999") },
			func(s *stage) { s.segment("segment.ms", "3000") },
		},
		{
			kafka.BadCompaction, "compaction has taken the newest record of a key",
			func(s *stage) { s.compacts(2, 3, 4) },
			func(s *stage) { s.compacts(1, 2, 3, 4) },
		},
		{
			kafka.ChangedLog, "a log has lost its last record over a restart",
			func(s *stage) { s.restartsWith(singles(3)) },
			func(s *stage) { s.restartsWith(singles(4)) },
		},
		{
			kafka.ChangedLog, "a record is another after a restart",
			func(s *stage) {
				t := singles(4)
				t.batches[2].value = "w"
				s.restartsWith(t)
			},
			func(s *stage) { s.restartsWith(singles(5)) },
		},
	}
}

// segment looks at a log of one segment of 200 bytes that spans 3 s.
func (s *stage) segment(name, value string) {
	s.topic(name, value)
	t := singles(4)
	t.state.Segments = []kafka.SegmentView{{Base: 0, Size: 200}}
	s.sees(t.view())
}

// compacts looks at a log of two keys before and after it was compacted up to offset 3.
func (s *stage) compacts(left ...int) {
	s.topic("cleanup.policy", "compact")
	t := &tape{state: kafka.LogState{Segments: []kafka.SegmentView{{Base: 0}, {Base: 4}}}}
	for i, key := range []string{"k1", "k1", "k1", "k2", "k3"} {
		if i == 1 {
			key = "k4"
		}
		t.batches = append(t.batches, batch{
			base: kafka.Offset(i), epoch: 1, key: key, value: strconv.Itoa(i),
		})
	}
	s.sees(t.view())
	s.logNote(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
	after := &tape{state: t.state}
	for _, i := range left {
		after.batches = append(after.batches, t.batches[i])
	}
	v := after.view()
	v.LogStart = 0
	s.sees(v)
}

// restartsWith shows a log of four records before a restart, and another one after it.
func (s *stage) restartsWith(after *tape) {
	s.sees(singles(4).view())
	s.starts("broker-1")
	s.sees(after.view())
}

// deletionScripts are about what retention takes, and when.
func deletionScripts() []script {
	size := int64(len(singles(1).batches[0].bytes()))
	byTime := func(s *stage) { s.topic("retention.ms", "10000") }
	bySize := func(s *stage) { s.topic("retention.bytes", strconv.FormatInt(2*size, 10)) }
	return []script{
		{
			kafka.EarlyDeletion, "a record was deleted that is as old as retention.ms and no older",
			func(s *stage) {
				byTime(s)
				s.keepsLast(2)
			},
			func(s *stage) {
				byTime(s)
				s.keepsLast(3)
			},
		},
		{
			kafka.EarlyDeletion, "one record more was deleted than retention.bytes allows",
			func(s *stage) {
				bySize(s)
				s.keepsLast(1)
			},
			func(s *stage) {
				bySize(s)
				s.keepsLast(2)
			},
		},
		{
			kafka.EarlyDeletion, "one record more was deleted than DeleteRecords asked for",
			func(s *stage) { s.deletesUpTo(4) },
			func(s *stage) { s.deletesUpTo(3) },
		},
		{
			kafka.LateDeletion, "a segment is still there long after retention.ms",
			func(s *stage) { s.lingers("1000") },
			func(s *stage) { s.lingers("60000") },
		},
	}
}

// deletesUpTo has an operator delete the records below offset 3.
func (s *stage) deletesUpTo(start kafka.Offset) {
	v := singles(5).view()
	s.sees(v)
	s.watcher.Logs().DeleteRecords(orders(), 3)
	v.LogStart = start
	s.sees(v)
}

// lingers looks again and again at a log of two segments that nobody deletes.
func (s *stage) lingers(retention string) {
	s.topic("retention.ms", retention)
	t := singles(4)
	t.state.Segments = []kafka.SegmentView{{Base: 0, Size: 100}, {Base: 2, Size: 100}}
	for _, d := range []time.Duration{9, 1, 3, 8} {
		s.pass(d * time.Second)
		s.sees(t.view())
	}
}
