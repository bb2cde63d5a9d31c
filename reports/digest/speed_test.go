package digest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/recorded"
)

// long is a failover of a 1,000 records a second with frames and timers between the notes: half a
// million lines.
func long() *recorded.Run {
	r := recorded.Failover(3000)
	filler := 500_000 - len(r.Trace)
	trace := make([]kafka.TraceLine, 0, 500_000)
	per := filler/len(r.Trace) + 1
	for _, l := range r.Trace {
		trace = append(trace, l)
		for range per {
			trace = append(trace, kafka.TraceLine{TraceLine: model.TraceLine{At: l.At, Seq: l.Seq, Node: "broker-1", Kind: "frame",
				Cause: 12, Conn: 4, Peer: "producer-p1", Label: model.Label{Name: "Produce", Correlation: 9},
				Bytes: 233, Sent: l.At}})
		}
	}
	last := len(trace) - per - 1
	trace[last], trace[len(trace)-1] = trace[len(trace)-1], trace[last]
	r.Trace = trace
	return r
}

// A frame must cost next to nothing.
func BenchmarkObserveSkipped(b *testing.B) {
	c := NewCollector()
	line := kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: "frame", Label: model.Label{Name: "Fetch"}}}
	b.ReportAllocs()
	for i := range b.N {
		line.At = model.Time(i)
		c.Observe(&line)
	}
}

func BenchmarkObserveOffset(b *testing.B) {
	c := NewCollector()
	line := kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: "log-end"},
		Note: kafka.Note{Kind: kafka.LogEnd, Topic: "t"}}
	b.ReportAllocs()
	for i := range b.N {
		line.At, line.Note.Offset = model.Time(i)*1000, kafka.Offset(i)
		c.Observe(&line)
	}
}

func TestSkippedLinesDoNotAllocate(t *testing.T) {
	c := NewCollector()
	line := kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: "frame"}}
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Observe(&line) }))
}

// BenchmarkLoad reads a directory whose trace has half a million lines.
func BenchmarkLoad(b *testing.B) {
	dir := long().Dir()
	b.SetBytes(int64(len(dir["trace.ndjson"].Data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(dir, Lesson{}); err != nil {
			b.Fatal(err)
		}
	}
}
