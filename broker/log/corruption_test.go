package log

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// damagedDisk is a small log directory with every kind of file that a broker keeps, and the records
// that it holds, by offset.
type damagedDisk struct {
	whole *memoryDisk
	want  map[kafka.Offset]wire.Record
}

func newDamagedDisk(t *testing.T) damagedDisk {
	d := damagedDisk{newMemoryDisk(), map[kafka.Offset]wire.Record{}}
	cfg := small
	cfg.SegmentBytes, cfg.IndexIntervalBytes = 500, 150
	l, _ := open(t, d.whole, cfg, 0)
	for epoch := range kafka.Epoch(3) {
		grow(t, l, 4, epoch)
	}
	require.NoError(t, l.IncrementLogStart(3))
	require.GreaterOrEqual(t, len(l.segments), 3)
	require.NotEmpty(t, l.segments[0].offsets.entries)
	require.GreaterOrEqual(t, len(l.segments[0].times.entries), 2)
	for name, offset := range map[string]kafka.Offset{
		ReplicationOffsetCheckpoint: 22, RecoveryPointCheckpoint: 16, LogStartCheckpoint: 3,
	} {
		require.NoError(t, WriteCheckpoint(d.whole, name,
			map[kafka.TopicPartition]kafka.Offset{orders: offset}))
	}
	for _, s := range l.segments {
		for b, err := range wire.Batches(s.file.(*memoryFile).data) {
			require.NoError(t, err)
			for r, err := range b.Records() {
				require.NoError(t, err)
				d.want[r.Offset] = r
			}
		}
	}
	d.whole.sync()
	require.EqualValues(t, 24, l.LogEnd())
	return d
}

// accounted requires that every byte of the log files is in the log, set aside, or reported as cut;
// and after a clean shutdown, when all was flushed, that none was cut, and that a file and what was
// set aside of it are what the file was.
func accounted(t *testing.T, found, disk *memoryDisk, l *Log, r *Recovery, clean bool, what string) {
	was, aside, restored := int64(0), int64(0), map[string][]byte{}
	for _, name := range found.names("orders-0") {
		if strings.HasSuffix(name, ".log") {
			was += int64(len(found.files[name].data))
			if f := disk.files[name]; f != nil {
				restored[name] = slices.Clone(f.data)
			}
		}
	}
	for _, d := range r.Damages {
		parsed, ok := kafka.ParseDamage(d.String())
		require.True(t, ok && parsed == d, "%s: %s", what, d)
		if d.Kind == kafka.DamageAside {
			kept := disk.files[d.To].data
			require.Len(t, kept, int(d.Bytes), what)
			aside += int64(len(kept))
			restored[d.File] = append(restored[d.File], kept...)
		}
	}
	require.Equal(t, was, l.Size()+aside+r.Bytes(kafka.DamageCut), "%s: %v", what, r.Damages)
	if clean {
		require.Zero(t, r.Bytes(kafka.DamageCut), what)
		for name, data := range restored {
			require.Equal(t, found.files[name].data, data, "%s of %s", what, name)
		}
	}
}

// Whatever byte of whatever file is flipped, and wherever one is cut off: after a clean shutdown
// and after a crash, the log is recovered or the file is refused by its name; nothing panics, and
// no record comes out but as it went in. What a clean shutdown vouches for is served unchecked, as
// Kafka does; there the reader's own check of the CRC refuses a damaged batch. The leader epoch of
// a batch lies outside the CRC: no record shows it.
func TestNoDamageServesAWrongRecord(t *testing.T) {
	d := newDamagedDisk(t)
	outcomes := map[string]int{}
	for _, name := range d.whole.names("") {
		whole := d.whole.files[name].data
		try := func(what string, data []byte) {
			for _, clean := range []bool{true, false} {
				disk := d.whole.clone()
				disk.files[name].data = slices.Clone(data)
				what := fmt.Sprintf("%s, %s, clean shutdown %t", name, what, clean)
				outcomes[d.restart(t, disk, name, clean, what)]++
			}
		}
		for at := range whole {
			for _, mask := range []byte{0x01, 0x10, 0x80, 0xff} {
				data := slices.Clone(whole)
				data[at] ^= mask
				try(fmt.Sprintf("byte %d flipped by %02x", at, mask), data)
			}
			try(fmt.Sprintf("cut at %d", at), whole[:at])
		}
	}
	for _, outcome := range []string{"recovered", "refused", "cut", "set aside", "hole",
		"refused by the reader"} {
		require.NotZero(t, outcomes[outcome], "%v", outcomes)
	}
}

