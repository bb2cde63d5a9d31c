package checks

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// leaderFailover is the history of the lesson: n sends of which 20 are open at a time, a consumer
// that polls every hundred records, and a final read of everything in polls of 500.
func leaderFailover(n int) kafka.History {
	const open = 20
	var h kafka.History
	var got []kafka.PolledRecord
	add := func(process int, end kafka.OpType, f kafka.Function, mop kafka.Mop, client string) {
		h = append(h, kafka.Op{
			Index: len(h), Process: process, Type: end, F: f, Time: model.Time(len(h)) * 1000,
			Value: []kafka.Mop{mop}, Client: client,
		})
	}
	poll := func(process int, records []kafka.PolledRecord) {
		client := fmt.Sprint("consumer-", process)
		add(process, kafka.Invoke, kafka.FPoll, kafka.Mop{F: kafka.FPoll}, client)
		add(process, kafka.OK, kafka.FPoll, pollMop(records), client)
	}
	send := func(i int, end kafka.OpType, o kafka.Offset) {
		add(i%open, end, kafka.FSend, kafka.Mop{
			F: kafka.FSend, Key: orders(), Value: fmt.Sprintf("p1-%d", i), Offset: o,
		}, "producer-p1")
	}
	for i := range n + open {
		if i >= open {
			send(i-open, kafka.OK, kafka.Offset(i-open))
			got = append(
				got,
				kafka.PolledRecord{Offset: kafka.Offset(i - open), Value: fmt.Sprintf("p1-%d", i-open)},
			)
			if len(got)%100 == 0 {
				poll(open, got[len(got)-100:])
			}
		}
		if i < n {
			send(i, kafka.Invoke, kafka.NoOffset)
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
		require.Equal(b, kafka.Report{}, Judge(h, Options{}))
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
		if m := &h[i].Value[0]; m.F == kafka.FSend && m.Offset == 15_000 {
			m.Offset = 15_300
		}
	}
	for b.Loop() {
		var found []string
		for _, f := range Judge(h, Options{}).Findings {
			found = append(found, f.String())
		}
		require.Equal(b, []string{
			"inconsistent-offsets ×1, with nonmonotonic-send ×300 and nonlinearizable ×282", "duplicate ×1",
		}, found)
	}
}

// BenchmarkPorcupine is what the second opinion costs on a partition as large as it may be.
func BenchmarkPorcupine(b *testing.B) {
	p := partitions(leaderFailover(DefaultOracleOps-10), Options{})[0]
	order := p.logOrder()
	b.ReportAllocs()
	for b.Loop() {
		var t tally
		order.contradictions(func(contradiction) { b.Fatal("it is linearizable") })
		p.consult(false, Options{MaxSteps: DefaultMaxSteps, OracleOps: DefaultOracleOps}, &t)
		require.Empty(b, t.undecided)
	}
}

// bursts is a history in which 500 sends at a time are open, and land in no order at all.
func bursts(n int) kafka.History {
	const open = 500
	var h kafka.History
	rand := model.NewRand(1, "bursts")
	add := func(process int, end kafka.OpType, mop kafka.Mop) {
		h = append(h, kafka.Op{
			Index: len(h), Process: process, Type: end, F: kafka.FSend,
			Time: model.Time(len(h)), Value: []kafka.Mop{mop},
		})
	}
	var all []kafka.PolledRecord
	for base := 0; base < n; base += open {
		order := make([]int, open)
		for i := range order {
			order[i] = i
			add(i, kafka.Invoke, sendMop(&client{value: fmt.Sprint("v", base+i), offset: kafka.NoOffset}))
		}
		for i := open - 1; i > 0; i-- {
			j := int(rand.Below(uint64(i + 1)))
			order[i], order[j] = order[j], order[i]
		}
		for i, process := range order {
			c := client{value: fmt.Sprint("v", base+process), offset: kafka.Offset(base + i)}
			all = append(all, kafka.PolledRecord{Offset: c.offset, Value: c.value})
			add(process, kafka.OK, sendMop(&c))
		}
	}
	h = append(h, kafka.Op{
		Index: len(h), Process: open, Type: kafka.OK, F: kafka.FPoll, Time: model.Time(len(h)),
		Value: []kafka.Mop{pollMop(all)},
	})
	return h
}

func BenchmarkJudge30kBursts(b *testing.B) {
	h := bursts(30_000)
	for b.Loop() {
		require.Equal(b, kafka.Report{}, Judge(h, Options{}))
	}
}

func TestBurstsStayWithinTheBudget(t *testing.T) {
	require.Equal(t, kafka.Report{}, Judge(bursts(5_000), Options{MaxSteps: DefaultMaxSteps / 10}))
}
