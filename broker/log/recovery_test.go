package log

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

const firstSegment = "orders-0/00000000000000000000"

// built returns a disk with a log of n batches of two records, of epoch 0, and the size of each.
func built(t *testing.T, n int) (*memoryDisk, []int) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, n, 0)
	var sizes []int
	for b, err := range wire.Batches(disk.files[firstSegment+".log"].data) {
		require.NoError(t, err)
		sizes = append(sizes, b.Size())
	}
	return disk, sizes
}

// Whatever byte of a segment is flipped, no wrong record is served: the log ends before the damage.
// The leader epoch alone lies where nothing shows a change (in Kafka the base offset does too).
func TestEveryFlippedByteIsFoundAtRecovery(t *testing.T) {
	whole, sizes := built(t, 4)
	start := 0
	for i, size := range sizes {
		for in := range size {
			if in >= 12 && in < 16 {
				continue
			}
			disk := whole.clone()
			disk.files[firstSegment+".log"].data[start+in] ^= 0x10
			l, recovery := open(t, disk, small, 0)
			require.NotEmpty(t, recovery.reason(), "byte %d of batch %d", in, i)
			require.EqualValues(t, 2*i, l.LogEnd(), "byte %d of batch %d", in, i)
			require.Equal(t, start, len(disk.files[firstSegment+".log"].data))
			require.Contains(t, recovery.String(), "cut")
		}
		start += size
	}
}

// Wherever a file ends, the log ends with the last whole batch, and goes on from there.
func TestEveryTornTail(t *testing.T) {
	whole, sizes := built(t, 3)
	for cut := range total(sizes) {
		disk := whole.clone()
		f := disk.files[firstSegment+".log"]
		f.data = f.data[:cut]
		l, recovery := open(t, disk, small, 0)
		want := 0
		for end := 0; want < len(sizes) && end+sizes[want] <= cut; want++ {
			end += sizes[want]
		}
		require.EqualValues(t, 2*want, l.LogEnd())
		require.Equal(t, recovery.Bytes(kafka.DamageCut) > 0, recovery.reason() != "")
		grow(t, l, 1, 1)
		l, recovery = open(t, disk, small, 0)
		require.Empty(t, recovery.reason())
		require.EqualValues(t, 2*want+2, l.LogEnd())
	}
}

func total(sizes []int) (sum int) {
	for _, n := range sizes {
		sum += n
	}
	return sum
}

// The tail of one segment was lost and the next segment was not: what follows the hole goes.
func TestHoleBetweenSegments(t *testing.T) {
	whole, sizes := built(t, 60)
	segments := len(whole.names("orders-0"))/3 - 1
	lost := whole.clone()
	f := lost.files[firstSegment+".log"]
	f.data = f.data[:total(sizes)-sizes[len(sizes)-1]]
	end := kafka.Offset(2 * (len(sizes) - 1))

	l, recovery := open(t, lost.clone(), small, 0)
	require.Equal(t, end, l.LogEnd())
	cut := recovery.first(kafka.DamageCut)
	require.EqualValues(t, segments, cut.Count)
	require.Equal(t, kafka.Offset(2*len(sizes)), cut.Offset)
	require.Contains(t, recovery.String(), "the next begins at")
	require.Len(t, l.segments, 1)

	flushed := kafka.Offset(2 * len(sizes)) // to the end of the first segment
	for point, end := range map[kafka.Offset]kafka.Offset{
		end: end, flushed - 1: 120, flushed: 120, CleanShutdown: 120,
	} {
		l, recovery = open(t, lost.clone(), small, point)
		require.Equal(t, end, l.LogEnd(), "recovery point %d", point)
		hole := recovery.first(kafka.DamageHole)
		require.Equal(t, []kafka.Offset{2 * kafka.Offset(len(sizes)-1), flushed},
			[]kafka.Offset{hole.Offset, hole.End})
		require.Equal(t, end != 120, recovery.first(kafka.DamageCut) != nil)
	}

	compacted := small
	compacted.Compacted = true
	l, recovery = open(t, lost.clone(), compacted, 0)
	require.EqualValues(t, 120, l.LogEnd(), "there a gap is nothing strange")
	require.Empty(t, recovery.reason())
}

// Where gaps are allowed, an offset is still damage if it reaches into the next segment or is too
// far away for the index.
func TestOffsetsThatCannotBe(t *testing.T) {
	whole, sizes := built(t, 60)
	cfg := small
	cfg.Compacted = true
	last := total(sizes) - sizes[len(sizes)-1]
	end := kafka.Offset(2 * (len(sizes) - 1))
	for _, base := range []kafka.Offset{end + 1, 1 << 40} {
		disk := whole.clone()
		wire.SetBaseOffset(disk.files[firstSegment+".log"].data[last:], base)
		l, recovery := open(t, disk, cfg, 0)
		require.NotEmpty(t, recovery.reason())
		require.Equal(t, end, l.LogEnd())
	}
	disk, sizes := built(t, 3) // one segment, with none behind it
	wire.SetBaseOffset(disk.files[firstSegment+".log"].data[sizes[0]+sizes[1]:], 1<<40)
	l, recovery := open(t, disk, cfg, 0)
	require.NotEmpty(t, recovery.reason())
	require.EqualValues(t, 4, l.LogEnd())
}

