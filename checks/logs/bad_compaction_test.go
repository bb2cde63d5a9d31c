package logs

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

// keyed is a log of three keys: k1, k2, k1 again, a tombstone for k2, and k3 in the active segment.
func keyed() *fakeLog {
	l := &fakeLog{state: kafka.LogState{Segments: []kafka.SegmentView{{Base: 0}, {Base: 4}}}}
	for i, kv := range [][2]string{{"k1", "a"}, {"k2", "b"}, {"k1", "c"}, {"k2", ""}, {"k3", "d"}} {
		l.batches = append(l.batches, written{
			base: kafka.Offset(i), epoch: 1, key: kv[0], value: kv[1], producer: 7, sequence: int32(i),
		})
	}
	return l
}

// without is the log with some batches gone.
func (l *fakeLog) without(gone ...int) *fakeLog {
	kept := *l
	kept.batches = nil
	for i, w := range l.batches {
		stays := true
		for _, g := range gone {
			stays = stays && g != i
		}
		if stays {
			kept.batches = append(kept.batches, w)
		}
	}
	return &kept
}

func TestBadCompaction(t *testing.T) {
	type change func(*fakeLog) *fakeLog
	gone := func(list ...int) change {
		return func(l *fakeLog) *fakeLog { return l.without(list...) }
	}
	for says, do := range map[string]change{
		"":                        gone(0, 1),
		"it is the newest of its": gone(0, 1, 2),
		"came less than":          gone(0, 1, 3),
		"must not look beyond":    gone(0, 1, 4),
		"has changed":             func(l *fakeLog) *fakeLog { l.batches[2].value = "x"; return l },
		"and is offsets 2 to 2":   func(l *fakeLog) *fakeLog { l.batches[2].epoch = 2; return l },
	} {
		x := newTester(t, (*Book).BadCompactions)
		x.set("cleanup.policy", "compact")
		x.ok(keyed().view())
		x.pass(time.Second)
		x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
		v := do(keyed()).view()
		v.LogStart, v.LogEnd, v.HighWatermark = 0, 5, 5
		if says == "" {
			x.ok(v)
			x.ok(v)
			continue
		}
		found := x.look(v)
		text := ""
		for _, f := range found {
			text += f.Explanation + "\n"
		}
		require.Contains(t, text, says)
	}
}

// A tombstone goes when its time has passed, in a round after the one that set it.
func TestBadCompactionOfTombstones(t *testing.T) {
	begin := func() *tester {
		x := newTester(t, (*Book).BadCompactions)
		x.set("cleanup.policy", "compact")
		x.set("delete.retention.ms", "1000")
		x.ok(keyed().view())
		x.pass(2 * time.Second)
		x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
		return x
	}
	shown := func(l *fakeLog) kafka.ReplicaView {
		v := l.view()
		v.LogStart = 0
		return v
	}
	x := begin()
	x.bad("no round before has said", shown(keyed().without(0, 1, 3)))

	x = begin()
	first := keyed().without(0, 1)
	first.batches[1].horizon = 3000
	x.ok(shown(first))
	x.pass(2 * time.Second)
	x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
	x.ok(shown(first.without(1)))
}

// The last batch of a producer stays, if without records.
func TestBadCompactionOfSequences(t *testing.T) {
	log := func() *fakeLog {
		l := keyed()
		for i := range l.batches {
			if i != 1 {
				l.batches[i].producer = 0
			}
		}
		return l
	}
	for _, stays := range []bool{true, false} {
		x := newTester(t, (*Book).BadCompactions)
		x.set("cleanup.policy", "compact")
		x.ok(log().view())
		x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
		after := log().without(0)
		if !stays {
			after = log().without(0, 1)
		} else {
			after.batches[0].empty = true
		}
		v := after.view()
		v.LogStart = 0
		if stays {
			x.ok(v)
		} else {
			x.bad("the last batch of producer 7 is gone", v)
		}
	}
}

// What is young stays, also when a newer record of its key stands.
func TestBadCompactionOfTheYoung(t *testing.T) {
	x := newTester(t, (*Book).BadCompactions)
	x.set("cleanup.policy", "compact")
	x.set("min.compaction.lag.ms", "5000")
	x.ok(keyed().view())
	x.pass(time.Second)
	x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
	v := keyed().without(0).view()
	v.LogStart = 0
	x.bad("younger than min.compaction.lag.ms", v)
}

// Without a lag also what is dated in the future may go (LogCleanerManager.cleanableOffsets, 3.9).
func TestBadCompactionOfTheFuture(t *testing.T) {
	x := newTester(t, (*Book).BadCompactions)
	x.set("cleanup.policy", "compact")
	before, after := keyed(), keyed().without(0, 1)
	for i := range before.batches {
		before.batches[i].millis = 60_000
	}
	for i := range after.batches {
		after.batches[i].millis = 60_000
	}
	x.ok(before.view())
	x.pass(time.Second)
	x.note(kafka.Note{Kind: kafka.LogCleaned, Offset: 4})
	v := after.view()
	v.LogStart = 0
	x.ok(v)
}
