package log

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// put appends one batch: "a=1 b=2 c=" is two values and a tombstone; the timestamps are now.
func put(t require.TestingT, l *Log, now int64, records string) {
	putOf(t, l, now, records, nil)
}

func putOf(t require.TestingT, l *Log, now int64, records string, p *wire.BatchProducer) {
	var b wire.BatchBuilder
	if p != nil {
		b.SetProducer(*p)
	}
	for r := range strings.FieldsSeq(records) {
		key, value, _ := strings.Cut(r, "=")
		if value == "" {
			b.Append(now, []byte(key), nil)
		} else {
			b.Append(now, []byte(key), []byte(value))
		}
	}
	_, err := l.AppendAsLeader(parsed(b.Bytes()), 1, at(now))
	require.NoError(t, err)
}

// shown is what the log shows from its start: "0:a=1 3:c=".
func shown(t require.TestingT, l *Log) string {
	var out []string
	for _, s := range l.segments {
		for pos := int64(0); pos < s.size; {
			h, err := s.headerAt(pos)
			require.NoError(t, err)
			b, err := s.bytes(pos, h.Size())
			require.NoError(t, err)
			require.NoError(t, parsed(b).Validate())
			for r, err := range wire.AllRecords(b) {
				require.NoError(t, err)
				if r.Offset >= l.logStart {
					out = append(out, fmt.Sprintf("%d:%s=%s", r.Offset, r.Key, r.Value))
				}
			}
			pos += int64(h.Size())
		}
	}
	return strings.Join(out, " ")
}

// cleanNow is a whole round from a checkpoint up to the log's end, and returns the next checkpoint.
func cleanNow(t require.TestingT, l *Log, now int64, checkpoint kafka.Offset, m *OffsetMap) *Cleaning {
	d, _ := l.Cleanable(at(now), l.LogEnd(), checkpoint)
	c, err := l.Clean(at(now), d, m)
	require.NoError(t, err)
	ok, err := l.Replace(c)
	require.NoError(t, err)
	require.True(t, ok)
	return c
}

func bigMap() *OffsetMap { return NewOffsetMap(1<<20, 9000) }

func compacted(t require.TestingT, disk model.Disk) *Log {
	l, _ := open(t, disk, compacting, 0)
	return l
}

// Of every key the newest record stays, with its offset; what has no key goes; the active segment
// is as it was.
func TestCleanKeepsTheNewest(t *testing.T) {
	l := compacted(t, newMemoryDisk())
	put(t, l, 1, "a=1 b=1 a=2")
	put(t, l, 2, "c=1 a=3")
	var b wire.BatchBuilder
	b.Append(3, nil, []byte("no key"))
	_, err := l.AppendAsLeader(parsed(b.Bytes()), 1, at(3))
	require.NoError(t, err)
	put(t, l, 3, "d=1")
	require.NoError(t, l.Roll(at(3)))
	put(t, l, 4, "a=4 a=5")
	c := cleanNow(t, l, 10, kafka.NoOffset, bigMap())
	require.Equal(t, "1:b=1 3:c=1 4:a=3 6:d=1 7:a=4 8:a=5", shown(t, l))
	require.EqualValues(t, 7, c.End)
	require.Equal(t, Cleaned{From: 0, End: 7, BytesBefore: c.BytesBefore, BytesAfter: l.segments[0].size,
		RecordsBefore: 7, RecordsAfter: 4, MapBytes: c.BytesBefore, Keys: 4, SegmentsBefore: 1,
		SegmentsAfter: 1}, c.Cleaned)
	require.Contains(t, c.String(), "offsets 0 to 7: 4 of 7 records and ")
	require.NoError(t, l.Roll(at(4)))
	require.EqualValues(t, 9, cleanNow(t, l, 10, c.End, bigMap()).End)
	require.Equal(t, "1:b=1 3:c=1 6:d=1 8:a=5", shown(t, l))
}

