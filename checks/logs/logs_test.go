package logs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

func TestOutOfBounds(t *testing.T) {
	l := singles(4)
	x := newTester(t, (*Book).OutOfBounds)
	v := l.view()
	x.ok(v)
	for says, change := range map[string]func(*kafka.ReplicaView){
		"the log starts above the high watermark":   func(v *kafka.ReplicaView) { v.LogStart, v.HighWatermark = 3, 2 },
		"the high watermark is above the log's end": func(v *kafka.ReplicaView) { v.HighWatermark = 5 },
		"the last batch ends at offset 4":           func(v *kafka.ReplicaView) { v.LogEnd = 6 },
		"the high watermark went back from 4":       func(v *kafka.ReplicaView) { v.HighWatermark = 3 },
		"above that of every leader so far, 4":      func(v *kafka.ReplicaView) { v.Broker, v.Leading, v.HighWatermark = 2, false, 5 },
	} {
		x := newTester(t, (*Book).OutOfBounds)
		x.ok(v)
		wrong := v
		if change(&wrong); wrong.Broker == 2 {
			longer := singles(5)
			wrong.Log, wrong.LogEnd = longer, 5
		}
		x.bad(says, wrong)
	}
	x.note(kafka.Note{Kind: kafka.LogTruncated, Offset: 3})
	l.batches = l.batches[:3]
	x.ok(l.view()) // a truncation takes the high watermark along
	l.batches = l.batches[1:]
	x.ok(l.view())
	l.batches = singles(3).batches
	x.bad("the log start went back from 1", l.view())
}

func TestBrokenBatch(t *testing.T) {
	first := written{base: 0, n: 3, epoch: 1, millis: 5, value: "v"}
	for says, next := range map[string]written{
		"":                               {base: 3, n: 2, epoch: 1, millis: 4, value: "v"},
		"records are missing":            {base: 4, epoch: 1, value: "v"},
		"the batch before it reaches to": {base: 2, n: 2, epoch: 1, value: "v"},
		"its leader appended it in":      {base: 3, epoch: 2, value: "v"},
		"its largest timestamp is 9":     {base: 3, epoch: 1, millis: 4, maxTime: 5, value: "v"},
		"it has the time of its append":  {base: 3, epoch: 1, flags: appendTimeBit, value: "v"},
		"it has not a record for each":   {base: 3, n: 2, epoch: 1, empty: true},
	} {
		x := newTester(t, (*Book).BrokenBatches)
		l := &fakeLog{batches: []written{first}}
		x.ok(l.view())
		x.note(kafka.Note{Kind: kafka.BecameLeader, Epoch: 2, Offset: 3})
		l.batches = append(l.batches, next)
		if says == "" {
			x.ok(l.view())
		} else {
			t.Log(says)
			x.bad(says, l.view())
		}
	}
	x := newTester(t, (*Book).BrokenBatches)
	l := &fakeLog{batches: []written{first}}
	x.ok(l.view())
	l.batches, l.damage = append(l.batches, written{base: 3, epoch: 1, value: "v"}), true
	x.bad("its CRC is", l.view())

	follower := func(l *fakeLog) kafka.ReplicaView {
		v := l.view()
		v.Leading = false
		return v
	}
	x = newTester(t, (*Book).BrokenBatches)
	l = &fakeLog{batches: []written{{base: 0, epoch: 3, value: "v"}}}
	x.ok(follower(l))
	l.batches = append(l.batches, written{base: 1, epoch: 2, value: "v"})
	found := x.look(follower(l))
	require.Len(t, found, 1)
	require.Equal(t, kafka.LogMatching, found[0].Cause)

	x = newTester(t, (*Book).BrokenBatches) // a follower of a compacted log meets gaps
	x.set("cleanup.policy", "compact")
	l = &fakeLog{batches: []written{first}}
	x.ok(follower(l))
	l.batches = append(l.batches, written{base: 7, epoch: 1, key: "k", value: "v"})
	x.ok(follower(l))
}

