package log

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// keyed is one record of the model of a compacted log.
type keyed struct {
	key, value string
	tombstone  bool
	time       int64
	offset     kafka.Offset
}

// cleanTwin is a log that is compacted, its disk, and all records that it ever had.
type cleanTwin struct {
	disk  losingDisk
	log   *Log
	want  []keyed // by offset
	start int
	now   int64 // milliseconds
	// clean is the highest end of a cleaning; checkpoint is where the next one begins.
	clean, checkpoint kafka.Offset
	// flushed is the checkpoint that survives a power loss: a swap may be undone by one, and what is
	// written after it with it.
	flushed kafka.Offset
	// cleanedAt is when each tombstone was first cleaned and stayed, in milliseconds.
	cleanedAt map[kafka.Offset]int64
	lastClean int64
	noted     Checkpoint
}

const retained = 500 // milliseconds of delete.retention.ms

var compacting = Config{SegmentBytes: 1500, SegmentMs: time.Hour, IndexIntervalBytes: 200,
	CleanupCompact: true, Compacted: true, DeleteRetention: retained * time.Millisecond,
	MaxCompactionLag: 1 << 62}

// A log that is appended to, cleaned, cut at its start and its end, and that meets crashes at any
// time, shows of every key what a log shows that keeps all records.
func TestCompactedLogAgainstAllRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &cleanTwin{now: 1000, cleanedAt: map[kafka.Offset]int64{}}
		if rapid.Bool().Draw(t, "on a simulated disk") {
			seed := rapid.Uint64().Draw(t, "seed")
			w.disk = simulatedDisk{sim.NewDisk(model.NewRand(seed, "disk"))}
		} else {
			w.disk = newMemoryDisk()
		}
		w.reopen(t, 0)
		t.Repeat(map[string]func(*rapid.T){
			"append":           w.append,
			"append again":     w.append,
			"append much":      w.appendMuch,
			"roll":             w.roll,
			"clean":            w.cleanAll,
			"clean a part":     w.cleanPart,
			"clean and crash":  w.cleanAndCrash,
			"time":             func(*rapid.T) { w.now += 300 },
			"delete records":   w.deleteRecords,
			"delete old":       w.deleteOld,
			"truncate":         w.truncate,
			"clean shutdown":   func(t *rapid.T) { w.flush(); w.reopen(t, CleanShutdown) },
			"process kill":     func(t *rapid.T) { w.reopen(t, w.noted.RecoveryPoint) },
			"power loss":       w.powerLoss,
			"read by time":     w.readByTime,
			"copy to follower": w.follow,
			"":                 w.check,
		})
	})
}

