package text

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded/sweeps"
)

func TestSweepLines(t *testing.T) {
	text := strings.Join(SweepLines(sweeps.Saturation()), "\n")
	require.Equal(t, `sweep     capacity/partitions, seeds 1 to 3
runs      15: 15 unjudged
setting   topics[0].partitions = 1, 2, 4, 8, 16

ack.rate: records acknowledged, from the first send to the last acknowledgement
  partitions               min            median               max
  1            1,000 records/s   1,040 records/s   1,160 records/s
  2            1,900 records/s   1,940 records/s   2,060 records/s
  4            3,600 records/s   3,640 records/s   3,760 records/s
  8            6,000 records/s   6,040 records/s   6,160 records/s
  16           6,200 records/s   6,240 records/s   6,360 records/s
  knee at 8: beyond it ack.rate changes by less than a tenth for each
  doubling; there the CPU of broker-1 is taken for 100 % of its busiest second

ack.p50: from a send to its acknowledgement: half took at most this
  partitions      min   median      max
  1            800 µs   800 µs   800 µs
  2            890 µs   980 µs   1.1 ms
  4            980 µs   1.2 ms   1.3 ms
  8            1.1 ms   1.3 ms   1.6 ms
  16           1.2 ms   1.5 ms   1.9 ms`, text)

	lines := SweepLines(sweeps.Batching())
	require.Contains(t, lines, "runs      12: 10 unjudged, 1 unsettled, 1 not played")
	require.Contains(t, lines, "  0ms, all             –         –         –")
	alone := &digest.Sweep{Scenario: "log/position", Seeds: []uint64{1, 2}, Measures: []string{"log.bytes"},
		Points: []digest.SweepPoint{{Runs: []*kafka.Run{{Verdict: kafka.VerdictOK}, {Verdict: kafka.VerdictOK}}}}}
	require.Contains(t, strings.Join(SweepLines(alone), "\n"), "as it is written   0 B")
}

func TestSweepCSV(t *testing.T) {
	lines := strings.Split(string(SweepCSV(sweeps.Batching())), "\n")
	require.Equal(t, "producers[0].linger,producers[0].acks,measure,unit,runs,min,median,max", lines[0])
	require.Equal(t, "0ms,1,ack.p99,ns,2,300000,337500,375000", lines[1])
	require.Equal(t, "0ms,all,ack.p99,ns,0,,,", lines[2])
	require.Len(t, lines, 1+3*6+1)
}