func TestBrokenSequence(t *testing.T) {
	of := func(base kafka.Offset, epoch int16, sequence int32) written {
		return written{base: base, epoch: 1, producer: 7, pepoch: epoch, sequence: sequence, value: "v"}
	}
	for says, next := range map[string]written{
		"":                             of(1, 0, 1),
		"sequence 2 comes behind 0":    of(1, 0, 2),
		"sequence 0 comes behind 0":    of(1, 0, 0),
		"epoch 1 begins with sequence": of(1, 1, 4),
	} {
		x := newTester(t, (*Book).BrokenSequences)
		l := &fakeLog{batches: []written{of(0, 0, 0)}}
		x.ok(l.view())
		l.batches = append(l.batches, next)
		if says == "" {
			x.ok(l.view())
			l.batches = append(l.batches, of(2, 1, 0))
			x.ok(l.view())
			l.batches = append(l.batches, of(3, 0, 2))
			x.bad("epoch 0 comes behind 1", l.view())
		} else {
			x.bad(says, l.view())
		}
	}
	x := newTester(t, (*Book).BrokenSequences) // what was cut off is sent again
	l := &fakeLog{batches: []written{of(0, 0, 0), of(1, 0, 1)}}
	x.ok(l.view())
	x.note(kafka.Note{Kind: kafka.LogTruncated, Offset: 1})
	x.ok(l.view())

	for _, cleaned := range []bool{true, false} { // what came since the last look was compacted
		x = newTester(t, (*Book).BrokenSequences)
		x.set("cleanup.policy", "compact")
		l = &fakeLog{batches: []written{of(0, 0, 0)}}
		x.ok(l.view())
		l.batches = append(l.batches, of(3, 0, 3))
		if cleaned {
			x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 3})
			x.ok(l.view())
		} else {
			x.bad("sequence 3 comes behind 0", l.view())
		}
	}

	for _, leads := range []bool{true, false} { // the leader has lost offset 1, and other batches since
		x = newTester(t, (*Book).BrokenSequences)
		l = &fakeLog{batches: []written{of(0, 0, 0)}}
		x.ok(l.view())
		x.fault(model.FaultPowerLoss)
		v := l.view()
		v.Leading = leads
		x.ok(v)
		l.batches = append(l.batches, of(1, 0, 7))
		v = l.view()
		if v.Leading = leads; leads {
			x.bad("sequence 7 comes behind 0", v)
		} else {
			x.ok(v)
		}
	}

	x = newTester(t, (*Book).BrokenSequences) // a producer that was silent for a day is forgotten
	l = &fakeLog{batches: []written{of(0, 0, 0)}}
	x.ok(l.view())
	x.pass(25 * time.Hour)
	l.batches = append(l.batches, of(1, 0, 9))
	x.ok(l.view())
}

func TestEarlyDeletionByTime(t *testing.T) {
	x := newTester(t, (*Book).EarlyDeletions)
	x.set("retention.ms", "10000")
	l := singles(5) // at 0 s, 1 s, …
	x.pass(4 * time.Second)
	x.ok(l.view())
	x.pass(8 * time.Second) // at 12 s two are older
	l.batches = l.batches[2:]
	x.ok(l.view())
	l.batches = l.batches[1:]
	x.bad("only what is below offset 2 may be gone", l.view())
}

// A setting that was changed may go on to hold, so either allows a deletion.
func TestEarlyDeletionAfterAChange(t *testing.T) {
	x := newTester(t, (*Book).EarlyDeletions)
	l := singles(5)
	x.ok(l.view())
	x.pass(12 * time.Second)
	x.book.AlterTopic("orders", "retention.ms", "10000")
	x.book.AlterTopic("orders", "retention.ms", "600000")
	l.batches = l.batches[2:]
	x.ok(l.view())
}

func TestEarlyDeletionBySize(t *testing.T) {
	size := int64(len(singles(1).batches[0].bytes()))
	for _, keeps := range []int{2, 1} {
		x := newTester(t, (*Book).EarlyDeletions)
		x.set("retention.bytes", number(2*size))
		l := singles(5)
		x.ok(l.view())
		l.batches = l.batches[5-keeps:]
		if keeps == 2 {
			x.ok(l.view())
		} else {
			x.bad("only what is below offset 3", l.view())
		}
	}
}