// restart opens what is on the disk, as a broker does, reads everything, writes and reads again. It
// returns how that went.
func (d *damagedDisk) restart(t *testing.T, disk *memoryDisk, damaged string, clean bool, what string,
) string {
	offsets := map[string]kafka.Offset{}
	for _, name := range []string{
		ReplicationOffsetCheckpoint, RecoveryPointCheckpoint, LogStartCheckpoint,
	} {
		checkpoint, err := ReadCheckpoint(disk, name)
		if err != nil {
			require.Equal(t, damaged, name, what)
			require.ErrorContains(t, err, name, what)
			return "refused"
		}
		offsets[name] = checkpoint[orders]
	}
	at := Checkpoint{RecoveryPoint: offsets[RecoveryPointCheckpoint],
		LogStart: offsets[LogStartCheckpoint], Flushed: offsets[RecoveryPointCheckpoint],
		HighWatermark: offsets[ReplicationOffsetCheckpoint]}
	if clean {
		at.RecoveryPoint = CleanShutdown
	}
	cfg := small
	cfg.SegmentBytes, cfg.IndexIntervalBytes = 500, 150
	found := disk.clone()
	l, recovery, err := Open(disk, orders, cfg, at, 0)
	require.NoError(t, err, what)
	accounted(t, found, disk, l, &recovery, clean, what)
	require.True(t, l.LogEnd() >= 22 || len(recovery.Damages) > 0, what)
	refused := d.serve(t, l, recovery.first(kafka.DamageHole) != nil, what)
	require.False(t, refused && !strings.HasSuffix(damaged, ".log"), what)

	appended, err := l.AppendAsLeader(parsed(batch(l.LogEnd(), 2, 1)), 9, 0)
	base := appended.Base
	require.NoError(t, err, what)
	data, err := l.Read(base, 1, l.LogEnd(), true)
	require.NoError(t, err, what)
	require.NoError(t, parsed(data).Validate(), what)
	for _, timestamp := range []int64{-1, 0, 5, 1 << 40} {
		offset, _, found, err := l.OffsetForTimestamp(timestamp)
		require.NoError(t, err, what)
		require.True(t, !found || offset >= l.LogStart() && offset < l.LogEnd(), what)
	}
	_, _, _, err = l.MaxTimestamp()
	require.NoError(t, err, what)
	_, _, err = Open(disk, orders, cfg, Checkpoint{}, 0)
	require.NoError(t, err, what)
	switch {
	case refused:
		return "refused by the reader"
	case recovery.first(kafka.DamageAside) != nil:
		return "set aside"
	case recovery.first(kafka.DamageHole) != nil:
		require.Contains(t, recovery.String(), damaged)
		return "hole"
	case recovery.reason() != "":
		require.Contains(t, recovery.reason(), orders.String())
		return "cut"
	default:
		return "recovered"
	}
}

// serve reads every record from every offset as a consumer does, and returns whether it had to
// refuse one for its CRC. Only a hole that the recovery reported may be passed over.
func (d *damagedDisk) serve(t *testing.T, l *Log, hole bool, what string) (refused bool) {
	for from := l.LogStart(); from < l.LogEnd() && !refused; from++ {
		data, err := l.Read(from, 1000, l.LogEnd(), true)
		require.NoError(t, err, what)
		next := from
		for b, err := range wire.Batches(data) {
			if err == nil {
				err = b.Validate()
			}
			var bad *wire.BatchError
			if errors.As(err, &bad) {
				refused = true
				break
			}
			for r, err := range b.Records() {
				require.NoError(t, err, what)
				require.Equal(t, d.want[r.Offset], r, what)
				require.True(t, hole || r.Offset <= next, "%s: a hole before %d", what, r.Offset)
				next = max(next, r.Offset+1)
			}
		}
		require.True(t, refused || next > from, "%s: nothing at %d", what, from)
	}
	return refused
}
