package log

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// record is one record of the model of a log: a plain slice.
type record struct {
	value string
	epoch kafka.Epoch
	time  int64
}

// losingDisk is a disk that can lose its power.
type losingDisk interface {
	model.Disk
	sync()
	powerLoss(draw func(most int) int)
}

// simulatedDisk undoes renames too, and tears by sectors.
type simulatedDisk struct{ *sim.Disk }

func (d simulatedDisk) sync() { d.Sync("") }

func (d simulatedDisk) powerLoss(func(int) int) { d.PowerLoss() }

// twin is a log, its disk, and the slice that it should equal.
type twin struct {
	disk  losingDisk
	log   *Log
	want  []record // by offset; what lies below start may be gone
	start int
	epoch kafka.Epoch
	now   int64 // milliseconds
	// noted is what the broker has written into its checkpoints; what lies below the recovery point
	// survives a power loss.
	noted Checkpoint
}

var tiny = Config{SegmentBytes: 2000, SegmentMs: 300 * time.Millisecond, IndexIntervalBytes: 300,
	CleanupDelete: true}

// The log does what a slice would: append as leader and follower, truncate, roll, crash with torn
// tails and holes, recover, delete old segments, move the log start, read by offset and by time.
func TestLogAgainstASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &twin{now: 1000}
		if rapid.Bool().Draw(t, "on a simulated disk") {
			seed := rapid.Uint64().Draw(t, "seed")
			w.disk = simulatedDisk{sim.NewDisk(model.NewRand(seed, "disk"))}
		} else {
			disk := newMemoryDisk()
			disk.lend = rapid.Bool().Draw(t, "the disk lends its bytes")
			w.disk = disk
		}
		w.reopen(t, 0)
		t.Repeat(map[string]func(*rapid.T){
			"append":          w.append,
			"append again":    w.append,
			"follow":          w.follow,
			"new epoch":       w.newEpoch,
			"roll":            w.roll,
			"truncate":        w.truncate,
			"start elsewhere": w.startElsewhere,
			"delete records":  w.deleteRecords,
			"delete old":      w.deleteOld,
			"flush":           func(*rapid.T) { w.flush() },
			"process kill":    w.processKill,
			"power loss":      w.powerLoss,
			"clean shutdown":  w.cleanShutdown,
			"cut tail":        w.cutTail,
			"read":            w.read,
			"read by time":    w.readByTime,
			"":                w.check,
		})
	})
}

func (w *twin) time() model.Time { return model.Time(0).Add(time.Duration(w.now) * time.Millisecond) }

func (w *twin) reopen(t *rapid.T, point kafka.Offset) Recovery {
	l, r, err := Open(w.disk, orders, tiny, Checkpoint{RecoveryPoint: point, LogStart: w.noted.LogStart}, w.time())
	require.NoError(t, err)
	w.log = l
	return r
}

// draw makes a batch for the end of the log and adds it to the slice.
func (w *twin) draw(t *rapid.T) []byte {
	n := rapid.IntRange(1, 10).Draw(t, "records")
	at := w.now + int64(rapid.IntRange(-200, 200).Draw(t, "jitter"))
	b := batch(kafka.Offset(len(w.want)), n, at)
	for i := range n {
		w.want = append(w.want, record{fmt.Sprintf("value %d", len(w.want)), w.epoch, at + int64(i)})
	}
	w.now += int64(n)
	return b
}

func (w *twin) append(t *rapid.T) {
	end := len(w.want)
	at, err := w.log.AppendAsLeader(parsed(w.draw(t)), w.epoch, w.time())
	base := at.Base
	require.NoError(t, err)
	require.EqualValues(t, end, base)
}

// follow appends a few batches at once, as a fetch reply has them: the last one may be cut off.
func (w *twin) follow(t *rapid.T) {
	var reply []byte
	for range rapid.IntRange(1, 4).Draw(t, "batches") {
		if rapid.Bool().Draw(t, "of a new epoch") {
			w.epoch++
		}
		base := kafka.Offset(len(w.want))
		b := w.draw(t)
		wire.SetBaseOffset(b, base)
		wire.SetLeaderEpoch(b, w.epoch)
		reply = append(reply, b...)
	}
	cut := batch(0, 1, 1)
	reply = append(reply, cut[:rapid.IntRange(0, len(cut)-1).Draw(t, "of the next batch")]...)
	require.NoError(t, w.log.AppendAsFollower(reply, w.time()))
}

func (w *twin) newEpoch(t *rapid.T) {
	w.epoch++
	require.NoError(t, w.log.AssignEpoch(w.epoch, w.log.LogEnd()))
}

func (w *twin) roll(t *rapid.T) {
	before := len(w.log.segments)
	empty := w.log.active().size == 0
	require.NoError(t, w.log.Roll(w.time()))
	require.Equal(t, !empty, len(w.log.segments) > before)
}

// flush makes everything durable and writes the checkpoints.
func (w *twin) flush() {
	w.disk.sync()
	w.log.Flushed(w.log.FlushPoint())
	w.noted = Checkpoint{RecoveryPoint: w.log.RecoveryPoint(), LogStart: w.log.LogStart()}
}