func TestEarlyDeletionByAnOperator(t *testing.T) {
	l := singles(5)
	x := newTester(t, (*Book).EarlyDeletions)
	x.ok(l.view())
	x.book.DeleteRecords(orders(), 3)
	v := l.view()
	v.LogStart = 3
	x.ok(v)
	v.LogStart = 4
	x.bad("only what is below offset 3", v)

	x = newTester(t, (*Book).EarlyDeletions)
	x.ok(l.view())
	x.book.DeleteRecords(orders(), kafka.NoOffset)
	v.LogStart = 4
	x.ok(v)
	// The high watermark is 5.
	x.book.DeletedRecords(orders(), kafka.NoOffset, &kafka.DeleteAnswer{Done: true, Low: 5})
	l.batches = singles(7).batches
	v.LogEnd, v.HighWatermark = 7, 7
	x.ok(v)
	v.LogStart = 5
	x.ok(v)
	at, known := x.book.AllowedStart(orders())
	require.True(t, known)
	require.Equal(t, kafka.Offset(5), at)
	v.LogStart = 6
	x.bad("only what is below offset 5", v)

	l = singles(5)
	v = l.view()
	x = newTester(t, (*Book).EarlyDeletions) // what is refused allows nothing
	x.ok(v)
	x.book.DeleteRecords(orders(), 2)
	x.book.DeletedRecords(orders(), 2, &kafka.DeleteAnswer{Refused: true})
	v.LogStart = 2
	x.bad("only what is below offset 0", v)
	v.LogStart = 5

	x = newTester(t, (*Book).EarlyDeletions) // a compacted topic deletes nothing by age
	x.set("cleanup.policy", "compact")
	x.set("retention.ms", "1")
	x.ok(l.view())
	x.pass(time.Hour)
	x.bad("cleanup.policy, which is compact", v)
}

func TestAnswersToDeleteRecords(t *testing.T) {
	l := singles(5)
	for says, c := range map[string]struct {
		before kafka.Offset
		answer *kafka.DeleteAnswer
	}{
		"":                          {3, &kafka.DeleteAnswer{Done: true, Low: 3}},
		" ":                         {9, &kafka.DeleteAnswer{Refused: true, OutOfRange: true, Low: -1}},
		"  ":                        {3, nil},
		"the high watermark is out": {-1, &kafka.DeleteAnswer{Refused: true, OutOfRange: true, Low: -1}},
		"still has those from 2 on": {3, &kafka.DeleteAnswer{Done: true, Low: 2}},
		"above offset 5 was ever":   {3, &kafka.DeleteAnswer{Done: true, Low: 6}},
	} {
		x := newTester(t, (*Book).OutOfBounds)
		x.ok(l.view())
		x.book.DeleteRecords(orders(), c.before)
		x.book.DeletedRecords(orders(), c.before, c.answer)
		if strings.TrimSpace(says) == "" {
			x.ok(l.view())
		} else {
			x.bad(says, l.view())
		}
	}
}

// What came and went between two looks is not known; what was seen is.
func TestEarlyDeletionOfTheUnseen(t *testing.T) {
	for _, seen := range []int{4, 7} {
		x := newTester(t, (*Book).EarlyDeletions)
		x.set("retention.ms", "10000")
		x.ok(singles(seen).view())
		x.pass(15 * time.Second)
		l := singles(10)
		l.batches = l.batches[6:]
		if seen == 4 {
			x.ok(l.view())
			at, _ := x.book.AllowedStart(orders())
			require.Equal(t, kafka.Offset(6), at)
		} else {
			x.bad("only what is below offset 5", l.view())
		}
	}
}

// A log that was read anew, since its broker was started, is held to what it had before.
func TestEarlyDeletionAtAStart(t *testing.T) {
	for _, deleted := range []int{2, 3} {
		x := newTester(t, (*Book).EarlyDeletions)
		x.set("retention.ms", "10000")
		l := singles(5)
		x.ok(l.view())
		x.pass(12 * time.Second)
		x.start()
		l.batches = l.batches[deleted:]
		if deleted == 2 {
			x.ok(l.view())
		} else {
			x.bad("only what is below offset 2", l.view())
		}
	}
}

// A broker deletes by its own clock.
func TestDeletionByAWrongClock(t *testing.T) {
	for _, node := range []model.NodeID{"broker-1", "producer-1"} {
		x := newTester(t, (*Book).EarlyDeletions)
		x.set("retention.ms", "10000")
		l := singles(5)
		x.ok(l.view())
		x.book.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{
			At: x.now, Node: node, Kind: model.TraceFault, Fault: &model.Fault{
				Verb: model.FaultShiftClock, Node: node, By: 11500 * time.Millisecond,
			},
		}})
		l.batches = l.batches[2:]
		if node == "broker-1" {
			x.ok(l.view())
			l.batches = l.batches[1:]
			x.bad("only what is below offset 2", l.view())
		} else {
			x.bad("only what is below offset 0", l.view())
		}
	}
}