// A tombstone is gone delete.retention.ms after it was first cleaned, when the log is cleaned again:
// not a millisecond before, and not counted from when it was written (KIP-534).
func TestTombstonesGoAfterTheirHorizon(t *testing.T) {
	for _, row := range []struct {
		later int64
		want  string
	}{{retained - 1, "1:b=1 2:a= 3:c=1"}, {retained, "1:b=1 3:c=1"}} {
		l := compacted(t, newMemoryDisk())
		put(t, l, 1, "a=1 b=1 a= c=1")
		require.NoError(t, l.Roll(at(1)))
		cleanNow(t, l, 10_000, kafka.NoOffset, bigMap())
		require.Equal(t, "1:b=1 2:a= 3:c=1", shown(t, l))
		cleanNow(t, l, 10_000+row.later, kafka.NoOffset, bigMap())
		require.Equal(t, row.want, shown(t, l))
	}
}

// The newest batch of a producer stays when its records go, so that a log that is read from its
// beginning knows the producer's sequence; that of one that is forgotten does not.
func TestLastBatchesOfProducersStay(t *testing.T) {
	disk := newMemoryDisk()
	l := compacted(t, disk)
	putOf(t, l, 1, "a=1", &wire.BatchProducer{ID: 1, Epoch: 2, BaseSequence: 0})
	putOf(t, l, 1, "a=2 b=1", &wire.BatchProducer{ID: 1, Epoch: 2, BaseSequence: 1})
	putOf(t, l, 1, "a=3", &wire.BatchProducer{ID: 9, Epoch: 0, BaseSequence: 0})
	put(t, l, 5000, "a=4 b=2")
	require.NoError(t, l.Roll(at(5000)))
	cleanNow(t, l, 5000, kafka.NoOffset, bigMap())
	require.Equal(t, "4:a=4 5:b=2", shown(t, l))
	require.Len(t, l.Batches(0), 3)

	for _, name := range disk.names("orders-0") {
		if strings.HasSuffix(name, ".snapshot") {
			require.NoError(t, disk.Remove(name))
		}
	}
	l = compacted(t, disk)
	require.Equal(t, 2, l.Producers())
	putOf(t, l, 5001, "a=5", &wire.BatchProducer{ID: 1, Epoch: 2, BaseSequence: 3})

	l.ExpireProducers(at(5002), 100*time.Millisecond)
	require.Equal(t, 1, l.Producers())
	require.NoError(t, l.Roll(at(5002)))
	cleanNow(t, l, 5002, kafka.NoOffset, bigMap())
	require.Equal(t, "5:b=2 6:a=5", shown(t, l))
	require.Len(t, l.Batches(0), 2)
}

// The last batch of the section stays too, so that the log does not seem to end earlier.
func TestLastBatchOfTheSectionStays(t *testing.T) {
	l := compacted(t, newMemoryDisk())
	put(t, l, 1, "a=1")
	put(t, l, 1, "a=")
	require.NoError(t, l.Roll(at(1)))
	cleanNow(t, l, 1, kafka.NoOffset, bigMap())
	cleanNow(t, l, 5000, kafka.NoOffset, bigMap())
	require.Empty(t, shown(t, l))
	require.Len(t, l.Batches(0), 1)
	require.EqualValues(t, 1, l.Batches(0)[0].Last)
	put(t, l, 5000, "b=1 c=1 d=1")
	var read []kafka.Offset
	each := func(r *wire.Record) bool {
		read = append(read, r.Offset)
		return r.Offset < 3
	}
	l.EachRecord(0, 2, each)
	require.Empty(t, read)
	l.EachRecord(0, 3, each)
	l.EachRecord(1, 5, each)
	require.Equal(t, []kafka.Offset{2, 2, 3}, read)
}

