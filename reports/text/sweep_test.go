package text

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// saturation is a sweep whose rate grows with the partitions until a CPU is busy.
func saturation() *digest.Sweep {
	s := &digest.Sweep{
		Scenario: "capacity/partitions",
		Axes: []digest.SweepAxis{{
			Name: "topics[0].partitions", Values: []string{"1", "2", "4", "8", "16"},
			Quantities: []int64{1, 2, 4, 8, 16},
		}},
		Measures: []string{"ack.rate", "ack.p50"}, Seeds: []uint64{1, 2, 3},
	}
	rates, busy := []int64{1000, 1900, 3600, 6000, 6200}, []int64{20, 40, 70, 100, 100}
	for i, v := range s.Axes[0].Values {
		p := digest.SweepPoint{Values: []string{v}}
		for seed := range int64(3) {
			p.Runs = append(p.Runs, &kafka.Run{Verdict: kafka.VerdictUnjudged, Counters: map[string]int64{
				"ack.rate": rates[i] + 40*seed*seed, "ack.p50": 800_000 + int64(i)*90_000*(1+seed),
				"cpu.most.broker-1": busy[i], "cpu.most.broker-2": busy[i] / 2,
			}})
		}
		s.Points = append(s.Points, p)
	}
	return s
}

// batching is a sweep of two settings, of which one is no number; a run of it is missing.
func batching() *digest.Sweep {
	s := &digest.Sweep{
		Scenario: "producers/batching",
		Axes: []digest.SweepAxis{
			{Name: "producers[0].linger", Values: []string{"0ms", "5ms", "50ms"}, Quantities: []int64{0, 5e6, 50e6}},
			{Name: "producers[0].acks", Values: []string{"1", "all"}},
		},
		Measures: []string{"ack.p99", "requests.per.1000", "bytes.sent"}, Seeds: []uint64{7, 8},
	}
	for i, linger := range s.Axes[0].Values {
		for j, acks := range s.Axes[1].Values {
			took := []int64{300_000, 6_000_000, 60_000_000}[i] + int64(j)*300_000
			run := func(more int64) *kafka.Run {
				return &kafka.Run{Verdict: kafka.VerdictUnjudged, Counters: map[string]int64{
					"ack.p99": took + more*took/4, "requests.per.1000": []int64{1000, 420, 60}[i] + 50*more,
					"bytes.sent": 4_000_000 >> i,
				}}
			}
			s.Points = append(s.Points, digest.SweepPoint{Values: []string{linger, acks}, Runs: []*kafka.Run{run(0), run(1)}})
		}
	}
	s.Points[5].Runs[0] = nil
	s.Points[5].Runs[1].Verdict = kafka.VerdictUnsettled
	delete(s.Points[1].Runs[0].Counters, "ack.p99")
	delete(s.Points[1].Runs[1].Counters, "ack.p99")
	return s
}

func TestSweepLines(t *testing.T) {
	text := strings.Join(SweepLines(saturation()), "\n")
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

	lines := SweepLines(batching())
	require.Contains(t, lines, "runs      12: 10 unjudged, 1 unsettled, 1 not played")
	require.Contains(t, lines, "  0ms, all             –         –         –")
	alone := &digest.Sweep{Scenario: "log/position", Seeds: []uint64{1, 2}, Measures: []string{"log.bytes"},
		Points: []digest.SweepPoint{{Runs: []*kafka.Run{{Verdict: kafka.VerdictOK}, {Verdict: kafka.VerdictOK}}}}}
	require.Contains(t, strings.Join(SweepLines(alone), "\n"), "as it is written   0 B")
}

func TestSweepCSV(t *testing.T) {
	lines := strings.Split(string(SweepCSV(batching())), "\n")
	require.Equal(t, "producers[0].linger,producers[0].acks,measure,unit,runs,min,median,max", lines[0])
	require.Equal(t, "0ms,1,ack.p99,ns,2,300000,337500,375000", lines[1])
	require.Equal(t, "0ms,all,ack.p99,ns,0,,,", lines[2])
	require.Len(t, lines, 1+3*6+1)
}