func TestLateDeletion(t *testing.T) {
	of := func(bases ...kafka.Offset) *fakeLog {
		l := singles(4)
		for _, base := range bases {
			l.state.Segments = append(l.state.Segments, kafka.SegmentView{Base: base, Size: 100})
		}
		return l
	}
	for says, set := range map[string][2]string{
		"":                         {"retention.ms", "60000"},
		"are older than 1s":        {"retention.ms", "1000"},
		"retention.bytes is 100":   {"retention.bytes", "100"},
		"the log starts behind it": {"retention.ms", "-1"},
	} {
		x := newTester(t, (*Book).LateDeletions)
		x.set(set[0], set[1])
		l := of(0, 2)
		v := l.view()
		if says == "the log starts behind it" {
			v.LogStart = 2
		}
		x.pass(9 * time.Second)
		x.ok(v)
		x.pass(time.Second)
		x.ok(v)
		x.pass(3 * time.Second)
		x.ok(v)
		x.pass(8 * time.Second)
		if says == "" {
			x.ok(v)
			continue
		}
		t.Log(says)
		x.bad(says, v)
		x.start() // it has its time again
		x.ok(v)
		low := v
		low.HighWatermark = 1 // what is not committed stays
		x.pass(10 * time.Second)
		x.ok(low)
		x.pass(10 * time.Second)
		x.ok(low)
	}
}

// What is appended to a segment keeps it, also where all of it is old at each look.
func TestLateDeletionOfWhatGrows(t *testing.T) {
	x := newTester(t, (*Book).LateDeletions)
	x.set("retention.ms", "1000")
	l := singles(1)
	l.state.Segments = []kafka.SegmentView{{Base: 0, Size: 100}}
	x.pass(5 * time.Second)
	x.ok(l.view())
	l.batches = append(l.batches, written{base: 1, epoch: 1, millis: 7000, value: "v"})
	x.pass(5 * time.Second)
	x.ok(l.view())
	x.pass(5 * time.Second)
	x.bad("all of its records are older than 1s", l.view())
}

func TestUnrolledSegment(t *testing.T) {
	for says, set := range map[string][2]string{
		"":                       {"segment.bytes", "200"},
		"segment.bytes is 150":   {"segment.bytes", "150"},
		"spans 3000 ms, segment": {"segment.ms", "2000"},
	} {
		x := newTester(t, (*Book).UnrolledSegments)
		x.set(set[0], set[1])
		l := singles(4)
		l.state.Segments = []kafka.SegmentView{{Base: 0, Size: 200}}
		if says == "" {
			x.ok(l.view())
		} else {
			x.bad(says, l.view())
		}
	}
}

func TestChangedLog(t *testing.T) {
	restarted := func(l, then *fakeLog) (*tester, kafka.ReplicaView) {
		x := newTester(t, (*Book).ChangedLogs)
		x.ok(l.view())
		x.start()
		return x, then.view()
	}
	x, v := restarted(singles(4), singles(4))
	x.ok(v)
	x, v = restarted(singles(4), singles(5))
	x.ok(v)
	x, v = restarted(singles(4), singles(3))
	x.bad("it ends at offset 3, and ended at 4", v)
	other := singles(4)
	other.batches[2].value = "w"
	x, v = restarted(singles(4), other)
	x.bad("it held offsets 2 to 2", v)
	x, v = restarted(singles(4), singles(3))
	x.fault(model.FaultPowerLoss)
	x.ok(v)

	for _, fault := range []string{model.FaultKill, model.FaultWipe} {
		x = newTester(t, (*Book).ChangedLogs)
		x.ok(singles(4).view())
		x.fault(fault)
		damage := kafka.Damage{Kind: kafka.DamageDropped}
		x.note(kafka.Note{Kind: kafka.DamageFound, Text: damage.String()})
		x.ok()
		damage.Kind = kafka.DamageCut
		x.note(kafka.Note{Kind: kafka.DamageFound, Text: damage.String()})
		if fault == model.FaultWipe {
			x.ok()
		} else {
			x.bad("found its disk damaged at a start")
		}
	}

	x = newTester(t, (*Book).ChangedLogs) // by its note alone
	x.ok(singles(4).view())
	x.note(kafka.Note{Kind: kafka.LogEnd, Offset: 9})
	x.start()
	x.note(kafka.Note{Kind: kafka.LogRecovered, Offset: 8})
	require.Len(t, x.book.heard[kafka.ChangedLog], 1)
	require.Contains(t, x.look()[0].Explanation, "found its end at offset 8; it was 9")
}

