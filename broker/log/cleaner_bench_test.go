package log

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// dirty is a log of 1,000,000 records of 100,000 keys, with values of 100 bytes, in batches of 100.
func dirty(b *testing.B) *Log {
	cfg := large
	cfg.SegmentBytes, cfg.CleanupCompact, cfg.Compacted = 16<<20, true, true
	cfg.DeleteRetention = time.Hour
	l, _ := open(b, newBlankDisk(), cfg, 0)
	var builder wire.BatchBuilder
	value := make([]byte, 100)
	for i := range uint64(1_000_000) {
		binary.BigEndian.PutUint64(value, i)
		builder.Append(int64(i), fmt.Appendf(nil, "key-%d", i*7919%100_000), value)
		if builder.Count() == 100 {
			if _, err := l.AppendAsLeader(parsed(builder.Bytes()), 1, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := l.Roll(0); err != nil {
		b.Fatal(err)
	}
	return l
}

// Compaction of 1,000,000 records with 100,000 keys. The goal is 1.5 s on one core and 64 MB of
// memory. What is reported is all that the cleaner allocates in a round, freed or not, so the memory
// that it has at any time is less. The contents of the disk in memory are not in it: the files have
// their room before.
func BenchmarkCompaction(b *testing.B) {
	var allocated uint64
	for b.Loop() {
		b.StopTimer()
		l := dirty(b)
		now := at(1_000_000)
		d, ok := l.Cleanable(now, l.LogEnd(), kafka.NoOffset)
		if !ok {
			b.Fatal("not dirty")
		}
		for _, s := range l.segments {
			room := &blankFile{data: make([]byte, 0, s.size)}
			l.disk.(*blankDisk).files[s.name+".log"+cleanedSuffix] = room
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.StartTimer()
		c, err := l.Clean(now, d, NewOffsetMap(128<<20, 9000))
		if err != nil {
			b.Fatal(err)
		}
		if ok, err := l.Replace(c); !ok || err != nil {
			b.Fatal(ok, err)
		}
		b.StopTimer()
		runtime.ReadMemStats(&after)
		allocated = max(allocated, after.TotalAlloc-before.TotalAlloc)
		if c.RecordsAfter != 100_000 {
			b.Fatal(c.String())
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(allocated)/(1<<20), "allocated-MB/round")
}
