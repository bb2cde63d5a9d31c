package log

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

var large = Config{SegmentBytes: 1 << 30, SegmentMs: time.Hour, IndexIntervalBytes: 4096}

func TestReadOutsideTheLog(t *testing.T) {
	l, _ := open(t, newMemoryDisk(), small, 0)
	require.NoError(t, l.TruncateFullyAndStartAt(10))
	grow(t, l, 2, 0)
	for _, from := range []kafka.Offset{-1, 0, 9, 15} {
		_, err := l.Read(from, 100, 14, true)
		var outside *OutOfRangeError
		require.ErrorAs(t, err, &outside)
		require.Equal(t, OutOfRangeError{Log: "orders-0", Offset: from, Start: 10, End: 14}, *outside)
	}
	data, err := l.Read(14, 100, 14, true)
	require.NoError(t, err)
	require.Empty(t, data)
}

// A failing disk is an error of every read, never an empty answer.
func TestReadFromAFailingDisk(t *testing.T) {
	disk := newMemoryDisk()
	disk.lend = false
	l, _ := open(t, disk, small, 0)
	grow(t, l, 30, 0)
	disk.left = 0
	_, err := l.Read(0, 100, l.LogEnd(), true)
	require.ErrorIs(t, err, errBroken)
	_, _, _, err = l.OffsetForTimestamp(5)
	require.ErrorIs(t, err, errBroken)
	require.ErrorIs(t, l.TruncateTo(3), errBroken)
	require.ErrorIs(t, l.Roll(0), errBroken)
	cut, err := CutTail(disk, orders, 1)
	require.ErrorIs(t, err, errBroken)
	require.Zero(t, cut)
	_, _, _, err = l.MaxTimestamp()
	require.ErrorIs(t, err, errBroken)
	l.SetConfig(Config{SegmentBytes: 2000, CleanupDelete: true})
	_, err = l.DeleteOldSegments(at(1<<40), l.LogEnd())
	require.ErrorIs(t, err, errBroken)
	_, err = l.AppendAsLeader(parsed(batch(0, 1, 1)), 0, 0)
	require.ErrorIs(t, err, errBroken)
}

// The tail is written and read many thousand times a second.
func TestTheTailTakesNoMemory(t *testing.T) {
	disk := newBlankDisk()
	l, _ := open(t, disk, large, 0)
	one := batch(0, 10, 1)
	for range 2 * recentBatches {
		_, err := l.AppendAsLeader(parsed(one), 1, 0)
		require.NoError(t, err)
	}
	log := disk.files[firstSegment+".log"]
	log.data = append(log.data, make([]byte, 1<<20)...)[:len(log.data)]
	wrong := 0
	allocs := testing.AllocsPerRun(1000, func() {
		at, err1 := l.AppendAsLeader(parsed(one), 1, 0)
		base := at.Base
		tail, err2 := l.Read(base, 1<<20, base+10, true)
		behind, err3 := l.Read(base-100, 1<<20, base, true)
		if err1 != nil || err2 != nil || err3 != nil || len(tail) != len(one) ||
			len(behind) != 10*len(one) {
			wrong++
		}
	})
	require.Zero(t, wrong)
	require.Zero(t, allocs)
}

func benchmarkAppend(b *testing.B, batch []byte) {
	l, _ := open(b, newBlankDisk(), large, 0)
	b.SetBytes(int64(len(batch)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.AppendAsLeader(parsed(batch), 1, 0); err != nil {
			b.Fatal(err)
		}
		if l.active().size > 32<<20 {
			_ = l.TruncateTo(0) // this disk does not fail
		}
	}
}

func BenchmarkAppend100B(b *testing.B) { benchmarkAppend(b, batch(0, 1, 1)) }

func BenchmarkAppend1MB(b *testing.B) {
	var builder wire.BatchBuilder
	for builder.Size() < 1<<20 {
		builder.Append(1, nil, make([]byte, 100))
	}
	benchmarkAppend(b, builder.Bytes())
}

func BenchmarkAppendAsFollower1MB(b *testing.B) {
	var builder wire.BatchBuilder
	for builder.Size() < 1<<20 {
		builder.Append(1, nil, make([]byte, 100))
	}
	one := builder.Bytes()
	l, _ := open(b, newBlankDisk(), large, 0)
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for b.Loop() {
		wire.SetBaseOffset(one, l.LogEnd())
		if err := l.AppendAsFollower(one, 0); err != nil {
			b.Fatal(err)
		}
		if l.active().size > 32<<20 {
			_ = l.TruncateTo(0)
		}
	}
}

// tenThousand is a log of 100-byte records, one a batch.
func tenThousand(b *testing.B, cfg Config) *Log {
	l, _ := open(b, newBlankDisk(), cfg, 0)
	for len(l.segments) < 10_000 && l.LogEnd() < 50_000 {
		_, err := l.AppendAsLeader(parsed(batch(l.LogEnd(), 1, int64(l.LogEnd()))), 1, 0)
		require.NoError(b, err)
	}
	return l
}

func BenchmarkTailRead(b *testing.B) {
	l := tenThousand(b, large)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = l.Read(l.LogEnd()-1, 1<<20, l.LogEnd(), true)
	}
}

// A consumer that is behind reads a megabyte of small batches.
func BenchmarkReadMegabyte(b *testing.B) {
	l := tenThousand(b, large)
	b.ReportAllocs()
	for b.Loop() {
		data, _ := l.Read(77, 1<<20, l.LogEnd()-1, true)
		b.SetBytes(int64(len(data)))
	}
}

func BenchmarkLookupIn10000Segments(b *testing.B) {
	cfg := large
	cfg.SegmentBytes = 350 // four batches or so
	l := tenThousand(b, cfg)
	require.Len(b, l.segments, 10_000)
	at := kafka.Offset(0)
	b.ReportAllocs()
	for b.Loop() {
		at = (at + 7919) % l.LogEnd()
		if _, err := l.Read(at, 1, l.LogEnd(), true); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookupByTimeIn10000Segments(b *testing.B) {
	cfg := large
	cfg.SegmentBytes = 350
	l := tenThousand(b, cfg)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, found, _ := l.OffsetForTimestamp(int64(l.LogEnd()) / 2); !found {
			b.Fatal("not found")
		}
	}
}

// What cannot be read of a log is told by its own offsets, and the records behind it are read.
func TestUnreadBatchIsNamed(t *testing.T) {
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 3, 0)
	data := disk.files[firstSegment+".log"].data
	second := parsed(data).Size()
	b := data[second : 2*second]
	b[wire.BatchOverhead] = 2 // the length of the first record
	const crcAt, crcFrom = 17, 21
	binary.BigEndian.PutUint32(b[crcAt:],
		crc32.Checksum(b[crcFrom:], crc32.MakeTable(crc32.Castagnoli)))
	var read []kafka.Offset
	unread := l.EachRecord(0, 6, func(r *wire.Record) bool {
		read = append(read, r.Offset)
		return true
	})
	require.Equal(t, []kafka.Offset{0, 1, 4, 5}, read)
	require.Equal(t, Unread{Batches: 1, First: 2, End: 4, Reason: unread.Reason}, unread)
	require.Contains(t, unread.Reason, "record 0 of 2")
}

// Batches describes every batch from the one that holds offset from on.
func (l *Log) Batches(from kafka.Offset) []kafka.BatchView { return l.AppendBatches(nil, from) }