// A start reads a segment for epochs that the log knew only from its hidden start on.
func TestRebuiltSegments(t *testing.T) {
	rebuilt := kafka.Damage{Kind: kafka.DamageRebuilt, File: "x", End: kafka.NoOffset}
	for _, hidden := range []bool{true, false} {
		x := newTester(t, (*Book).ChangedLogs)
		l := singles(4)
		x.ok(l.view())
		if hidden {
			x.note(kafka.Note{Kind: kafka.LogStart, Offset: 2})
		}
		x.start()
		x.note(rebuilt.Note(orders()))
		if hidden {
			x.ok(l.view())
		} else {
			x.bad("found its disk damaged at a start", l.view())
		}
		whole := rebuilt
		whole.Offset = kafka.NoOffset // all of the epochs
		x.note(whole.Note(orders()))
		require.Len(t, x.book.Heard(kafka.ChangedLog), 1)
	}
}

func TestProducerState(t *testing.T) {
	l := &fakeLog{batches: []written{
		{base: 0, n: 2, epoch: 1, producer: 7, sequence: 0, value: "v"},
		{base: 2, epoch: 1, producer: 7, sequence: 2, value: "v"},
	}}
	right := kafka.ProducerView{ID: 7, LastSequence: 2, LastOffset: 2}
	for says, states := range map[string][]kafka.ProducerView{
		"":                            {right},
		"it does not know producer 7": nil,
		"producer 7 has epoch 1":      {{ID: 7, Epoch: 1, LastSequence: 2, LastOffset: 2}},
		"sequence 1 at offset 1":      {{ID: 7, LastSequence: 1, LastOffset: 1}},
		"where it wrote nothing":      {right, {ID: 8, LastSequence: 0, LastOffset: 1}},
		"the log at 3":                {right, {ID: 8, LastSequence: 0, LastOffset: 3}},
	} {
		x := newTester(t, (*Book).ProducerStates)
		l.state.Producers = states
		if says == "" {
			x.ok(l.view())
		} else {
			x.bad(says, l.view())
		}
	}
}

// What was written and deleted between two looks leaves a producer that no batch tells of.
func TestProducerStateOfTheUnseen(t *testing.T) {
	l := singles(2)
	x := newTester(t, (*Book).ProducerStates)
	x.ok(l.view())
	l.state.Producers = []kafka.ProducerView{{ID: 7, LastSequence: 6, LastOffset: 8}}
	v := l.view()
	v.LogStart, v.LogEnd, v.HighWatermark = 9, 9, 9
	x.pass(careEvery)
	x.ok(v)
	l.state.Producers[0].LastOffset = 9
	v.LogEnd, v.HighWatermark = 10, 10
	l.batches = append(l.batches, written{base: 9, epoch: 1, value: "v"})
	x.pass(careEvery)
	x.bad("where it wrote nothing", v)

	l = &fakeLog{batches: []written{{epoch: 1, value: "v", producer: 7, pepoch: 0}}}
	l.state.Producers = []kafka.ProducerView{{ID: 7}}
	x = newTester(t, (*Book).ProducerStates)
	x.ok(l.view())
	l.state.Producers = []kafka.ProducerView{{ID: 7, LastSequence: 6, LastOffset: 6}}
	v = l.view()
	v.LogStart, v.LogEnd, v.HighWatermark = 7, 7, 7
	x.pass(careEvery)
	x.ok(v)
	l.state.Producers = []kafka.ProducerView{{ID: 7, LastSequence: 7, LastOffset: 7}}
	l.batches = append(l.batches, written{base: 7, epoch: 1, value: "v"})
	v.LogEnd, v.HighWatermark = 8, 8
	x.pass(careEvery)
	x.bad("its last batch has epoch 0, sequence 0 at offset 0", v)
}

