package log

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// kept has no retention of its own: each test sets one.
var kept = Config{SegmentBytes: 300, SegmentMs: time.Hour, IndexIntervalBytes: 100,
	CleanupDelete: true, RetentionMs: -1, RetentionBytes: -1}

// aged is a log of 20 records with timestamps 1 to 20, six a segment, at the end of which the clock
// shows 20.
func aged(t *testing.T, disk *memoryDisk) *Log {
	l, _ := open(t, disk, kept, 0)
	grow(t, l, 10, 0)
	require.Equal(t, []kafka.Offset{0, 6, 12, 18}, bases(l))
	return l
}

func bases(l *Log) []kafka.Offset {
	var out []kafka.Offset
	for _, s := range l.segments {
		out = append(out, s.base)
	}
	return out
}

func at(millis int64) model.Time { return model.Time(millis * int64(time.Millisecond)) }

// A segment goes when its newest record is older than retention.ms, to the millisecond, and none
// with a record at or behind the high watermark. When all are old the active one goes too, and an
// empty one begins where the log ends.
func TestRetentionByTime(t *testing.T) {
	for _, row := range []struct {
		now           int64
		highWatermark kafka.Offset
		left          []kafka.Offset
	}{
		{16, 20, []kafka.Offset{0, 6, 12, 18}},
		{17, 20, []kafka.Offset{6, 12, 18}},
		{29, 20, []kafka.Offset{18}},
		{30, 20, []kafka.Offset{18}},
		{31, 20, []kafka.Offset{20}},
		{31, 19, []kafka.Offset{18}},
		{31, 11, []kafka.Offset{6, 12, 18}},
		{31, 12, []kafka.Offset{12, 18}},
	} {
		disk := newMemoryDisk()
		l := aged(t, disk)
		cfg := kept
		cfg.RetentionMs = 10 * time.Millisecond
		l.SetConfig(cfg)
		deleted, err := l.DeleteOldSegments(at(row.now), row.highWatermark)
		require.NoError(t, err)
		require.Equal(t, row.left, bases(l), "at %d", row.now)
		require.Len(t, deleted, map[kafka.Offset]int{0: 0, 6: 1, 12: 2, 18: 3, 20: 4}[row.left[0]])
		require.Equal(t, row.left[0], l.LogStart())
		require.Len(t, disk.names("orders-0"), 3*len(row.left)+1, "files stay behind")
		require.EqualValues(t, 20, l.LogEnd())
	}
}

func TestRetentionBySize(t *testing.T) {
	for _, row := range []struct {
		bytes int64
		left  kafka.Offset
	}{{-1, 0}, {1 << 20, 0}, {0, 20}} {
		l := aged(t, newMemoryDisk())
		cfg := kept
		cfg.RetentionBytes = row.bytes
		l.SetConfig(cfg)
		_, err := l.DeleteOldSegments(at(20), 20)
		require.NoError(t, err)
		require.Equal(t, row.left, bases(l)[0])
	}
	l := aged(t, newMemoryDisk())
	cfg := kept
	cfg.RetentionBytes = l.Size() - l.segments[0].size + 1
	l.SetConfig(cfg)
	deleted, err := l.DeleteOldSegments(at(20), 20)
	require.NoError(t, err)
	require.Empty(t, deleted, "the log would be smaller than it may be")
	cfg.RetentionBytes--
	l.SetConfig(cfg)
	size := l.segments[0].size
	deleted, err = l.DeleteOldSegments(at(20), 20)
	require.NoError(t, err)
	require.Equal(t, []Deletion{{0, 6, size, RetentionBytesBreached}}, deleted)
}

// Without the policy delete nothing is too old or too much, but what DeleteRecords gave up goes.
func TestOnlyTheLogStartWithoutPolicyDelete(t *testing.T) {
	l := aged(t, newMemoryDisk())
	l.SetConfig(Config{SegmentBytes: 300, CleanupCompact: true})
	require.NoError(t, l.IncrementLogStart(13))
	deleted, err := l.DeleteOldSegments(at(1<<40), 20)
	require.NoError(t, err)
	require.Len(t, deleted, 2)
	require.Equal(t, LogStartBreached, deleted[1].Reason)
	require.Equal(t, "log start offset", deleted[1].Reason.String())
	require.Equal(t, []kafka.Offset{12, 18}, bases(l))
	require.EqualValues(t, 13, l.LogStart())
}

