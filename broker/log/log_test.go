package log

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/sim"
)

var orders = model.TopicPartition{Topic: "orders"}

var small = Config{SegmentBytes: 2000, SegmentMs: time.Hour, IndexIntervalBytes: 300}

func open(t require.TestingT, disk model.Disk, cfg Config) (*Log, Recovery) {
	l, r, err := Open(disk, orders, cfg, 0, 0)
	require.NoError(t, err)
	return l, r
}

// batch makes one batch of n records whose values name their offsets, with timestamps from at on.
func batch(base model.Offset, n int, at int64) []byte {
	var b wire.BatchBuilder
	for i := range n {
		b.Append(at+int64(i), nil, fmt.Appendf(nil, "value %d", int(base)+i))
	}
	return b.Bytes()
}

// record is one record of the model of a log: a plain slice.
type record struct {
	value string
	epoch model.Epoch
	time  int64
}

// requireReads compares the log with the slice, read from every offset.
func requireReads(t require.TestingT, l *Log, want []record) {
	require.EqualValues(t, len(want), l.LogEnd())
	for from := 0; from < len(want); from++ {
		data, err := l.Read(model.Offset(from), 1, model.Offset(len(want)), true)
		require.NoError(t, err)
		found := false
		for r, err := range wire.AllRecords(data) {
			require.NoError(t, err)
			require.Equal(t, want[r.Offset].value, string(r.Value))
			found = found || int(r.Offset) == from
		}
		require.True(t, found, "offset %d is not in the batch that was read for it", from)
	}
}

// The log does what a slice would: append, truncate, roll, crash with a torn tail, recover, read by
// offset and by time.
func TestLogAgainstASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := sim.NewDisk(model.NewRand(rapid.Uint64().Draw(t, "seed"), "disk"))
		l, _ := open(t, disk, small)
		var want []record
		durable := 0 // records that a power loss cannot take
		epoch, now := model.Epoch(0), int64(1000)
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				n := rapid.IntRange(1, 10).Draw(t, "records")
				base, err := l.AppendAsLeader(batch(l.LogEnd(), n, now), epoch, 0)
				require.NoError(t, err)
				require.EqualValues(t, len(want), base)
				for i := range n {
					want = append(want, record{fmt.Sprintf("value %d", len(want)), epoch, now + int64(i)})
				}
				now += int64(n)
			},
			"new epoch": func(*rapid.T) {
				epoch++
				require.NoError(t, l.AssignEpoch(epoch, l.LogEnd()))
			},
			"truncate": func(t *rapid.T) {
				require.NoError(t, l.TruncateTo(model.Offset(rapid.IntRange(0, len(want)).Draw(t, "end"))))
				require.LessOrEqual(t, int(l.LogEnd()), len(want))
				want = want[:l.LogEnd()]
				epoch++ // a truncation comes with a new leader
				// A power loss may undo a truncation that was not flushed; the slice could not say so.
				disk.Sync(l.Dir())
				durable = len(want)
			},
			"flush": func(*rapid.T) {
				disk.Sync(l.Dir())
				l.Flushed(l.FlushPoint())
				durable = len(want)
			},
			"process kill": func(t *rapid.T) {
				var r Recovery
				l, r = open(t, disk, small)
				require.Empty(t, r.Reason, "the page cache survives the process")
			},
			"power loss": func(t *rapid.T) {
				disk.PowerLoss()
				l, _ = open(t, disk, small)
				require.GreaterOrEqual(t, int(l.LogEnd()), durable, "a flushed record is gone")
				require.LessOrEqual(t, int(l.LogEnd()), len(want))
				want = want[:l.LogEnd()]
				epoch++
			},
			"read by time": func(t *rapid.T) {
				at := int64(rapid.IntRange(900, int(now)+10).Draw(t, "timestamp"))
				offset, got, found, err := l.OffsetForTimestamp(at)
				require.NoError(t, err)
				for i, r := range want {
					if r.time >= at {
						require.True(t, found)
						require.EqualValues(t, i, offset)
						require.Equal(t, r.time, got)
						return
					}
				}
				require.False(t, found)
			},
			"": func(t *rapid.T) {
				requireReads(t, l, want)
				for i, r := range want {
					require.Equal(t, r.epoch, l.EpochAt(model.Offset(i)), "epoch of offset %d", i)
				}
				next := model.Offset(0)
				for _, b := range l.Batches(0) {
					require.Equal(t, next, b.Base)
					next = b.Last + 1
				}
				require.Equal(t, l.LogEnd(), next)
			},
		})
	})
}

// A follower that is fed what a leader's log says holds the same bytes.
func TestFollowerCopiesTheLeader(t *testing.T) {
	leader, _ := open(t, sim.NewDisk(model.NewRand(1, "a")), small)
	for i := range 50 {
		_, err := leader.AppendAsLeader(batch(leader.LogEnd(), 1+i%4, int64(i)), model.Epoch(i/10), 0)
		require.NoError(t, err)
	}
	follower, _ := open(t, sim.NewDisk(model.NewRand(1, "b")), small)
	for follower.LogEnd() < leader.LogEnd() {
		data, err := leader.Read(follower.LogEnd(), 700, leader.LogEnd(), true)
		require.NoError(t, err)
		require.NoError(t, follower.AppendAsFollower(data, 0))
	}
	require.Equal(t, leader.Batches(0), follower.Batches(0))
	require.Equal(t, leader.epochs, follower.epochs)
	require.GreaterOrEqual(t, len(leader.segments), 3)

	data, err := leader.Read(10, 100, leader.LogEnd(), true)
	require.NoError(t, err)
	require.ErrorContains(t, follower.AppendAsFollower(data, 0), "the log ends at")
}

