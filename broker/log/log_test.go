package log

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

var orders = kafka.TopicPartition{Topic: "orders"}

var small = Config{SegmentBytes: 2000, SegmentMs: time.Hour, IndexIntervalBytes: 300}

func open(t require.TestingT, disk model.Disk, cfg Config, point kafka.Offset) (*Log, Recovery) {
	l, r, err := Open(disk, orders, cfg, Checkpoint{RecoveryPoint: point}, 0)
	require.NoError(t, err)
	return l, r
}

// batch makes one batch of n records whose values name their offsets, with timestamps from at on.
func batch(base kafka.Offset, n int, at int64) []byte {
	var b wire.BatchBuilder
	for i := range n {
		b.Append(at+int64(i), nil, fmt.Appendf(nil, "value %d", int(base)+i))
	}
	return b.Bytes()
}

// parsed is the batch at the beginning of b.
func parsed(b []byte) *wire.Batch {
	batch, err := wire.ParseBatch(b)
	if err != nil {
		panic(err)
	}
	return &batch
}

// grow appends n batches of two records each, of one epoch, timestamps 1, 2, 3 and so on.
func grow(t require.TestingT, l *Log, n int, epoch kafka.Epoch) {
	for range n {
		_, err := l.AppendAsLeader(parsed(batch(l.LogEnd(), 2, int64(l.LogEnd())+1)), epoch, 0)
		require.NoError(t, err)
	}
}

// A follower that is fed what a leader's log says holds the same bytes.
func TestFollowerCopiesTheLeader(t *testing.T) {
	leader, _ := open(t, newMemoryDisk(), small, 0)
	for i := range 50 {
		_, err := leader.AppendAsLeader(parsed(batch(leader.LogEnd(), 1+i%4, int64(i))), kafka.Epoch(i/10), 0)
		require.NoError(t, err)
	}
	follower, _ := open(t, newMemoryDisk(), small, 0)
	for follower.LogEnd() < leader.LogEnd() {
		data, err := leader.Read(follower.LogEnd(), 700, leader.LogEnd(), true)
		require.NoError(t, err)
		require.NoError(t, follower.AppendAsFollower(data, 0))
	}
	require.Equal(t, leader.Batches(0), follower.Batches(0))
	require.Equal(t, leader.epochs, follower.epochs)
	require.GreaterOrEqual(t, len(leader.segments), 3)
}

func TestFollowerRefusesWhatDoesNotContinueItsLog(t *testing.T) {
	l, _ := open(t, newMemoryDisk(), small, 0)
	grow(t, l, 2, 1)
	at := func(base kafka.Offset) []byte {
		b := batch(base, 2, 1)
		wire.SetBaseOffset(b, base)
		wire.SetLeaderEpoch(b, 1)
		return b
	}
	for _, base := range []kafka.Offset{-1, 0, 3} {
		var unexpected *UnexpectedOffsetError
		require.ErrorAs(t, l.AppendAsFollower(at(base), 0), &unexpected)
		require.Equal(t, UnexpectedOffsetError{Log: "orders-0", Offset: base, Last: base + 1, End: 4}, *unexpected)
	}
	bad := append(at(4), at(6)...)
	bad[len(bad)-1] ^= 1
	var damaged *wire.BatchError
	require.ErrorAs(t, l.AppendAsFollower(bad, 0), &damaged)
	require.Equal(t, wire.CorruptMessage, damaged.Code)
	require.EqualValues(t, 6, l.LogEnd(), "the batch before it was taken")
	require.NoError(t, l.AppendAsFollower(append(at(6), at(8)[:40]...), 0))
	require.EqualValues(t, 8, l.LogEnd(), "the rest comes with the next fetch")
}

// A compacted log may have gaps: they are copied, read over, and survive a restart.
func TestCompactedLogHasGaps(t *testing.T) {
	cfg := small
	cfg.Compacted = true
	disk := newMemoryDisk()
	l, _ := open(t, disk, cfg, 0)
	for _, base := range []kafka.Offset{5, 100, 3 << 31, 3<<31 + 50} {
		b := batch(base, 2, 1)
		wire.SetBaseOffset(b, base)
		require.NoError(t, l.AppendAsFollower(b, 0))
	}
	for range 2 {
		require.Len(t, l.segments, 2, "an offset index has 31 bits")
		require.EqualValues(t, int64(3<<31+52), l.LogEnd())
		for from, base := range map[kafka.Offset]kafka.Offset{
			0: 5, 6: 5, 7: 100, 102: 3 << 31, 1 << 32: 3 << 31,
		} {
			data, err := l.Read(from, 1, l.LogEnd(), true)
			require.NoError(t, err)
			h, err := wire.ParseBatch(data)
			require.NoError(t, err)
			require.Equal(t, base, h.BaseOffset, "read from %d", from)
		}
		var r Recovery
		l, r = open(t, disk, cfg, 0)
		require.Empty(t, r.reason())
	}
}