// A segment without any timestamp is as old as its file: for rolling since it was made, for
// retention since it was written.
func TestAgeWithoutTimestamps(t *testing.T) {
	cfg := kept
	cfg.SegmentMs, cfg.RetentionMs = 10*time.Millisecond, 10*time.Millisecond
	l, _ := open(t, newMemoryDisk(), cfg, 0)
	for _, now := range []int64{0, 10} {
		_, err := l.AppendAsLeader(parsed(batch(0, 1, -1)), 0, at(now))
		require.NoError(t, err)
		require.Len(t, l.segments, 1)
	}
	_, err := l.AppendAsLeader(parsed(batch(0, 1, -1)), 0, at(11))
	require.NoError(t, err)
	require.Len(t, l.segments, 2)
	deleted, err := l.DeleteOldSegments(at(20), 3)
	require.NoError(t, err)
	require.Empty(t, deleted)
	deleted, err = l.DeleteOldSegments(at(21), 3)
	require.NoError(t, err)
	require.Len(t, deleted, 1)
	deleted, err = l.DeleteOldSegments(at(22), 3)
	require.NoError(t, err)
	require.Len(t, deleted, 1)
	_, _, found, err := l.MaxTimestamp()
	require.NoError(t, err)
	require.False(t, found)
}

// The log start is where the checkpoint says, or where the first segment begins if that is higher.
// A log that ends before it was lost, and begins again there.
func TestLogStartSurvivesARestart(t *testing.T) {
	for _, row := range []struct{ moved, noted, start, end kafka.Offset }{
		{0, 0, 0, 20}, {8, 8, 8, 20}, {8, 0, 0, 20}, {0, 8, 8, 20}, {20, 20, 20, 20}, {0, 21, 21, 21},
	} {
		for _, point := range []kafka.Offset{0, CleanShutdown} {
			disk := newMemoryDisk()
			l := aged(t, disk)
			require.NoError(t, l.IncrementLogStart(row.moved))
			l, recovery, err := Open(disk, orders, kept, Checkpoint{RecoveryPoint: point, LogStart: row.noted}, 0)
			require.NoError(t, err)
			require.Equal(t, row.start, l.LogStart())
			require.Equal(t, row.end, l.LogEnd())
			require.Equal(t, row.end > 20, recovery.reason() != "")
			if row.start < row.end {
				require.Equal(t, []epochStart{{0, row.start}}, l.epochs.entries)
			}
			grow(t, l, 1, 0)
			require.Equal(t, row.end+2, l.LogEnd())
		}
	}
}

// What is behind the epochs' first is cut off their list, as LeaderEpochFileCache does.
func TestEpochsBeginAtTheLogStart(t *testing.T) {
	l, _ := open(t, newMemoryDisk(), kept, 0)
	for epoch := range kafka.Epoch(4) {
		grow(t, l, 5, 2*epoch)
	}
	require.NoError(t, l.IncrementLogStart(25))
	require.Equal(t, []epochStart{{4, 25}, {6, 30}}, l.epochs.entries)
	require.NoError(t, l.IncrementLogStart(30))
	require.Equal(t, []epochStart{{6, 30}}, l.epochs.entries)
	require.NoError(t, l.IncrementLogStart(40))
	require.EqualValues(t, 40, l.RecoveryPoint())
	require.Equal(t, []epochStart{{6, 40}}, l.epochs.entries)
	epoch, end := l.EndOffsetFor(5)
	require.EqualValues(t, 5, epoch)
	require.EqualValues(t, 40, end)
}

// With message.timestamp.type LogAppendTime every record has the leader's time, and the CRC says
// so; with CreateTime it keeps its own.
func TestLogAppendTime(t *testing.T) {
	cfg := kept
	cfg.LogAppendTime = true
	l, _ := open(t, newMemoryDisk(), cfg, 0)
	_, err := l.AppendAsLeader(parsed(batch(0, 3, 5)), 0, at(77))
	require.NoError(t, err)
	data, err := l.Read(0, 1000, 3, true)
	require.NoError(t, err)
	require.NoError(t, parsed(data).Validate())
	for r, err := range wire.AllRecords(data) {
		require.NoError(t, err)
		require.EqualValues(t, 77, r.Timestamp)
	}
	offset, timestamp, found, err := l.OffsetForTimestamp(6)
	require.NoError(t, err)
	require.True(t, found)
	require.EqualValues(t, 0, offset)
	require.EqualValues(t, 77, timestamp)
}

// Of batches that share the largest timestamp the time index names the first (LogSegment.append,
// 3.9).
func TestTimeIndexOfEqualTimestamps(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		disk := newMemoryDisk()
		l, _ := open(t, disk, kept, 0)
		for range 3 {
			_, err := l.AppendAsLeader(parsed(batch(l.LogEnd(), 1, 5)), 0, 0)
			require.NoError(t, err)
		}
		if restarted {
			l, _ = open(t, disk, kept, CleanShutdown)
		}
		require.NoError(t, l.Roll(0))
		require.Equal(t, []timeEntry{{5, 0}}, l.segments[0].times.entries)
	}
}