// Emptied batches keep their timestamp, and the log finds the largest that a record has.
func TestLargestTimestampIsOfARecord(t *testing.T) {
	l := compacted(t, newMemoryDisk())
	putOf(t, l, 9000, "a=1", &wire.BatchProducer{ID: 1})
	put(t, l, 1, "b=1")
	require.NoError(t, l.Roll(at(1)))
	putOf(t, l, 8000, "a=2", &wire.BatchProducer{ID: 2})
	put(t, l, 30, "d=1")
	require.NoError(t, l.Roll(at(1)))
	put(t, l, 20, "a=3 c=1")
	require.NoError(t, l.Roll(at(1)))
	cfg := compacting
	cfg.SegmentBytes = 1 // nothing is put together
	l.SetConfig(cfg)
	cleanNow(t, l, 10_000, kafka.NoOffset, bigMap())
	require.Equal(t, "1:b=1 3:d=1 4:a=3 5:c=1", shown(t, l))
	offset, millis, found, err := l.MaxTimestamp()
	require.NoError(t, err)
	require.True(t, found)
	require.EqualValues(t, 3, offset)
	require.EqualValues(t, 30, millis)
	offset, _, _, err = l.OffsetForTimestamp(25)
	require.NoError(t, err)
	require.EqualValues(t, 3, offset)
	_, _, found, err = l.OffsetForTimestamp(31)
	require.NoError(t, err)
	require.False(t, found)
}

// Small segments become one, as long as it is no larger than a segment may be and its indexes are
// not.
func TestCleanPutsSegmentsTogether(t *testing.T) {
	for _, row := range []struct {
		bytes, index int64
		left         []kafka.Offset
	}{
		{10_000, 0, []kafka.Offset{0, 10}}, {300, 0, []kafka.Offset{0, 4, 8, 10}},
		{10_000, 24, []kafka.Offset{0, 4, 8, 10}}, {1, 0, []kafka.Offset{0, 2, 4, 6, 8, 10}},
	} {
		l := compacted(t, newMemoryDisk())
		for i := range 10 {
			putOf(t, l, int64(i+1), fmt.Sprintf("key%d=%s", i, strings.Repeat("x", 60)),
				&wire.BatchProducer{ID: 1, BaseSequence: int32(i)})
			if i%2 == 1 {
				require.NoError(t, l.Roll(at(1)))
			}
		}
		cfg := compacting
		cfg.SegmentBytes, cfg.IndexBytes = row.bytes, row.index
		if row.bytes == 300 {
			cfg.SegmentBytes = l.segments[0].size * 2
		}
		l.SetConfig(cfg)
		cleanNow(t, l, 1, kafka.NoOffset, bigMap())
		require.Equal(t, row.left, bases(l), "%d bytes, %d of index", row.bytes, row.index)
		for _, s := range l.segments[:len(l.segments)-1] {
			require.Equal(t, s.maxTime, s.times.lastTimestamp(), "sealed")
			require.Equal(t, at(s.maxTime), s.modified)
		}
		snapshots, err := l.snapshots()
		require.NoError(t, err)
		require.Equal(t, row.left[1:], snapshots)
	}
}

// What does not fit into the map is left to the next round; a batch that never fits is reported.
func TestCleanInRounds(t *testing.T) {
	l := compacted(t, newMemoryDisk())
	for i := range 60 {
		put(t, l, 1, fmt.Sprintf("k%d=%d", i%20, i))
	}
	require.NoError(t, l.Roll(at(1)))
	m := NewOffsetMap(16*slotBytes, 5000)
	rounds := 0
	for checkpoint := kafka.Offset(0); checkpoint < l.ActiveBase(); rounds++ {
		c := cleanNow(t, l, 1, checkpoint, m)
		require.Greater(t, c.End, checkpoint)
		require.LessOrEqual(t, m.Len(), 8)
		checkpoint = c.End
	}
	require.Equal(t, 8, rounds)
	want := make([]string, 20)
	for i := range want {
		want[i] = fmt.Sprintf("%d:k%d=%d", 40+i, i, 40+i)
	}
	require.Equal(t, strings.Join(want, " "), shown(t, l))

	put(t, l, 1, "a=1 b=1 c=1")
	require.NoError(t, l.Roll(at(1)))
	d, due := l.Cleanable(at(1), l.LogEnd(), 60)
	require.True(t, due)
	_, err := l.Clean(at(1), d, NewOffsetMap(2*slotBytes, 9000))
	var bad *wire.BatchError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "orders-0 at offset 60: a batch with more keys than the 1 ")
}

