package digest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

func TestSpread(t *testing.T) {
	run := func(v int64) *kafka.Run { return &kafka.Run{Counters: map[string]int64{"ack.p50": v}} }
	p := SweepPoint{Runs: []*kafka.Run{run(9), nil, run(3), {}, run(4)}}
	require.Equal(t, Spread{3, 4, 9, 3}, p.Spread("ack.p50"))
	p.Runs = append(p.Runs, run(7))
	require.Equal(t, Spread{3, 5, 9, 4}, p.Spread("ack.p50"), "between the middle two")
	require.Equal(t, Spread{0, 0, 0, 5}, p.Spread("send.ok"), "a count that is not there is 0")
	require.Zero(t, p.Spread("ack.p99").N)
}

func TestLog2(t *testing.T) {
	for _, row := range []struct{ a, b, want int64 }{
		{8, 8, 0}, {16, 8, log2One}, {1 << 40, 1 << 20, 20 * log2One}, {3, 1, 103872}, {110, 100, 9011},
		{1 << 62, 1, 32 * log2One},
	} {
		require.InDelta(t, row.want, log2(row.a, row.b), 2, "%d/%d", row.a, row.b)
	}
}

// The knee is where a measure flattens for good: less than a tenth for each doubling.
func TestKnee(t *testing.T) {
	for _, row := range []struct {
		name string
		x    []int64
		y    []int64
		at   int
		ok   bool
	}{
		{"rises and saturates", []int64{1, 2, 4, 8, 16}, []int64{10, 19, 36, 60, 62}, 3, true},
		{"falls and flattens", []int64{1, 2, 4, 8}, []int64{1000, 100, 98, 95}, 1, true},
		{"rises to the end", []int64{1, 2, 4, 8}, []int64{10, 20, 40, 80}, 0, false},
		{"flat throughout", []int64{1, 2, 4, 8}, []int64{10, 10, 10, 10}, 0, false},
		{"a plateau that ends", []int64{1, 2, 4, 8}, []int64{10, 20, 20, 40}, 0, false},
		{"8 % over a tenth of a doubling is steep", []int64{10, 20, 40, 43}, []int64{10, 20, 21, 23}, 0, false},
		{"19 % over two doublings is flat", []int64{1, 2, 8}, []int64{100, 200, 238}, 1, true},
		{"22 % over two doublings is not", []int64{1, 2, 8}, []int64{100, 200, 244}, 0, false},
		{"from nothing", []int64{0, 5, 50, 500}, []int64{100, 40, 41, 41}, 1, true},
		{"to nothing", []int64{1, 2, 4, 8}, []int64{7, 6, 0, 0}, 0, false},
		{"values that do not grow", []int64{1, 4, 2, 8}, []int64{10, 20, 20, 20}, 0, false},
		{"no numbers", nil, []int64{10, 20, 20, 20}, 0, false},
	} {
		var points []*SweepPoint
		for _, y := range row.y {
			points = append(points, &SweepPoint{Runs: []*kafka.Run{{Counters: map[string]int64{"ack.rate": y}}}})
		}
		at, ok := Knee(SweepAxis{Quantities: row.x}, points, "ack.rate")
		require.Equal(t, row.ok, ok, row.name)
		if ok {
			require.Equal(t, row.at, at, row.name)
		}
	}
}

func TestLastKey(t *testing.T) {
	for name, want := range map[string]string{
		"producers[0].linger": "linger", "cluster.config.zookeeper.session.timeout.ms": "zookeeper.session.timeout.ms",
		"topics[0].partitions+consumers[0].members": "partitions+members", "duration": "duration",
	} {
		require.Equal(t, want, LastKey(name))
	}
}