func TestABatchLongerThanASegmentIsRefused(t *testing.T) {
	l, _ := open(t, newMemoryDisk(), kept, 0)
	b := batch(0, 30, 1)
	require.Greater(t, len(b), int(kept.SegmentBytes))
	_, err := l.AppendAsLeader(parsed(b), 0, 0)
	var refused *wire.BatchError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, wire.RecordListTooLarge, refused.Code)
}

// However long the log: to find a record takes a look at no more than what lies between two index
// entries, and a batch.
func TestEveryRecordIsFastToReach(t *testing.T) {
	cfg := Config{SegmentBytes: 20_000, SegmentMs: time.Hour, IndexIntervalBytes: 500}
	l, _ := open(t, newMemoryDisk(), cfg, 0)
	grow(t, l, 3000, 0)
	most := int64(cfg.IndexIntervalBytes) + 2*int64(len(batch(0, 2, 1)))
	for offset := kafka.Offset(0); offset < l.LogEnd(); offset += 7 {
		before := l.Scanned()
		_, err := l.Read(offset, 1, l.LogEnd(), true)
		require.NoError(t, err)
		require.LessOrEqual(t, l.Scanned()-before, most)
		require.True(t, l.Scanned() > before || offset >= l.active().base)

		before = l.Scanned()
		found, _, _, err := l.OffsetForTimestamp(int64(offset) + 1)
		require.NoError(t, err)
		require.Equal(t, offset, found)
		require.LessOrEqual(t, l.Scanned()-before, most)
		require.Positive(t, l.Scanned()-before)
	}
}

// cutTail is CutTail for who asks only whether it went well.
func cutTail(disk model.Disk, records int) error {
	_, err := CutTail(disk, orders, records)
	return err
}

// A cut that could not go on says how much is gone.
func TestCutTailInPart(t *testing.T) {
	disk := newMemoryDisk()
	aged(t, disk)
	whole, err := CutTail(disk, orders, 9)
	require.NoError(t, err)
	require.Positive(t, whole)

	parts := map[bool]bool{}
	for left := 0; ; left++ {
		disk := newMemoryDisk()
		aged(t, disk)
		disk.left = left
		cut, err := CutTail(disk, orders, 9)
		if err == nil {
			require.Equal(t, whole, cut)
			break
		}
		require.ErrorIs(t, err, errBroken)
		require.LessOrEqual(t, cut, whole)
		parts[cut > 0] = true
	}
	require.Len(t, parts, 2, "both before the first cut and behind it")
}

// A record is counted from the end, whole batches go, and the broker that starts again believes
// its marker or not.
func TestCutTail(t *testing.T) {
	for records, end := range map[int]kafka.Offset{-1: 20, 0: 20, 1: 18, 2: 18, 3: 16, 9: 10, 20: 0, 99: 0} {
		for _, point := range []kafka.Offset{0, 20, CleanShutdown} {
			disk := newMemoryDisk()
			aged(t, disk)
			require.NoError(t, cutTail(disk, records))
			l, recovery := open(t, disk, kept, point)
			require.Equal(t, end, l.LogEnd(), "%d records", records)
			require.Empty(t, recovery.reason())
			require.Equal(t, min(point, end), l.RecoveryPoint())
		}
	}
	disk := newMemoryDisk()
	l := aged(t, disk)
	require.NoError(t, l.IncrementLogStart(12))
	_, err := l.DeleteOldSegments(0, 20)
	require.NoError(t, err)
	require.NoError(t, cutTail(disk, 99))
	l, _ = open(t, disk, kept, 0)
	require.EqualValues(t, 12, l.LogEnd(), "no record ever comes back below where the log began")

	none := newMemoryDisk()
	require.NoError(t, cutTail(none, 3))
	require.Empty(t, none.names(""))
}

// A power loss in the middle of a deletion can leave the indexes of a segment: a restart removes
// them, and nothing else.
func TestOrphanedIndexes(t *testing.T) {
	disk := newMemoryDisk()
	aged(t, disk)
	want := disk.names("")
	for _, name := range []string{
		"00000000000000000004.index", "00000000000000000004.timeindex", "notes.index",
	} {
		_, err := disk.Open("orders-0/" + name)
		require.NoError(t, err)
	}
	open(t, disk, kept, CleanShutdown)
	require.Equal(t, append(want, "orders-0/notes.index"), disk.names(""))
}
