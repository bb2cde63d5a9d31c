package sweeps

import (
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// Saturation is a sweep whose rate grows with the partitions until a CPU is busy.
func Saturation() *digest.Sweep {
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

// Batching is a sweep of two settings, of which one is no number; a run of it is missing.
func Batching() *digest.Sweep {
	s := &digest.Sweep{
		Scenario: "producers/batching",
		Axes: []digest.SweepAxis{
			{
				Name: "producers[0].linger", Values: []string{"0ms", "5ms", "50ms"},
				Quantities: []int64{0, 5e6, 50e6},
			},
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
			s.Points = append(s.Points, digest.SweepPoint{
				Values: []string{linger, acks}, Runs: []*kafka.Run{run(0), run(1)},
			})
		}
	}
	s.Points[5].Runs[0] = nil
	s.Points[5].Runs[1].Verdict = kafka.VerdictUnsettled
	delete(s.Points[1].Runs[0].Counters, "ack.p99")
	delete(s.Points[1].Runs[1].Counters, "ack.p99")
	return s
}