// A tombstone that the map did not get to stays, however old: what it deletes is still there.
func TestTombstonesBehindTheMapStay(t *testing.T) {
	l := compacted(t, newMemoryDisk())
	for r := range strings.FieldsSeq("x=1 p=1 q=1 r=1 s=1 t=1 x=") {
		put(t, l, 1, r)
	}
	require.NoError(t, l.Roll(at(1)))
	for _, now := range []int64{1, 5000, 10_000} {
		require.EqualValues(t, 4, cleanNow(t, l, now, 0, NewOffsetMap(8*slotBytes, 5000)).End)
		require.Equal(t, "0:x=1 1:p=1 2:q=1 3:r=1 4:s=1 5:t=1 6:x=", shown(t, l))
	}
	cleanNow(t, l, 10_001, 4, bigMap())
	require.Equal(t, "1:p=1 2:q=1 3:r=1 4:s=1 5:t=1", shown(t, l))
}

// A damaged batch is not rewritten: a new CRC would hide that.
func TestDamageIsNotCleaned(t *testing.T) {
	for _, damaged := range []int64{0, 1} {
		disk := newMemoryDisk()
		l := compacted(t, disk)
		put(t, l, 1, "a=1 a=2")
		put(t, l, 1, "b=1 a=3")
		require.NoError(t, l.Roll(at(1)))
		end := l.segments[0].size
		disk.files[l.segments[0].name+".log"].data[end-1-damaged*end/2] ^= 1
		files := disk.names("")
		d, _ := l.Cleanable(at(1), l.LogEnd(), kafka.Offset(2*(1-damaged)))
		_, err := l.Clean(at(1), d, bigMap())
		var bad *wire.BatchError
		require.ErrorAs(t, err, &bad)
		require.ErrorContains(t, err, l.segments[0].name+".log at ")
		require.Equal(t, files, disk.names(""))
	}
}

// What was cleaned counts for nothing when the log has changed under it.
func TestCleanedTooLate(t *testing.T) {
	for name, change := range map[string]func(*Log) error{
		"truncated": func(l *Log) error { return l.TruncateTo(3) },
		"deleted": func(l *Log) error {
			if err := l.IncrementLogStart(4); err != nil {
				return err
			}
			_, err := l.DeleteOldSegments(at(1), l.LogEnd())
			return err
		},
		"cleaned": func(l *Log) error {
			d, _ := l.Cleanable(at(1), l.LogEnd(), kafka.NoOffset)
			c, err := l.Clean(at(1), d, bigMap())
			if err == nil {
				_, err = l.Replace(c)
			}
			return err
		},
	} {
		disk := newMemoryDisk()
		l := compacted(t, disk)
		for _, records := range []string{"a=1 a=2", "b=1", "a=3"} {
			put(t, l, 1, records)
		}
		require.NoError(t, l.Roll(at(1)))
		put(t, l, 1, "c=1")
		d, _ := l.Cleanable(at(1), l.LogEnd(), kafka.NoOffset)
		c, err := l.Clean(at(1), d, bigMap())
		require.NoError(t, err)
		require.NoError(t, change(l), name)
		want := shown(t, l)
		if name != "cleaned" {
			ok, err := l.Replace(c)
			require.NoError(t, err)
			require.False(t, ok, name)
		}
		require.Equal(t, want, shown(t, l), name)
		require.False(t, slices.ContainsFunc(disk.names(""), func(f string) bool {
			return isLeftover("orders-0", f)
		}), name)
	}
}