func (w *twin) truncate(t *rapid.T) {
	end := rapid.IntRange(w.start, len(w.want)).Draw(t, "end")
	require.NoError(t, w.log.TruncateTo(kafka.Offset(end)))
	require.LessOrEqual(t, int(w.log.LogEnd()), end)
	w.ends(t)
	w.epoch++ // a truncation comes with a new leader
	// A power loss may undo a truncation that was not flushed; the slice could not say so.
	w.flush()
}

// ends takes over where the log ends. A batch that holds the log start may have gone whole: then
// the log starts at its end.
func (w *twin) ends(t *rapid.T) {
	require.LessOrEqual(t, int(w.log.LogEnd()), len(w.want))
	w.want = w.want[:w.log.LogEnd()]
	require.LessOrEqual(t, w.log.LogStart(), w.log.LogEnd())
	w.start = int(w.log.LogStart())
}

// startElsewhere is what a follower does whose leader has none of its records any longer.
func (w *twin) startElsewhere(t *rapid.T) {
	start := len(w.want) + rapid.IntRange(0, 100).Draw(t, "records that the follower never had")
	require.NoError(t, w.log.TruncateFullyAndStartAt(kafka.Offset(start)))
	for len(w.want) < start {
		w.want = append(w.want, record{epoch: kafka.NoEpoch})
	}
	w.start = start
	w.flush()
}

func (w *twin) deleteRecords(t *rapid.T) {
	to := rapid.IntRange(0, len(w.want)+3).Draw(t, "log start")
	err := w.log.IncrementLogStart(kafka.Offset(to))
	if to > len(w.want) {
		var outside *OutOfRangeError
		require.ErrorAs(t, err, &outside)
		return
	}
	require.NoError(t, err)
	w.start = max(w.start, to)
}

// deleteOld applies a retention and asks of each deletion whether it had to be, and of what is left
// whether it may stay.
func (w *twin) deleteOld(t *rapid.T) {
	cfg := tiny
	cfg.RetentionMs = time.Duration(rapid.IntRange(-1, 600).Draw(t, "ms")) * time.Millisecond
	cfg.RetentionBytes = int64(rapid.IntRange(-1, 9000).Draw(t, "bytes"))
	cfg.CleanupDelete = rapid.Bool().Draw(t, "policy delete")
	highWatermark := kafka.Offset(rapid.IntRange(w.start, len(w.want)).Draw(t, "high watermark"))
	w.log.SetConfig(cfg)
	size, start := w.log.Size(), kafka.Offset(w.start)
	tooOld := func(from, to kafka.Offset) bool {
		newest := int64(-1)
		for _, r := range w.want[from:to] {
			newest = max(newest, r.time)
		}
		return cfg.CleanupDelete && cfg.RetentionMs >= 0 &&
			w.now-newest > cfg.RetentionMs.Milliseconds()
	}
	tooMuch := func(part int64) bool {
		return cfg.CleanupDelete && cfg.RetentionBytes >= 0 && size-part >= cfg.RetentionBytes
	}

	deleted, err := w.log.DeleteOldSegments(w.time(), highWatermark)
	require.NoError(t, err)
	for _, d := range deleted {
		require.LessOrEqual(t, d.End, highWatermark)
		switch d.Reason {
		case LogStartBreached:
			require.LessOrEqual(t, d.End, start)
		case RetentionBytesBreached:
			require.True(t, tooMuch(d.Size))
		case RetentionMsBreached:
			require.True(t, tooOld(d.Base, d.End))
		}
		size -= d.Size
		start = max(start, d.End)
	}
	require.Equal(t, size, w.log.Size())
	require.Equal(t, start, w.log.LogStart())
	w.start = int(start)

	first := w.log.segments[0]
	if first.size > 0 && first.end <= highWatermark {
		require.False(t, tooMuch(first.size))
		require.False(t, tooOld(first.base, first.end))
		require.False(t, len(w.log.segments) > 1 && first.end <= start)
	}
}

func (w *twin) processKill(t *rapid.T) {
	r := w.reopen(t, w.noted.RecoveryPoint)
	require.Empty(t, r.reason(), "the page cache survives the process")
	w.restarted(t)
}

// restarted looks whether the log start is between what was written down and what it was.
func (w *twin) restarted(t *rapid.T) {
	require.GreaterOrEqual(t, w.log.LogStart(), w.noted.LogStart)
	require.LessOrEqual(t, int(w.log.LogStart()), max(w.start, len(w.want)))
	w.ends(t)
}

func (w *twin) powerLoss(t *rapid.T) {
	w.disk.powerLoss(func(most int) int { return rapid.IntRange(0, most).Draw(t, "survives") })
	w.reopen(t, w.noted.RecoveryPoint)
	require.GreaterOrEqual(t, w.log.LogEnd(), w.noted.RecoveryPoint, "a flushed record is gone")
	w.restarted(t)
	w.epoch++
	w.flush()
}

