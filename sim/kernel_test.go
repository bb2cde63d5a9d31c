package sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// Whatever the order of scheduling, items come out by time and, at one time, in the order in which
// they were scheduled; dropping some keeps the order of the rest.
func TestKernelOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.Int64Range(0, 20), 0, 200).Draw(t, "times")
		drop := rapid.Uint64Range(2, 7).Draw(t, "drop")
		var k kernel
		for i, at := range times {
			k.schedule(model.Time(at), itemCall, 0, uint64(i))
		}
		k.keep(func(it *item) bool { return it.arg%drop == 0 })
		var want []int
		for i := range times {
			if uint64(i)%drop != 0 {
				want = append(want, i)
			}
		}
		slices.SortStableFunc(want, func(a, b int) int { return int(times[a] - times[b]) })
		var got []int
		for it, ok := k.next(); ok; it, ok = k.next() {
			require.EqualValues(t, times[it.arg], k.now)
			got = append(got, int(it.arg))
		}
		require.Equal(t, want, got)
	})
}

// hold pops an item, mixes it into the hash, and schedules another: the loop of every simulation.
func hold(k *kernel, d *digest, r *model.Rand) {
	it, _ := k.next()
	d.add(uint64(it.at), it.seq, uint64(it.what), it.arg)
	k.schedule(k.now+model.Time(1+r.Uint64()%1000), itemCall, it.node, it.arg)
}

func newHold(pending int) (*kernel, *digest, *model.Rand) {
	k, d, r := &kernel{}, &digest{mark: 10_000}, model.NewRand(1, "hold")
	for i := range pending {
		k.schedule(model.Time(r.Below(1000)), itemCall, 0, uint64(i))
	}
	return k, d, r
}

func TestKernelAllocatesNothing(t *testing.T) {
	k, d, r := newHold(256)
	require.Zero(t, testing.AllocsPerRun(10_000, func() { hold(k, d, r) }))
}

func BenchmarkKernel(b *testing.B) {
	k, d, r := newHold(256)
	b.ReportAllocs()
	for b.Loop() {
		hold(k, d, r)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}