// An epoch that no record has is forgotten with a restart (LogLoader, 3.9).
func TestEpochWithoutRecords(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 3, 1)
	require.NoError(t, l.AssignEpoch(2, l.LogEnd()))
	require.EqualValues(t, 2, l.LatestEpoch())
	for _, point := range []kafka.Offset{CleanShutdown, 0} {
		l, _ = open(t, disk, small, point)
		require.EqualValues(t, 1, l.LatestEpoch())
	}
}

// Below the recovery point nothing is checked; behind it everything is.
func TestRecoveryPointSavesTheWork(t *testing.T) {
	whole, sizes := built(t, 4)
	whole.files[firstSegment+".log"].data[total(sizes[:2])-1] ^= 1 // in the second batch, records 2 and 3
	for point, end := range map[kafka.Offset]kafka.Offset{0: 2, 2: 2, 3: 2, 4: 8, 8: 8, CleanShutdown: 8} {
		l, recovery := open(t, whole.clone(), small, point)
		require.Equal(t, end, l.LogEnd(), "recovery point %d", point)
		require.Equal(t, end == 2, recovery.reason() != "")
		require.Equal(t, min(point, end), l.RecoveryPoint())
	}
}

// After a clean shutdown the indexes are believed, unless they make no sense: then they are made
// anew.
func TestIndexesThatMakeNoSense(t *testing.T) {
	whole, _ := built(t, 60)
	want := map[string][]byte{}
	for name, f := range whole.clone().files {
		want[name] = f.data
	}
	reads := func(disk *memoryDisk) int {
		disk.lend, disk.left = false, 1<<30
		open(t, disk, small, CleanShutdown)
		return 1<<30 - disk.left
	}
	cheap := reads(whole.clone())
	for _, ext := range []string{".index", ".timeindex"} {
		for what, damage := range map[string]func(b []byte) []byte{
			"empty entry": func(b []byte) []byte { return append(b, make([]byte, 12)...) },
			"odd length":  func(b []byte) []byte { return append(b, 1) },
			"not ascending": func(b []byte) []byte {
				return append(b[8:], b[:8]...)
			},
			"beyond the end": func(b []byte) []byte { return append(b, bytes.Repeat([]byte{0x7f}, 24)...) },
		} {
			disk := whole.clone()
			f := disk.files[firstSegment+ext]
			f.data = damage(f.data)
			require.Greater(t, reads(disk), cheap, "%s: %s", ext, what)
			for name, b := range want {
				require.Equal(t, b, disk.files[name].data, "%s after %s: %s", name, ext, what)
			}
		}
	}
}

// A lost epoch file is made anew from the batches.
func TestLostEpochFile(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	for epoch := range kafka.Epoch(10) {
		grow(t, l, 7, epoch)
	}
	want := l.epochs
	delete(disk.files, "orders-0/"+epochCheckpoint)
	l, _ = open(t, disk, small, CleanShutdown)
	require.Equal(t, want, l.epochs)
}

// A truncation that was not flushed is undone by a power loss, but the epoch file that was written
// after it stays. The epochs are what the batches say, or this log would pass for one that agrees
// with the new leader's.
func TestUndoneTruncation(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 5, 1)
	disk.sync()
	require.NoError(t, l.TruncateTo(4))
	grow(t, l, 3, 2)
	require.EqualValues(t, 2, l.EpochAt(4))
	epochs := disk.files["orders-0/"+epochCheckpoint]
	epochs.flushed, epochs.changes = epochs.data, nil
	disk.powerLoss(func(int) int { return 0 })
	l, recovery := open(t, disk, small, 0)
	require.Empty(t, recovery.reason())
	require.EqualValues(t, 10, l.LogEnd())
	require.EqualValues(t, 1, l.EpochAt(4))
	require.EqualValues(t, 1, l.LatestEpoch())
}

// A disk that fails is an error and never a reason to cut the log.
func TestFailingDiskCutsNothing(t *testing.T) {
	whole, _ := built(t, 30)
	for _, point := range []kafka.Offset{0, CleanShutdown} {
		for left := 0; ; left++ {
			disk := whole.clone()
			disk.lend, disk.left = false, left
			_, recovery, err := Open(disk, orders, small, Checkpoint{RecoveryPoint: point}, 0)
			require.Empty(t, recovery.reason())
			for name, f := range whole.files {
				if name[len(name)-4:] == ".log" {
					require.Equal(t, f.data, disk.files[name].data)
				}
			}
			if err == nil {
				break
			}
			require.ErrorIs(t, err, errBroken, "after %d operations", left)
		}
	}
}
