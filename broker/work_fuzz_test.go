package broker_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/wire"
)

// What one request may cost, whatever its size: its records may have 128 MiB when they are
// decompressed, with buffers on the way, or it creates 10,000 partitions. And what each of its bytes
// may, which is a name or a number that is looked at and answered.
const (
	mostForOne  = 256 << 20
	mostForByte = 4096
	mostEvents  = 200_000
)

// manyTags are requests of a few bytes that count 2³²−1 tagged fields.
func manyTags() [][]byte {
	var list [][]byte
	for _, a := range broker.APIs() {
		list = append(list, []byte{0, byte(a.Key), 0, byte(a.Max), 0, 0, 0, 1, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0x0f})
		list = append(list, []byte{0, byte(a.Key), 0, byte(a.Max), 0, 0, 0, 1, 0xff, 0xff,
			0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	}
	return list
}

// Whatever a request is, what a broker does for it is bounded by how long it is: in bytes that it
// allocates, and in what happens in the whole cluster on account of it.
func FuzzWorkOfRequest(f *testing.F) {
	for _, a := range broker.APIs() {
		f.Add(wire.EncodeRequest(fullRequest(a.Key, a.Max), 1, "probe"))
	}
	for _, frame := range manyTags() {
		f.Add(frame)
	}
	all := kmsg.NewPtrMetadataRequest()
	for range 3000 {
		all.Topics = append(all.Topics, kmsg.NewMetadataRequestTopic())
		all.Topics[len(all.Topics)-1].Topic = new(string)
	}
	f.Add(wire.EncodeRequest(latest(all), 1, "probe"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := hostileCluster(t)
		l := c.Dial(1)
		c.Run(time.Millisecond)
		var before, after runtime.MemStats
		events := c.Sim.Events()
		runtime.ReadMemStats(&before)
		l.SendFrame(frame)
		c.Run(50 * time.Millisecond)
		runtime.ReadMemStats(&after)
		require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc,
			uint64(mostForOne+mostForByte*len(frame)), "bytes")
		require.LessOrEqual(t, c.Sim.Events()-events, uint64(mostEvents+len(frame)), "events")
		c.requireServing()
	})
}
