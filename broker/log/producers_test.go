package log

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// numbered is a batch of n records of an idempotent producer.
func numbered(id int64, epoch int16, sequence int32, n int) []byte {
	var b wire.BatchBuilder
	for i := range n {
		b.Append(int64(1000+i), nil, []byte{byte(i)})
	}
	b.SetProducer(wire.BatchProducer{ID: id, Epoch: epoch, BaseSequence: sequence})
	return b.Bytes()
}

func codeOf(t require.TestingT, err error) wire.Code {
	if err == nil {
		return wire.None
	}
	var bad *wire.BatchError
	require.ErrorAs(t, err, &bad)
	return bad.Code
}

func TestSequences(t *testing.T) {
	l, _, err := Open(newMemoryDisk(), orders, Config{SegmentBytes: 1 << 20, SegmentMs: time.Hour}, Checkpoint{}, 0)
	require.NoError(t, err)
	steps := []struct {
		epoch     int16
		sequence  int32
		n         int
		code      wire.Code
		base      kafka.Offset
		duplicate bool
	}{
		{0, 7, 2, wire.None, 0, false}, // not known yet: any number will do
		{0, 9, 1, wire.None, 2, false},
		{0, 7, 2, wire.None, 0, true},
		{0, 7, 3, wire.OutOfOrderSequenceNumber, 0, false}, // as long as another batch
		{0, 12, 1, wire.OutOfOrderSequenceNumber, 0, false},
		{0, 9, 1, wire.None, 2, true},
		{1, 1, 1, wire.OutOfOrderSequenceNumber, 0, false},
		{1, 0, 1, wire.None, 3, false},
		{0, 10, 1, wire.InvalidProducerEpoch, 0, false},
		{1, 1, 1, wire.None, 4, false}, {1, 2, 1, wire.None, 5, false}, {1, 3, 1, wire.None, 6, false},
		{1, 4, 1, wire.None, 7, false}, {1, 5, 1, wire.None, 8, false},
		{1, 1, 1, wire.None, 4, true},
		{1, 0, 1, wire.OutOfOrderSequenceNumber, 0, false}, // the sixth last is forgotten
	}
	for i, s := range steps {
		at, err := l.AppendAsLeader(parsed(numbered(5, s.epoch, s.sequence, s.n)), 0, 0)
		require.Equal(t, s.code, codeOf(t, err), "step %d", i)
		if s.code == wire.None {
			want := Appended{Base: s.base, End: s.base + kafka.Offset(s.n), Duplicate: s.duplicate}
			if s.duplicate {
				want.Timestamp = 1000 + int64(s.n) - 1 // of its last record
			}
			require.Equal(t, want, at, "step %d", i)
		}
	}
}

func TestSequencesWrap(t *testing.T) {
	l, _, err := Open(newMemoryDisk(), orders, Config{SegmentBytes: 1 << 20, SegmentMs: time.Hour}, Checkpoint{}, 0)
	require.NoError(t, err)
	for _, sequence := range []int32{math.MaxInt32 - 1, 1} { // the first has MaxInt32−1, MaxInt32 and 0
		at, err := l.AppendAsLeader(parsed(numbered(5, 0, sequence, 3)), 0, 0)
		require.NoError(t, err)
		require.False(t, at.Duplicate)
	}
	at, err := l.AppendAsLeader(parsed(numbered(5, 0, math.MaxInt32-1, 3)), 0, 0)
	require.NoError(t, err)
	require.True(t, at.Duplicate)
}

// A producer whose records were deleted is still known, except to a log as it was before KIP-360.
func TestProducersOutliveTheirRecords(t *testing.T) {
	for _, old := range []bool{false, true} {
		cfg := Config{SegmentBytes: 1 << 20, SegmentMs: time.Hour, ForgetProducersWithLog: old}
		l, _, err := Open(newMemoryDisk(), orders, cfg, Checkpoint{}, 0)
		require.NoError(t, err)
		_, err = l.AppendAsLeader(parsed(numbered(5, 0, 0, 2)), 0, 0)
		require.NoError(t, err)
		require.NoError(t, l.IncrementLogStart(2))
		at, err := l.AppendAsLeader(parsed(numbered(5, 0, 0, 2)), 0, 0)
		require.NoError(t, err)
		require.Equal(t, !old, at.Duplicate)
		require.NoError(t, l.IncrementLogStart(l.LogEnd()))
		_, err = l.AppendAsLeader(parsed(numbered(5, 0, 7, 1)), 0, 0)
		want := wire.OutOfOrderSequenceNumber
		if old {
			want = wire.UnknownProducerID
		}
		require.Equal(t, want, codeOf(t, err))
	}
}

