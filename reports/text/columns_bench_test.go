package text

import (
	"testing"

	"sandcastle/model"
)

// A drawing has to be there before a reader notices, also from a trace as long as a diagram may be.
func BenchmarkColumnsDraw(b *testing.B) {
	r, lesson := death()
	for i := range 25_000 {
		at := 12000*ms + model.Time(i)*ms
		frame(r, at, "producer-p1", "broker-1", "Produce", false, "acks=all orders-0: 1 record")
		frame(r, at, "broker-1", "producer-p1", "Produce", true, "orders-0: offset 7")
		frame(r, at, "broker-2", "broker-1", "Fetch", false, "replica=1 session=1/2 orders-0@7")
		frame(r, at, "broker-1", "broker-2", "Fetch", true, "orders-0: 1 record")
	}
	c := NewColumns(storyWith(r, lesson), lesson)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Draw(Place{Stop: 1 + i%(len(c.Stops())-1)}, 80, 20)
	}
}