// When a log is to be cleaned, and up to where.
func TestCleanable(t *testing.T) {
	l := compacted(t, newMemoryDisk())
	for i := range 4 {
		put(t, l, int64(i+1)*1000, "a=1 b=1")
		require.NoError(t, l.Roll(at(int64(i+1)*1000)))
	}
	put(t, l, 5000, "a=1 b=1")
	size := l.segments[0].size
	for _, row := range []struct {
		name             string
		ratio            int
		minLag, maxLag   time.Duration
		upTo, checkpoint kafka.Offset
		want             Dirt
		clean            bool
	}{
		{"all", 5000, 0, time.Hour, 10, -1, Dirt{0, 8, 0, 4 * size, false}, true},
		{"a checkpoint behind the log", 5000, 0, time.Hour, 10, 11, Dirt{0, 8, 0, 4 * size, false}, true},
		{"half is not more than half", 5000, 0, time.Hour, 10, 4, Dirt{4, 8, 2 * size, 2 * size, false}, false},
		{"half is more than less", 4999, 0, time.Hour, 10, 4, Dirt{4, 8, 2 * size, 2 * size, false}, true},
		{"overdue", 5000, 0, 1999 * time.Millisecond, 10, 4, Dirt{4, 8, 2 * size, 2 * size, true}, true},
		{"not yet", 5000, 0, 2000 * time.Millisecond, 10, 4, Dirt{4, 8, 2 * size, 2 * size, false}, false},
		{"last stable offset", 5000, 0, time.Hour, 5, -1, Dirt{0, 4, 0, 2 * size, false}, true},
		{"at a segment's end", 5000, 0, time.Hour, 6, -1, Dirt{0, 6, 0, 3 * size, false}, true},
		{"young", 5000, 2001 * time.Millisecond, time.Hour, 10, -1, Dirt{0, 4, 0, 2 * size, false}, true},
		{"old enough", 5000, 2000 * time.Millisecond, time.Hour, 10, -1, Dirt{0, 6, 0, 3 * size, false}, true},
		{"clean", 0, 0, time.Millisecond, 10, 8, Dirt{8, 8, 4 * size, 0, false}, false},
	} {
		cfg := compacting
		cfg.MinCleanableDirtyRatio, cfg.MinCompactionLag, cfg.MaxCompactionLag = row.ratio, row.minLag, row.maxLag
		l.SetConfig(cfg)
		d, clean := l.Cleanable(at(5000), row.upTo, row.checkpoint)
		require.Equal(t, row.want, d, row.name)
		require.Equal(t, row.clean, clean, row.name)
	}
	require.Equal(t, 2500, (&Dirt{CleanBytes: 300, DirtyBytes: 100}).Ratio())
	require.Zero(t, (&Dirt{}).Ratio())
	require.NoError(t, l.IncrementLogStart(3))
	d, _ := l.Cleanable(at(5000), 10, 1)
	require.EqualValues(t, 3, d.First)
}

// A crash at every single operation on the disk, with everything or nothing that was not flushed
// lost: the log shows of every key what it did, and cleaned again it is what it would have been.
func TestCrashWhileCleaning(t *testing.T) {
	disk := newMemoryDisk()
	l := compacted(t, disk)
	for i := range 60 {
		put(t, l, 1, fmt.Sprintf("k%d=%d k%d=", i%7, i, i*3%11))
		if i%6 == 5 {
			require.NoError(t, l.Roll(at(1)))
		}
	}
	put(t, l, 1, "k0=last")
	cleanNow(t, l, 1, 0, bigMap()) // gives the tombstones their horizon
	crashEverywhere(t, disk, l.LogEnd())
}

// A segment with a tombstone is removed after the one with what that deletes.
func TestCrashBetweenAValueAndItsTombstone(t *testing.T) {
	disk := newMemoryDisk()
	l := compacted(t, disk)
	for _, segment := range []string{"p=1", "x=1", "q=1 r=1 s=1 x="} {
		for r := range strings.FieldsSeq(segment) {
			put(t, l, 1, r)
		}
		require.NoError(t, l.Roll(at(1)))
	}
	put(t, l, 1, "q=2 r=2 s=2 large="+strings.Repeat("x", 1300))
	require.NoError(t, l.Roll(at(1)))
	cfg := compacting
	cfg.SegmentBytes = 1
	l.SetConfig(cfg)
	cleanNow(t, l, 1, 0, NewOffsetMap(8*slotBytes, 5000)) // does not get to the tombstone
	require.Contains(t, shown(t, l), "0:p=1 1:x=1 2:q=1 3:r=1 4:s=1 5:x= 6:q=2")
	crashEverywhere(t, disk, l.LogEnd())
}