func TestEpochCache(t *testing.T) {
	l := &fakeLog{batches: []written{
		{
			base:  0,
			n:     2,
			epoch: 1,
			value: "v",
		}, {base: 2, epoch: 1, value: "v"}, {base: 3, epoch: 4, value: "v"},
	}}
	at := func(list ...kafka.EpochStart) []kafka.EpochStart { return list }
	for says, epochs := range map[string][]kafka.EpochStart{
		"":                           at(kafka.EpochStart{Epoch: 1}, kafka.EpochStart{Epoch: 4, Start: 3}),
		"it does not know epoch 4":   at(kafka.EpochStart{Epoch: 1}),
		"epoch 4 begins at offset 4": at(kafka.EpochStart{Epoch: 1}, kafka.EpochStart{Epoch: 4, Start: 4}),
		"below the end of epoch 1":   at(kafka.EpochStart{Epoch: 1}, kafka.EpochStart{Epoch: 4, Start: 2}),
		"behind the log's end":       at(kafka.EpochStart{Epoch: 1}, kafka.EpochStart{Epoch: 4, Start: 9}),
		"does not follow on 1 at 0":  at(kafka.EpochStart{Epoch: 1}, kafka.EpochStart{Epoch: 4}),
	} {
		x := newTester(t, (*Book).EpochCaches)
		l.state.Epochs = epochs
		if says == "" {
			x.ok(l.view())
		} else {
			x.bad(says, l.view())
		}
	}
}

func TestWrongLookup(t *testing.T) {
	l := singles(9)
	x := newTester(t, (*Book).WrongLookups)
	for range 40 {
		x.ok(l.view())
	}
	raw := func(i int) []byte { return l.batches[i].bytes() }
	for says, read := range map[string]func(from kafka.Offset, _ int, _ kafka.Offset) ([]byte, bool){
		"is refused":      func(kafka.Offset, int, kafka.Offset) ([]byte, bool) { return nil, false },
		"returns nothing": func(kafka.Offset, int, kafka.Offset) ([]byte, bool) { return nil, true },
		"where offsets":   func(f kafka.Offset, _ int, _ kafka.Offset) ([]byte, bool) { return raw((int(f) + 1) % 9), true },
		"ends within a": func(f kafka.Offset, _ int, _ kafka.Offset) ([]byte, bool) {
			return raw(int(f))[:20], true
		},
	} {
		x := newTester(t, (*Book).WrongLookups)
		l := singles(9)
		l.read = read
		x.bad(says, l.view())
	}
	for says, since := range map[string]func(int64) (kafka.Offset, int64, bool){
		"it says that no record": func(int64) (kafka.Offset, int64, bool) { return 0, 0, false },
		"it is in offsets":       func(m int64) (kafka.Offset, int64, bool) { return kafka.Offset(m/1000) + 1, m + 1000, true },
	} {
		x := newTester(t, (*Book).WrongLookups)
		l := singles(9)
		l.since = since
		x.bad(says, l.view())
	}
	x = newTester(t, (*Book).WrongLookups) // beyond where it must stop
	l.read = func(f kafka.Offset, _ int, _ kafka.Offset) (b []byte, ok bool) {
		for i := int(f); i < len(l.batches); i++ {
			b = append(b, raw(i)...)
		}
		return b, true
	}
	v := l.view()
	v.HighWatermark = 8
	found := x.look(v)
	for len(found) == 0 {
		found = x.look(v)
	}
	require.Contains(t, found[0].Explanation, "returns")
}

func TestEarlyAckAndUncommittedRead(t *testing.T) {
	x := newTester(t, (*Book).EarlyAcks)
	x.set("min.insync.replicas", "2")
	lead, follow := singles(4).view(), singles(3).view()
	lead.HighWatermark = 3
	follow.Broker, follow.Leading = 2, false
	x.ok(lead, follow)
	ack := func(at kafka.Offset) {
		x.book.ObserveOp(&kafka.Op{Type: kafka.OK, Acks: "all", Value: []kafka.Mop{
			{F: kafka.FSend, Key: orders(), Offset: at, Value: "v"},
		}}, "p1")
	}
	ack(2)
	x.ok(lead, follow)
	ack(3)
	x.bad("the high watermark was never above 3", lead, follow)
	lead.HighWatermark = 4
	x.ok(lead, follow)
	ack(3)
	x.bad("1 replicas have ever had it, min.insync.replicas is 2", lead, follow)

	x.check = (*Book).UncommittedReads
	poll := func(at kafka.Offset) {
		x.book.ObserveOp(
			&kafka.Op{Type: kafka.OK, Value: []kafka.Mop{{F: kafka.FPoll, Polled: []kafka.PolledRecords{
				{Key: orders(), Records: []kafka.PolledRecord{{Offset: at, Value: "v"}}},
			}}}},
			"c1",
		)
	}
	poll(3)
	x.ok(lead, follow)
	poll(4)
	x.bad("c1 read offset 4 of orders-0, but the high watermark was never above 4", lead, follow)
}