// Whatever byte of a segment is flipped, no wrong record is served: the log ends before the damage. Base
// offset and leader epoch lie outside the CRC, in Kafka's format too.
func TestEveryFlippedByteIsFoundAtRecovery(t *testing.T) {
	build := func() (*sim.Disk, *Log) {
		disk := sim.NewDisk(model.NewRand(1, "disk"))
		l, _ := open(t, disk, small)
		for i := range 4 {
			_, err := l.AppendAsLeader(batch(l.LogEnd(), 2, int64(i)), 0, 0)
			require.NoError(t, err)
		}
		return disk, l
	}
	_, whole := build()
	data, err := whole.Read(0, 1<<20, 8, true)
	require.NoError(t, err)
	size := len(data) / 4
	for at := range data {
		if in := at % size; in < 8 || in >= 12 && in < 16 {
			continue
		}
		disk, l := build()
		_, err := l.segments[0].file.WriteAt([]byte{data[at] ^ 0x10}, int64(at))
		require.NoError(t, err)
		l, recovery := open(t, disk, small)
		require.NotEmpty(t, recovery.Reason, "byte %d", at)
		require.EqualValues(t, at/size*2, l.LogEnd(), "byte %d", at)
	}
}

func TestEndOffsetForEpoch(t *testing.T) {
	var c epochCache
	for _, e := range []epochStart{{1, 0}, {3, 10}, {4, 20}} {
		require.True(t, c.assign(e.epoch, e.start))
	}
	require.False(t, c.assign(4, 25), "known")
	for _, row := range []struct {
		asked, epoch model.Epoch
		end          model.Offset
	}{
		{0, 0, 0}, {1, 1, 10}, {2, 1, 10}, {3, 3, 20}, {4, 4, 30}, {5, -1, -1},
	} {
		epoch, end := c.endOffsetFor(row.asked, 30)
		require.Equal(t, row.epoch, epoch, "epoch %d", row.asked)
		require.Equal(t, row.end, end, "epoch %d", row.asked)
	}
	require.True(t, c.truncateFrom(20))
	require.EqualValues(t, 3, c.latest())
}

func TestCheckpoints(t *testing.T) {
	disk := sim.NewDisk(model.NewRand(1, "disk"))
	offsets, err := ReadCheckpoint(disk, ReplicationOffsetCheckpoint)
	require.NoError(t, err)
	require.Empty(t, offsets)
	offsets = map[model.TopicPartition]model.Offset{orders: 12, {Topic: "a", Partition: 3}: 5}
	require.NoError(t, WriteCheckpoint(disk, ReplicationOffsetCheckpoint, offsets))
	got, err := ReadCheckpoint(disk, ReplicationOffsetCheckpoint)
	require.NoError(t, err)
	require.Equal(t, offsets, got)

	f, err := disk.Open(ReplicationOffsetCheckpoint)
	require.NoError(t, err)
	b := make([]byte, f.Size())
	_, err = f.ReadAt(b, 0)
	require.NoError(t, err)
	require.Equal(t, "0\n2\na 3 5\norders 0 12\n", string(b))
	for _, bad := range []string{"", "1\n0\n", "0\n2\na 3 5\n", "0\n1\na x 5\n", "0\n1\na 3 -5\n", "0\n1\na 3\n"} {
		require.NoError(t, f.Truncate(0))
		_, err = f.WriteAt([]byte(bad), 0)
		require.NoError(t, err)
		_, err = ReadCheckpoint(disk, ReplicationOffsetCheckpoint)
		require.ErrorContains(t, err, ReplicationOffsetCheckpoint, "%q", bad)
	}
}

func TestDeleteLeavesNothing(t *testing.T) {
	disk := sim.NewDisk(model.NewRand(1, "disk"))
	l, _ := open(t, disk, small)
	_, err := l.AppendAsLeader(batch(0, 3, 1), 0, 0)
	require.NoError(t, err)
	require.NoError(t, l.Delete())
	names, _ := disk.List("")
	require.Empty(t, names)
}

func BenchmarkAppend100B(b *testing.B) {
	l, _ := open(b, sim.NewDisk(model.NewRand(1, "disk")), Config{SegmentBytes: 1 << 30, SegmentMs: time.Hour})
	one := batch(0, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = l.AppendAsLeader(one, 1, 0)
	}
}

func BenchmarkTailRead(b *testing.B) {
	l, _ := open(b, sim.NewDisk(model.NewRand(1, "disk")), Config{SegmentBytes: 1 << 30, SegmentMs: time.Hour})
	for range 10_000 {
		_, _ = l.AppendAsLeader(batch(0, 1, 1), 1, 0)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = l.Read(l.LogEnd()-1, 1<<20, l.LogEnd(), true)
	}
}
