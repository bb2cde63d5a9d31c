package reports

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded"
)

// story feeds a collector as a running simulation would.
func story(r *recorded.Run) *digest.Story {
	c := digest.NewCollector()
	r.Feed(c)
	return c.Story(r.Run)
}

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

// BenchmarkWrite draws figures and page of a story of half a million lines.
func BenchmarkWrite(b *testing.B) {
	r := long()
	for b.Loop() {
		b.StopTimer()
		s := story(r)
		b.StartTimer()
		if err := Write(s, digest.Lesson{}, func(string, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// A directory that was written and one that is being written tell the same story.
func TestLoadAgreesWithTheLiveCollector(t *testing.T) {
	for _, r := range []*recorded.Run{recorded.Failover(200), recorded.Takeover(), recorded.Network()} {
		loaded, err := digest.Load(r.Dir(), digest.Lesson{})
		require.NoError(t, err)
		live := story(r)
		require.Equal(t, files(t, live), files(t, loaded))
	}
}

func files(t *testing.T, s *digest.Story) map[string]string {
	t.Helper()
	out := map[string]string{}
	lesson := digest.Lesson{Why: "why", Question: "which?", Answer: "that"}
	require.NoError(t, Write(s, lesson, func(name string, data []byte) error {
		out[name] = string(data)
		return nil
	}))
	return out
}

func TestWriteStopsAtTheFirstError(t *testing.T) {
	full := errors.New("no space left")
	calls := 0
	err := Write(story(recorded.Failover(50)), digest.Lesson{}, func(string, []byte) error {
		calls++
		return full
	})
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "figures/throughput.svg")
	require.Equal(t, 1, calls)
}
