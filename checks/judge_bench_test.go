package checks

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// leaderFailover is the history of the lesson: n sends of which 20 are open at a time, a consumer
// that polls every hundred records, and a final read of everything in polls of 500.
func leaderFailover(n int) model.History {
	const open = 20
	var h model.History
	var got []model.PolledRecord
	add := func(process int, end model.OpType, f model.Function, mop model.Mop, client string) {
		h = append(h, model.Op{
			Index: len(h), Process: process, Type: end, F: f, Time: model.Time(len(h)) * 1000,
			Value: []model.Mop{mop}, Client: client,
		})
	}
	poll := func(process int, records []model.PolledRecord) {
		add(process, model.Invoke, model.FPoll, model.Mop{F: model.FPoll}, "consumer-1")
		add(process, model.OK, model.FPoll, pollMop(records), "consumer-1")
	}
	send := func(i int, end model.OpType, o model.Offset) {
		add(i%open, end, model.FSend, model.Mop{
			F: model.FSend, Key: orders(), Value: fmt.Sprintf("p1-%d", i), Offset: o,
		}, "producer-p1")
	}
	for i := range n + open {
		if i >= open {
			send(i-open, model.OK, model.Offset(i-open))
			got = append(
				got,
				model.PolledRecord{Offset: model.Offset(i - open), Value: fmt.Sprintf("p1-%d", i-open)},
			)
			if len(got)%100 == 0 {
				poll(open, got[len(got)-100:])
			}
		}
		if i < n {
			send(i, model.Invoke, model.NoOffset)
		}
	}
	for i := 0; i < n; i += 500 {
		poll(open+1, got[i:min(n, i+500)])
	}
	return h
}

func BenchmarkJudge30k(b *testing.B) {
	h := leaderFailover(30_000)
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, model.Report{}, Judge(h, Options{}))
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	parts := partitions(h, Options{})
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
	runtime.KeepAlive(parts)
}

func BenchmarkJudge30kViolated(b *testing.B) {
	h := leaderFailover(30_000)
	for i := range h {
		if m := &h[i].Value[0]; m.F == model.FSend && m.Offset == 15_000 {
			m.Offset = 15_300
		}
	}
	for b.Loop() {
		// inconsistent-offsets, duplicate, nonmonotonic-send and nonlinearizable
		require.Len(b, Judge(h, Options{}).Findings, 4)
	}
}

// bursts is a history in which 500 sends at a time are open, and land in no order at all.
func bursts(n int) model.History {
	const open = 500
	var h model.History
	rand := model.NewRand(1, "bursts")
	add := func(process int, end model.OpType, mop model.Mop) {
		h = append(h, model.Op{
			Index: len(h), Process: process, Type: end, F: model.FSend,
			Time: model.Time(len(h)), Value: []model.Mop{mop},
		})
	}
	var all []model.PolledRecord
	for base := 0; base < n; base += open {
		order := make([]int, open)
		for i := range order {
			order[i] = i
			add(i, model.Invoke, sendMop(&client{value: fmt.Sprint("v", base+i), offset: model.NoOffset}))
		}
		for i := open - 1; i > 0; i-- {
			j := int(rand.Below(uint64(i + 1)))
			order[i], order[j] = order[j], order[i]
		}
		for i, process := range order {
			c := client{value: fmt.Sprint("v", base+process), offset: model.Offset(base + i)}
			all = append(all, model.PolledRecord{Offset: c.offset, Value: c.value})
			add(process, model.OK, sendMop(&c))
		}
	}
	h = append(h, model.Op{
		Index: len(h), Process: open, Type: model.OK, F: model.FPoll, Time: model.Time(len(h)),
		Value: []model.Mop{pollMop(all)},
	})
	return h
}

func BenchmarkJudge30kBursts(b *testing.B) {
	h := bursts(30_000)
	for b.Loop() {
		require.Equal(b, model.Report{}, Judge(h, Options{}))
	}
}

func TestBurstsStayWithinTheBudget(t *testing.T) {
	require.Equal(t, model.Report{}, Judge(bursts(5_000), Options{MaxSteps: DefaultMaxSteps / 10}))
}