func (w *twin) cleanShutdown(t *rapid.T) {
	w.flush()
	start := w.log.LogStart()
	r := w.reopen(t, CleanShutdown)
	require.Empty(t, r.reason())
	require.Equal(t, w.log.LogEnd(), w.log.RecoveryPoint())
	require.Equal(t, start, w.log.LogStart())
}

// cutTail takes records off the disk of a stopped broker, which may take itself to have stopped well.
func (w *twin) cutTail(t *rapid.T) {
	w.flush()
	n := rapid.IntRange(0, 30).Draw(t, "cut")
	end := w.log.LogEnd()
	for _, b := range w.log.Batches(w.log.segments[0].base) {
		if int(b.Last) >= len(w.want)-n && b.Base < end {
			end = b.Base
		}
	}
	require.NoError(t, cutTail(w.disk, n))
	w.reopen(t, rapid.SampledFrom([]kafka.Offset{CleanShutdown, w.noted.RecoveryPoint}).
		Draw(t, "recovery point"))
	require.Equal(t, max(end, w.noted.LogStart), w.log.LogEnd())
	w.restarted(t)
	w.epoch++
	w.flush()
}

func (w *twin) readByTime(t *rapid.T) {
	at := int64(rapid.IntRange(790, int(w.now)+210).Draw(t, "timestamp"))
	w.requireByTime(t, at, w.log.OffsetForTimestamp)
	largest := int64(-1)
	for _, r := range w.want[w.start:] {
		largest = max(largest, r.time)
	}
	w.requireByTime(t, largest, func(int64) (kafka.Offset, int64, bool, error) {
		return w.log.MaxTimestamp()
	})
}

func (w *twin) requireByTime(t *rapid.T, at int64,
	lookup func(int64) (kafka.Offset, int64, bool, error),
) {
	offset, got, found, err := lookup(at)
	require.NoError(t, err)
	for i, r := range w.want[w.start:] {
		if r.time >= at {
			require.True(t, found)
			require.EqualValues(t, w.start+i, offset)
			require.Equal(t, r.time, got)
			return
		}
	}
	require.False(t, found)
}

// read asks for any range and looks whether the answer is the longest that it may be.
func (w *twin) read(t *rapid.T) {
	from := kafka.Offset(rapid.IntRange(w.start, len(w.want)).Draw(t, "from"))
	upTo := kafka.Offset(rapid.IntRange(w.start, len(w.want)).Draw(t, "up to"))
	most := rapid.IntRange(0, 3000).Draw(t, "bytes")
	one := rapid.Bool().Draw(t, "at least one")
	data, err := w.log.Read(from, most, upTo, one)
	require.NoError(t, err)
	views := w.log.Batches(from)
	got := 0
	for b, err := range wire.Batches(data) {
		require.NoError(t, err)
		require.Equal(t, views[got].Base, b.BaseOffset)
		require.Less(t, b.LastOffset(), upTo)
		require.True(t, got > 0 || b.LastOffset() >= from)
		got++
		most -= b.Size()
		require.True(t, most >= 0 || one && got == 1)
	}
	if got == len(views) || views[got].Last >= upTo || got > 0 && w.startsSegment(views[got].Base) {
		return
	}
	next, err := w.log.Read(max(from, views[got].Base), 0, upTo, true)
	require.NoError(t, err)
	require.Greater(t, len(next), most, "one more batch would have fitted")
	require.False(t, got == 0 && one)
}

func (w *twin) startsSegment(base kafka.Offset) bool {
	return w.log.segments[w.log.segmentFor(base)].base == base
}

// check compares the log with the slice, read from every offset.
func (w *twin) check(t *rapid.T) {
	require.EqualValues(t, len(w.want), w.log.LogEnd())
	require.EqualValues(t, w.start, w.log.LogStart())
	for from := w.start; from < len(w.want); from++ {
		require.Equal(t, w.want[from].epoch, w.log.EpochAt(kafka.Offset(from)),
			"epoch of offset %d", from)
		data, err := w.log.Read(kafka.Offset(from), 1, w.log.LogEnd(), true)
		require.NoError(t, err)
		found := false
		for r, err := range wire.AllRecords(data) {
			require.NoError(t, err)
			require.Equal(t, w.want[r.Offset].value, string(r.Value))
			require.Equal(t, w.want[r.Offset].time, r.Timestamp)
			found = found || int(r.Offset) == from
		}
		require.True(t, found, "offset %d is not in the batch that was read for it", from)
	}
	next := w.log.segments[0].base
	for _, b := range w.log.Batches(0) {
		require.Equal(t, next, b.Base)
		next = b.Last + 1
	}
	require.Equal(t, w.log.LogEnd(), next)
	for _, s := range w.log.segments {
		require.Equal(t, s.size, s.file.Size())
		require.EqualValues(t, len(s.offsets.entries)*offsetEntrySize, s.offsets.file.Size())
		require.EqualValues(t, len(s.times.entries)*timeEntrySize, s.times.file.Size())
	}
}
