package scenarios

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// What is alive of a run for each record that it has more, at the end of playing and while it is
// judged. All of it counts: three replicas of each record, the history, what the checks know. A
// record has 100 bytes, goes in a batch of its own and is read once, by the last reads.
func TestMemoryOfARun(t *testing.T) {
	const from, to = 20_000, 50_000
	small, large := aliveAfter(t, from), aliveAfter(t, to)
	for _, at := range []struct {
		what        string
		small, most int
		large       int
	}{
		{"after playing", small.played, 150, large.played},
		{"when it is judged", small.judged, 200, large.judged},
	} {
		bytes := (at.large - at.small) / (to - from)
		t.Logf("%s: %d bytes a record", at.what, bytes)
		require.LessOrEqual(t, bytes, at.most, "bytes alive a record, %s", at.what)
	}
}

// alive is how many bytes are alive.
type alive struct{ played, judged int }

// aliveAfter plays that many records and judges them.
func aliveAfter(t *testing.T, records int) (a alive) {
	s, err := Parse("memory.yaml", fmt.Appendf(nil, `
claim: Nothing is lost.
duration: 60s
cluster: {brokers: 3}
topics: [{name: orders, partitions: 1, replicas: 3}]
producers: [{name: p1, topic: orders, rate: 10000/s, acks: all, count: %d}]
expect: {findings: none}
`, records))
	require.NoError(t, err)
	p, err := newPlayer(s, Options{unpacked: 1}) // as little as longer runs have of what they write
	require.NoError(t, err)
	p.play()
	p.world.End()
	a = alive{played: heapAlive()}
	last := ""
	p.opts.BeforeCheck = func(check string) {
		if check != last { // Porcupine's is called by the step
			a.judged = max(a.judged, heapAlive())
		}
		last = check
	}
	require.Equal(t, kafka.VerdictOK, p.judge().Run.Verdict)
	return a
}

func heapAlive() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