func (w *cleanTwin) reopen(t require.TestingT, point kafka.Offset) {
	var r Recovery
	var err error
	w.log, r, err = Open(w.disk, orders, compacting,
		Checkpoint{RecoveryPoint: point, LogStart: w.noted.LogStart}, at(w.now))
	require.NoError(t, err)
	require.Nil(t, r.first(kafka.DamageHole))
	require.LessOrEqual(t, int(w.log.LogEnd()), len(w.want))
	w.want = w.want[:w.log.LogEnd()]
	w.start = int(w.log.LogStart())
	for _, name := range must(w.disk.List(orders.String())) {
		require.False(t, isLeftover(orders.String(), name), name)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// append appends one batch of a few keys, maybe compressed.
func (w *cleanTwin) append(t *rapid.T) {
	var b wire.BatchBuilder
	if rapid.Bool().Draw(t, "of a producer") {
		b.SetProducer(wire.BatchProducer{ID: int64(rapid.IntRange(1, 3).Draw(t, "id")), Epoch: int16(len(w.want))})
	}
	for range rapid.IntRange(1, 6).Draw(t, "records") {
		r := keyed{
			key:       rapid.StringMatching("[a-e]|").Draw(t, "key"),
			tombstone: rapid.IntRange(0, 3).Draw(t, "tombstone") == 0,
			time:      w.now + int64(rapid.IntRange(-50, 50).Draw(t, "jitter")),
			offset:    kafka.Offset(len(w.want)),
		}
		var value []byte
		if !r.tombstone {
			r.value = fmt.Sprintf("value %d of %q", r.offset, r.key)
			value = []byte(r.value)
		}
		b.Append(r.time, []byte(r.key), value, wire.RecordHeader{Key: "h", Value: value})
		w.want = append(w.want, r)
	}
	codec := wire.Codec(rapid.IntRange(0, 4).Draw(t, "codec"))
	data := b.Compressed(codec, nil)
	wire.SetBaseOffset(data, w.log.LogEnd())
	wire.SetLeaderEpoch(data, kafka.Epoch(len(w.want)/40))
	base := w.log.ActiveBase()
	require.NoError(t, w.log.AppendAsFollower(data, at(w.now)))
	w.now += 3
	if w.log.ActiveBase() != base {
		w.flush() // what is sealed is flushed
	}
}

func (w *cleanTwin) appendMuch(t *rapid.T) {
	for range 10 {
		w.append(t)
	}
}

func (w *cleanTwin) roll(t *rapid.T) {
	require.NoError(t, w.log.Roll(at(w.now)))
	w.flush()
}

func (w *cleanTwin) flush() {
	w.disk.sync()
	w.log.Flushed(w.log.FlushPoint())
	w.noted, w.flushed = Checkpoint{RecoveryPoint: w.log.RecoveryPoint(), LogStart: w.log.LogStart()}, w.checkpoint
}

// cleanAll cleans all that may be, and looks whether a second round would find anything to do.
func (w *cleanTwin) cleanAll(t *rapid.T) {
	w.run(t, w.log.LogEnd(), NewOffsetMap(1<<20, 9000))
	below := map[string]bool{}
	for _, r := range w.survivors(t) {
		if r.offset < w.checkpoint {
			require.False(t, below[r.key], "two records of key %q", r.key)
			below[r.key] = true
		}
	}
	d, dirty := w.log.Cleanable(at(w.now), w.log.LogEnd(), w.checkpoint)
	require.Zero(t, d.DirtyBytes)
	require.False(t, dirty)
	// Taken for dirty again, the log loses tombstones that are old enough, and then nothing more.
	d.First = w.log.LogStart()
	var before []kafka.BatchView
	for range 2 {
		before = w.log.Batches(0)
		c, err := w.log.Clean(at(w.now), d, NewOffsetMap(1<<20, 9000))
		require.NoError(t, err)
		w.finish(t, c)
	}
	require.Equal(t, before, w.log.Batches(0))
}

func (w *cleanTwin) cleanPart(t *rapid.T) {
	upTo := kafka.Offset(rapid.IntRange(w.start, len(w.want)).Draw(t, "up to"))
	keys := rapid.IntRange(8, 40).Draw(t, "room for keys")
	w.run(t, upTo, NewOffsetMap(int64(keys)*slotBytes, 9000))
}

// run is one round of cleaning as a broker does it.
func (w *cleanTwin) run(t *rapid.T, upTo kafka.Offset, m *OffsetMap) {
	d, _ := w.log.Cleanable(at(w.now), upTo, w.checkpoint)
	require.LessOrEqual(t, d.End, max(d.First, min(upTo, w.log.ActiveBase())))
	above := w.log.Batches(d.End)
	c, err := w.log.Clean(at(w.now), d, m)
	require.NoError(t, err)
	w.finish(t, c)
	require.Equal(t, above, w.log.Batches(d.End), "something was touched behind the end")
	w.checkpoint = c.End
}

// finish puts what was cleaned into its place.
func (w *cleanTwin) finish(t require.TestingT, c *Cleaning) {
	w.flushPaths(c)
	ok, err := w.log.Replace(c)
	require.NoError(t, err)
	require.True(t, ok)
	w.cleaned(t, c)
}

// flushPaths makes durable what a broker would flush, and nothing else.
func (w *cleanTwin) flushPaths(c *Cleaning) {
	for _, path := range c.Paths() {
		switch d := w.disk.(type) {
		case *memoryDisk:
			f := d.files[path]
			f.flushed, f.changes = slices.Clone(f.data), nil
		case simulatedDisk:
			d.Sync(path)
		}
	}
}

// cleaned notes what a cleaning may have done, even if a crash came over it.
func (w *cleanTwin) cleaned(t require.TestingT, c *Cleaning) {
	w.clean, w.lastClean = max(w.clean, c.End), w.now
	for _, r := range w.survivors(t) {
		if _, known := w.cleanedAt[r.offset]; !known && r.tombstone && c.holds(r.offset) {
			w.cleanedAt[r.offset] = w.now
		}
	}
}

// holds tells whether the offset lies in a segment that was rewritten.
func (c *Cleaning) holds(offset kafka.Offset) bool {
	for _, g := range c.groups {
		if last := g.old[len(g.old)-1]; offset >= g.old[0].base && offset < last.end {
			return true
		}
	}
	return false
}

// cleanAndCrash loses the power before, in the middle of, or after the swap.
func (w *cleanTwin) cleanAndCrash(t *rapid.T) {
	w.flush()
	d, _ := w.log.Cleanable(at(w.now), w.log.LogEnd(), w.checkpoint)
	c, err := w.log.Clean(at(w.now), d, NewOffsetMap(1<<20, 9000))
	require.NoError(t, err)
	if rapid.Bool().Draw(t, "flushed before the crash") {
		w.flushPaths(c)
		if disk, ok := w.disk.(*memoryDisk); ok {
			disk.left = rapid.IntRange(0, 40).Draw(t, "operations before the crash")
		}
		_, err = w.log.Replace(c)
		if disk, ok := w.disk.(*memoryDisk); ok {
			disk.left = -1
		} else {
			require.NoError(t, err)
		}
	}
	end := len(w.want)
	w.disk.powerLoss(func(most int) int { return rapid.IntRange(0, most).Draw(t, "survives") })
	w.reopen(t, w.noted.RecoveryPoint)
	require.Len(t, w.want, end)
	w.cleaned(t, c)
}

func (w *cleanTwin) deleteRecords(t *rapid.T) {
	w.start = rapid.IntRange(w.start, len(w.want)).Draw(t, "log start")
	require.NoError(t, w.log.IncrementLogStart(kafka.Offset(w.start)))
	w.noted.LogStart = w.log.LogStart()
}

func (w *cleanTwin) deleteOld(t *rapid.T) {
	cfg := compacting
	cfg.CleanupDelete = rapid.Bool().Draw(t, "policy compact,delete")
	cfg.RetentionMs = time.Duration(rapid.IntRange(-1, 2000).Draw(t, "ms")) * time.Millisecond
	cfg.RetentionBytes = -1
	w.log.SetConfig(cfg)
	_, err := w.log.DeleteOldSegments(at(w.now), w.log.LogEnd())
	require.NoError(t, err)
	w.start = int(w.log.LogStart())
	w.flush()
}

// truncate does not reach below what was cleaned, as no truncation reaches below a high watermark.
func (w *cleanTwin) truncate(t *rapid.T) {
	least := max(w.start, int(w.clean))
	end := kafka.Offset(rapid.IntRange(min(least, len(w.want)), len(w.want)).Draw(t, "end"))
	require.NoError(t, w.log.TruncateTo(end))
	require.LessOrEqual(t, w.log.LogEnd(), end)
	w.want, w.start = w.want[:w.log.LogEnd()], int(w.log.LogStart())
	w.checkpoint = min(w.checkpoint, w.log.LogEnd())
	for offset := range w.cleanedAt {
		if offset >= w.log.LogEnd() {
			delete(w.cleanedAt, offset)
		}
	}
	w.flush()
}

func (w *cleanTwin) powerLoss(t *rapid.T) {
	w.disk.powerLoss(func(most int) int { return rapid.IntRange(0, most).Draw(t, "survives") })
	w.reopen(t, w.noted.RecoveryPoint)
	require.GreaterOrEqual(t, w.log.LogEnd(), w.noted.RecoveryPoint)
	w.checkpoint = w.flushed
	w.flush()
}

// survivors are the records that can be read, read as a consumer does, and compared with what they
// were.
func (w *cleanTwin) survivors(t require.TestingT) []keyed {
	var out []keyed
	from, read := w.log.LogStart(), w.log.LogStart()
	for from < w.log.LogEnd() {
		data, err := w.log.Read(from, 700, w.log.LogEnd(), true)
		require.NoError(t, err)
		if data == nil {
			break // nothing but a gap
		}
		for b, err := range wire.Batches(data) {
			require.NoError(t, err)
			require.NoError(t, b.Validate())
			require.Equal(t, w.log.EpochAt(max(read, b.BaseOffset)), b.LeaderEpoch)
			for r, err := range b.Records() {
				require.NoError(t, err)
				got := keyed{string(r.Key), string(r.Value), r.Value == nil, r.Timestamp, r.Offset}
				require.Equal(t, w.want[r.Offset], got)
				require.Equal(t, []wire.RecordHeader{{Key: "h", Value: r.Value}}, r.Headers)
				if r.Offset >= read {
					out = append(out, got)
				}
			}
			from = b.LastOffset() + 1
		}
	}
	return out
}

// check compares what the log shows of every key, from the end of what was cleaned on after every
// record, with all records.
func (w *cleanTwin) check(t *rapid.T) {
	require.EqualValues(t, len(w.want), w.log.LogEnd())
	require.EqualValues(t, w.start, w.log.LogStart())
	left := w.survivors(t)
	full, compacted := map[string]string{}, map[string]string{}
	for _, r := range w.want[w.start:] {
		apply(full, r)
		there := len(left) > 0 && left[0].offset == r.offset
		if there {
			apply(compacted, left[0])
			left = left[1:]
		}
		if r.offset >= w.clean {
			require.True(t, there, "offset %d is missing and was never cleaned", r.offset)
		}
		if r.offset+1 >= w.clean {
			require.Equal(t, full, compacted, "up to offset %d", r.offset)
		}
		if !there && r.tombstone && w.newest(r) {
			at, cleaned := w.cleanedAt[r.offset]
			require.True(t, cleaned && w.lastClean >= at+retained,
				"the tombstone at %d went too early", r.offset)
		}
	}
	require.Empty(t, left)
}

// newest tells whether no later record of the key has been cleaned over r.
func (w *cleanTwin) newest(r keyed) bool {
	return !slices.ContainsFunc(w.want[r.offset+1:], func(o keyed) bool { return o.key == r.key })
}

func apply(state map[string]string, r keyed) {
	if r.tombstone {
		delete(state, r.key)
	} else {
		state[r.key] = r.value
	}
}

func (w *cleanTwin) readByTime(t *rapid.T) {
	left := w.survivors(t)
	since := w.now - int64(rapid.IntRange(-60, 2000).Draw(t, "ago"))
	offset, at, found, err := w.log.OffsetForTimestamp(since)
	require.NoError(t, err)
	i := slices.IndexFunc(left, func(r keyed) bool { return r.time >= since })
	require.Equal(t, i >= 0, found)
	if found {
		require.Equal(t, left[i].offset, offset)
		require.Equal(t, left[i].time, at)
	}
	largest := int64(-1)
	for _, r := range left {
		largest = max(largest, r.time)
	}
	_, at, found, err = w.log.MaxTimestamp()
	require.NoError(t, err)
	require.Equal(t, len(left) > 0, found)
	if found {
		require.Equal(t, largest, at)
	}
}

// follow copies the log to an empty replica.
func (w *cleanTwin) follow(t *rapid.T) {
	f, _, err := Open(newMemoryDisk(), orders, compacting, Checkpoint{}, at(w.now))
	require.NoError(t, err)
	start := w.log.LogStart()
	if first := w.log.Batches(start); len(first) > 0 {
		start = min(start, first[0].Base)
	}
	require.NoError(t, f.TruncateFullyAndStartAt(start))
	for f.LogEnd() < w.log.LogEnd() {
		data, err := w.log.Read(max(f.LogEnd(), w.log.LogStart()), 900, w.log.LogEnd(), true)
		require.NoError(t, err)
		if data == nil {
			break
		}
		require.NoError(t, f.AppendAsFollower(data, at(w.now)))
	}
	require.Equal(t, w.log.Batches(w.log.LogStart()), f.Batches(f.LogStart()))
}