// A topic that is no longer compacted still has logs with gaps: they are copied, and believed at a
// restart where what follows confirms them.
func TestGapsOutliveTheSetting(t *testing.T) {
	for _, point := range []kafka.Offset{0, CleanShutdown} {
		disk := newMemoryDisk()
		cfg := small
		cfg.Compacted = true
		l, _ := open(t, disk, cfg, 0)
		l.SetConfig(small)
		for _, base := range []kafka.Offset{7, 9, 20, 30} {
			b := batch(base, 1, 1)
			wire.SetBaseOffset(b, base)
			wire.SetLeaderEpoch(b, 0)
			require.NoError(t, l.AppendAsFollower(b, 0))
			if base == 20 {
				require.NoError(t, l.Roll(0))
			}
		}
		grow(t, l, 1, 0)
		l, recovery := open(t, disk, small, point)
		require.Empty(t, recovery.reason())
		require.EqualValues(t, 33, l.LogEnd())
		require.Len(t, l.Batches(0), 5)
	}
}

// A segment ends for its size, its age by the records' own clock, or a full index.
func TestWhenSegmentsRoll(t *testing.T) {
	for name, row := range map[string]struct {
		cfg      Config
		segments int
	}{
		"size":  {Config{SegmentBytes: 300, SegmentMs: time.Hour, IndexIntervalBytes: 4096}, 7},
		"age":   {Config{SegmentBytes: 1 << 20, SegmentMs: 9 * time.Millisecond}, 4},
		"index": {Config{SegmentBytes: 1 << 20, SegmentMs: time.Hour, IndexBytes: 44}, 7},
		"none":  {Config{SegmentBytes: 1 << 20, SegmentMs: time.Hour, IndexIntervalBytes: 4096}, 1},
	} {
		l, _ := open(t, newMemoryDisk(), row.cfg, 0)
		grow(t, l, 20, 0)
		require.Len(t, l.segments, row.segments, name)

		for _, point := range []kafka.Offset{0, CleanShutdown} {
			disk := newMemoryDisk()
			for range 20 {
				l, _ = open(t, disk, row.cfg, point)
				grow(t, l, 1, 0)
			}
			require.Len(t, l.segments, row.segments, "%s, restarted after every batch", name)
		}
	}
}

func TestTruncateFullyAndStartAt(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 40, 3)
	require.NoError(t, l.TruncateFullyAndStartAt(1000))
	for range 2 {
		require.EqualValues(t, 1000, l.LogStart())
		require.EqualValues(t, 1000, l.LogEnd())
		require.Equal(t, kafka.NoEpoch, l.LatestEpoch())
		require.Len(t, disk.names("orders-0"), 4)
		l, _ = open(t, disk, small, 0)
	}
	var outside *OutOfRangeError
	require.ErrorAs(t, l.TruncateTo(999), &outside)
	grow(t, l, 1, 4)
	require.EqualValues(t, 1002, l.LogEnd())
}

// A flush that was asked for before a truncation does not vouch for what was appended after it.
func TestFlushFromBeforeATruncation(t *testing.T) {
	l, _ := open(t, newMemoryDisk(), small, 0)
	grow(t, l, 5, 0)
	p := l.FlushPoint()
	require.Equal(t, "orders-0", p.Path)
	require.NoError(t, l.TruncateTo(2))
	grow(t, l, 5, 1)
	l.Flushed(p)
	require.Zero(t, l.RecoveryPoint())
	l.Flushed(l.FlushPoint())
	require.EqualValues(t, 12, l.RecoveryPoint())
	require.NoError(t, l.TruncateTo(4))
	require.EqualValues(t, 4, l.RecoveryPoint())
}

func TestDeleteLeavesNothing(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 30, 0)
	_, err := disk.Open("orders-01/other") // another partition's
	require.NoError(t, err)
	require.NoError(t, l.Delete())
	require.Equal(t, []string{"orders-01/other"}, disk.names(""))
}

// A leader that appended nothing before another was elected has an epoch that nobody else knows;
// truncating where it ends drops it, though no record goes.
func TestTruncationDropsAnEmptyEpoch(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 5, 0)
	end := l.LogEnd()
	require.NoError(t, l.AssignEpoch(1, end))
	require.EqualValues(t, 1, l.LatestEpoch())
	require.NoError(t, l.TruncateTo(end))
	require.Equal(t, end, l.LogEnd())
	require.EqualValues(t, 0, l.LatestEpoch())
	l, _ = open(t, disk, small, 0)
	require.EqualValues(t, 0, l.LatestEpoch())
}