func TestMisplacedReplica(t *testing.T) {
	ids := func(list ...kafka.BrokerID) []kafka.BrokerID { return list }
	state := kafka.PartitionState{Leader: 1, ISR: ids(1, 2), Replicas: ids(1, 2, 3)}
	place := kafka.Placement{TP: orders(), Assigned: ids(1, 2), Open: ids(1, 2), Held: ids(1, 2)}
	book := New()
	look := func(s kafka.PartitionState, p kafka.Placement) []Violation {
		return book.MisplacedReplicas(&kafka.ClusterView{
			Replicas: []kafka.ReplicaView{singles(1).view()}, Running: ids(1, 2, 3),
			States:     map[kafka.TopicPartition]kafka.PartitionState{orders(): s},
			Placements: []kafka.Placement{p},
		})
	}
	require.Empty(t, look(state, place))
	for says, change := range map[string]func(*kafka.PartitionState, *kafka.Placement){
		"names broker 3 its leader, which is not in its ISR": func(s *kafka.PartitionState, _ *kafka.Placement) { s.Leader = 3 },
		"has broker 4 in its ISR [1 4]":                      func(s *kafka.PartitionState, _ *kafka.Placement) { s.ISR = ids(1, 4) },
		"broker-2 has no replica of it":                      func(_ *kafka.PartitionState, p *kafka.Placement) { p.Open = ids(1) },
		"broker-3 keeps a log of it, and its replicas are":   func(_ *kafka.PartitionState, p *kafka.Placement) { p.Open = ids(1, 2, 3) },
		"broker-2 keeps a log of it, and the topic was": func(_ *kafka.PartitionState, p *kafka.Placement) {
			p.Assigned, p.Open, p.Held = nil, nil, ids(2)
		},
	} {
		s, p := state, place
		change(&s, &p)
		found := look(s, p)
		require.Len(t, found, 1, says)
		require.Contains(t, found[0].Explanation, says)
	}
	late := place
	late.TP.Topic, late.Open = kafka.OffsetsTopic, ids(1)
	require.Empty(t, look(state, late))
	moving := place
	moving.Moving, moving.Held = true, ids(1, 2, 3)
	offline := state
	offline.Leader = kafka.NoBroker
	require.Empty(t, look(offline, moving))

	back := place // a power loss has lost the deletion
	back.Assigned, back.Open, back.Held = nil, nil, ids(1)
	require.NotEmpty(t, look(offline, back))
	book.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{
		Node: "broker-1", Kind: model.TraceFault, Fault: &model.Fault{Verb: model.FaultPowerLoss, Node: "broker-1"},
	}})
	require.Empty(t, look(offline, back))
}

// A controller that dies before a broker has heard that its replica was moved leaves it one.
func TestMisplacedReplicaOfTheUntold(t *testing.T) {
	completed := kafka.Note{Kind: kafka.ReassignmentCompleted, Brokers: []kafka.BrokerID{1}}
	gone := kafka.Note{Kind: kafka.SessionExpired, Text: "broker-2"}
	for name, c := range map[string]struct {
		notes []kafka.Note
		found int
	}{
		"all were told":              {[]kafka.Note{completed}, 1},
		"the controller died":        {[]kafka.Note{completed, {Kind: kafka.ControllerElected, Broker: 3}}, 0},
		"the broker was gone":        {[]kafka.Note{gone, completed}, 0},
		"the broker went":            {[]kafka.Note{completed, gone}, 0},
		"a controller died long ago": {[]kafka.Note{{Kind: kafka.ControllerElected, Broker: 3}, completed}, 1},
		"the broker was back": {
			[]kafka.Note{gone, {Kind: kafka.BrokerRegistered, Broker: 2}, completed}, 1,
		},
	} {
		x := newTester(t, nil)
		for id := range kafka.BrokerID(3) {
			x.book.part(orders()).ends[id] = 1
		}
		for _, n := range c.notes {
			x.note(n)
		}
		require.Len(t, x.book.MisplacedReplicas(&kafka.ClusterView{
			Running: []kafka.BrokerID{1, 2},
			Placements: []kafka.Placement{{
				TP: orders(), Assigned: []kafka.BrokerID{1}, Open: []kafka.BrokerID{1, 2},
			}},
		}), c.found, name)
	}
}
