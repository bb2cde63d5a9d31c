package controller

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
)

// A broker dies and comes back, and a leader changes an ISR, with ever more partitions. The cost of
// a death grows with the partitions that it concerns, that of an ISR change does not grow.
func BenchmarkChange(b *testing.B) {
	for _, partitions := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("death/%d", partitions), func(b *testing.B) {
			w, hosts := crowded(b, partitions)
			b.ResetTimer()
			for range b.N {
				w.kill("broker-3")
				w.run(2 * sessionTimeout)
				w.host(3)
				w.run(2 * sessionTimeout)
				quiet(w, hosts)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*partitions), "ns/partition")
		})
		b.Run(fmt.Sprintf("isr/%d", partitions), func(b *testing.B) {
			w, hosts := crowded(b, partitions)
			isr := [][]int32{{2}, {2, 3}}
			b.ResetTimer()
			for i := range b.N {
				require.Equal(b, wire.None, hosts[0].alterISR(orders(1), isr[i%2]...))
				quiet(w, hosts)
			}
		})
	}
}

// crowded is a cluster of three with one topic.
func crowded(b *testing.B, partitions int) (*world, []*host) {
	w, hosts := startCluster(b, 3)
	assignment := make([][]int32, partitions)
	for i := range assignment {
		assignment[i] = []int32{int32(i%3 + 1), int32((i+1)%3 + 1)}
	}
	hosts[0].create("orders", assignment...)
	w.run(10 * time.Second)
	quiet(w, hosts)
	return w, hosts
}

// quiet forgets what was said.
func quiet(w *world, hosts []*host) {
	w.drainNotes()
	for _, h := range hosts {
		h.drain()
	}
	w.inSync = map[announced][]int32{}
}