func crashEverywhere(t *testing.T, disk *memoryDisk, end kafka.Offset) {
	disk.sync()
	round := func(disk *memoryDisk, l *Log) error {
		d, _ := l.Cleanable(at(1000), l.LogEnd(), kafka.NoOffset)
		c, err := l.Clean(at(1000), d, bigMap())
		if err != nil {
			return err
		}
		for _, path := range c.Paths() {
			f := disk.files[path]
			f.flushed, f.changes = slices.Clone(f.data), nil
		}
		_, err = l.Replace(c)
		return err
	}
	reopen := func(disk *memoryDisk) *Log {
		l, r := open(t, disk, compacting, end)
		require.Empty(t, r.reason())
		require.Nil(t, r.first(kafka.DamageHole))
		return l
	}
	whole := disk.clone()
	before := state(shown(t, reopen(whole)))
	require.NoError(t, round(whole, reopen(whole)))
	cleaned := shown(t, reopen(whole))
	for left, done := 0, false; !done; left++ {
		for _, lost := range []bool{true, false} {
			crashed := disk.clone()
			l := reopen(crashed)
			crashed.sync()
			crashed.left = left
			done = round(crashed, l) == nil
			crashed.left = -1
			crashed.powerLoss(func(most int) int {
				if lost {
					return 0
				}
				return most
			})
			l = reopen(crashed)
			require.Equal(t, before, state(shown(t, l)), "a crash after %d operations", left)
			require.False(t, slices.ContainsFunc(crashed.names(""), func(f string) bool {
				return isLeftover("orders-0", f)
			}))
			require.NoError(t, round(crashed, l))
			require.Equal(t, cleaned, shown(t, l), "a crash after %d operations", left)
		}
		require.Less(t, left, 10_000)
	}
}

// state is what a reader makes of a log as shown: the newest value of each key.
func state(shown string) map[string]string {
	out := map[string]string{}
	for r := range strings.FieldsSeq(shown) {
		_, record, _ := strings.Cut(r, ":")
		key, value, _ := strings.Cut(record, "=")
		if out[key] = value; value == "" {
			delete(out, key)
		}
	}
	return out
}

func TestOffsetMapAgainstAMap(t *testing.T) {
	m := NewOffsetMap(4096*slotBytes, 9000)
	require.Equal(t, 4096*9000/10_000, m.most)
	for range 2 {
		m.reset(0)
		want := map[string]kafka.Offset{}
		for i := range 20_000 {
			if m.full() {
				break
			}
			key := fmt.Sprint(i * 7919 % 5000)
			m.put([]byte(key), kafka.Offset(i))
			want[key] = kafka.Offset(i)
		}
		require.Len(t, want, m.Len())
		require.Equal(t, m.most, m.Len())
		for i := range 5000 {
			key := fmt.Sprint(i)
			offset, ok := want[key]
			if !ok {
				offset = kafka.NoOffset
			}
			require.Equal(t, offset, m.newest([]byte(key)))
		}
	}
}

// How many keys fit, for every size of the buffer that may be set: 24 bytes each, nine tenths full.
func TestOffsetMapHoldsWhatItsSizeSays(t *testing.T) {
	for size, most := range map[int64]int{
		1: 1, 48: 1, 96: 3, 1 << 20: 29491, 128 << 20: 3774873, 2 << 30: 60397977,
	} {
		m := NewOffsetMap(size, 9000)
		require.Equal(t, most, m.most, "%d bytes", size)
		require.LessOrEqual(t, int64(m.limit)*slotBytes, max(size, 2*slotBytes))
	}
	require.Equal(t, mostSlots/LoadUnit*9000+mostSlots%LoadUnit*9000/LoadUnit,
		NewOffsetMap(1<<62, 9000).most)
}
