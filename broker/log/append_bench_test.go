package log

import (
	"testing"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/sim"
)

// A log on the simulated disk takes batches of 1 MB for as long as one likes: it is flushed once a
// segment, and old segments go. The goal is 2 GB/s on one core.
func BenchmarkAppend1MBToSimulatedDisk(b *testing.B) {
	var builder wire.BatchBuilder
	for builder.Size() < 1<<20 {
		builder.Append(1, nil, make([]byte, 100))
	}
	one := builder.Bytes()
	cfg := large
	cfg.SegmentBytes, cfg.RetentionBytes = 16<<20, 64<<20
	cfg.CleanupDelete, cfg.RetentionMs = true, -1
	disk := sim.NewDisk(model.NewRand(1, "disk"))
	l, _ := open(b, disk, cfg, 0)
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := l.AppendAsLeader(parsed(one), 1, 0); err != nil {
			b.Fatal(err)
		}
		if n%16 == 0 {
			if _, err := l.DeleteOldSegments(0, l.LogEnd()); err != nil {
				b.Fatal(err)
			}
			disk.Sync("")
		}
	}
}