func TestProducersExpire(t *testing.T) {
	l, _, err := Open(newMemoryDisk(), orders, Config{SegmentBytes: 1 << 20, SegmentMs: time.Hour}, Checkpoint{}, 0)
	require.NoError(t, err)
	_, err = l.AppendAsLeader(parsed(numbered(5, 0, 0, 1)), 0, 0)
	require.NoError(t, err)
	l.ExpireProducers(model.Time(61*time.Second), time.Minute+time.Second) // its record is of 1 s
	require.Equal(t, 1, l.Producers())
	l.ExpireProducers(model.Time(61*time.Second), time.Minute)
	require.Zero(t, l.Producers())
}

// What a snapshot says is believed only if all of it is sound.
func TestDamagedSnapshots(t *testing.T) {
	p := newProducers()
	for id := range int64(3) {
		p.add(&parsed(numbered(id, 2, 40, 3)).BatchHeader)
	}
	whole := p.encode()
	got, ok := decodeSnapshot(whole)
	require.True(t, ok)
	require.Equal(t, whole, got.encode())
	for i := range whole {
		_, ok := decodeSnapshot(whole[:i])
		require.False(t, ok, "cut at %d", i)
		for bit := range 8 {
			bad := append([]byte(nil), whole...)
			bad[i] ^= 1 << bit
			_, ok := decodeSnapshot(bad)
			require.False(t, ok, "bit %d of byte %d", bit, i)
		}
	}
}

// After any appends, rolls, truncations and restarts, what a log knows of its producers' last batches is what its
// batches say; and a log that was opened knows the last batch of each, which is in the snapshots.
func TestProducersFollowFromTheLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := newMemoryDisk()
		cfg := Config{SegmentBytes: 2000, SegmentMs: time.Hour, IndexIntervalBytes: 100}
		l, _, err := Open(disk, orders, cfg, Checkpoint{}, 0)
		require.NoError(t, err)
		next := map[int64]int32{}
		last := map[int64][]kafka.Offset{} // last offsets of each producer's batches
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				id, n := rapid.Int64Range(1, 3).Draw(t, "producer"), rapid.IntRange(1, 5).Draw(t, "records")
				at, err := l.AppendAsLeader(parsed(numbered(id, 0, next[id], n)), 0, 0)
				require.NoError(t, err)
				require.False(t, at.Duplicate)
				next[id] += int32(n)
				last[id] = append(last[id], at.End-1)
			},
			"roll": func(*rapid.T) { require.NoError(t, l.Roll(0)) },
			"truncate": func(t *rapid.T) {
				require.NoError(t, l.TruncateTo(kafka.Offset(rapid.Int64Range(0, int64(l.LogEnd())).Draw(t, "to"))))
				for id := range last {
					kept := last[id][:0]
					for _, o := range last[id] {
						if o < l.LogEnd() {
							kept = append(kept, o)
						}
					}
					last[id] = kept
					next[id] = 0
					if e := l.producers.byID[id]; e != nil {
						next[id] = addSequence(e.last().lastSequence, 1)
					}
				}
			},
			"restart": func(t *rapid.T) {
				at := Checkpoint{RecoveryPoint: rapid.SampledFrom([]kafka.Offset{0, CleanShutdown}).Draw(t, "point")}
				l, _, err = Open(disk, orders, cfg, at, 0)
				require.NoError(t, err)
			},
			"": func(t *rapid.T) {
				for id, offsets := range last {
					e := l.producers.byID[id]
					if len(offsets) == 0 {
						require.Nil(t, e, "producer %d", id)
						continue
					}
					require.NotNil(t, e, "producer %d", id)
					require.Equal(t, offsets[len(offsets)-1], e.last().last, "producer %d", id)
				}
			},
		})
	})
}
