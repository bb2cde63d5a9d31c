package host

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// contender is a server that the same client is measured with.
type contender struct {
	name  string
	start func(b *testing.B) (addrs []string)
}

// contenders are franz-go's own fake cluster, which keeps everything in memory, and ours, which
// writes files. Run them with GOGC=400, as sandcastle serve sets itself: with Go's default the one
// that keeps more garbage collects less often.
func contenders() []contender {
	return []contender{
		{"kfake", func(b *testing.B) []string {
			c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
			require.NoError(b, err)
			b.Cleanup(c.Close)
			return c.ListenAddrs()
		}},
		{"sandcastle", func(b *testing.B) []string { return measured(b, 1) }},
	}
}

// measured starts a cluster with the topic orders.
func measured(b *testing.B, brokers int) []string {
	c, err := StartCluster(clusterConfig(b, brokers, b.TempDir()))
	require.NoError(b, err)
	b.Cleanup(c.kill)
	ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
	defer cancel()
	require.NoError(b, c.Ready(ctx))
	require.NoError(b, c.CreateTopics(ctx, ordersTopic(1, brokers)))
	return c.Addrs()
}

func newProducer(b *testing.B, addrs []string, opts ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(addrs...), kgo.DefaultProduceTopic("orders"), kgo.MaxBufferedRecords(1 << 18),
		kgo.ProducerLinger(5 * time.Millisecond), kgo.ProducerBatchCompression(kgo.NoCompression()),
	}, opts...)...)
	require.NoError(b, err)
	b.Cleanup(client.Close)
	return client
}

// produce sends n records of 100 bytes and waits until all are acknowledged.
func produce(b *testing.B, client *kgo.Client, n int) {
	value := make([]byte, 100)
	ctx := context.Background()
	for range n {
		client.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	require.NoError(b, client.Flush(ctx))
}

func report(b *testing.B, n int) {
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkProduce sends records of 100 bytes through franz-go with acks=all.
func BenchmarkProduce(b *testing.B) {
	const batch = 1_000_000
	three := contender{"sandcastle, 3 brokers, RF 3", func(b *testing.B) []string {
		return measured(b, 3)
	}}
	for _, c := range append(contenders(), three) {
		b.Run(c.name, func(b *testing.B) {
			client := newProducer(b, c.start(b))
			produce(b, client, 1000)
			b.ResetTimer()
			for range b.N {
				produce(b, client, batch)
			}
			report(b, b.N*batch)
		})
	}
}

// BenchmarkConsume reads records of 100 bytes through franz-go from the beginning.
func BenchmarkConsume(b *testing.B) {
	const batch = 2_000_000
	for _, c := range contenders() {
		b.Run(c.name, func(b *testing.B) {
			addrs := c.start(b)
			produce(b, newProducer(b, addrs), batch)
			b.ResetTimer()
			for range b.N {
				consume(b, addrs, batch)
			}
			report(b, b.N*batch)
		})
	}
}

func consume(b *testing.B, addrs []string, n int) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.ConsumeTopics("orders"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(b, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for got := 0; got < n; {
		fetches := client.PollFetches(ctx)
		require.NoError(b, fetches.Err())
		got += fetches.NumRecords()
	}
}

// BenchmarkFirstProduce is the time from the start of a cluster to the first acknowledged record.
func BenchmarkFirstProduce(b *testing.B) {
	for range b.N {
		client := newProducer(b, measured(b, 1), kgo.ProducerLinger(0))
		produce(b, client, 1)
	}
}
