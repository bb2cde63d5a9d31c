package host

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestFranzGo(t *testing.T) {
	t.Parallel()
	ordinaryWork(t, library{
		codecs:  []string{"none", "gzip", "snappy", "lz4", "zstd"},
		produce: franzProduce, spread: franzSpread, read: franzRead, join: franzJoin,
	})
}

func franzCodec(name string) kgo.CompressionCodec {
	return map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}[name]
}

func franzSend(t *testing.T, addrs []string, records []keyed, opts ...kgo.Opt) {
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(addrs...),
		kgo.DefaultProduceTopic("orders"))...)
	require.NoError(t, err)
	defer client.Close()
	var list []*kgo.Record
	for _, r := range records {
		list = append(list, &kgo.Record{Partition: 1, Key: []byte(r.key), Value: []byte(r.value)})
	}
	require.NoError(t, client.ProduceSync(context.Background(), list...).FirstErr())
}

func franzProduce(t *testing.T, addrs []string, codec string, records []keyed) {
	franzSend(t, addrs, records, kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(franzCodec(codec)))
}

func franzSpread(t *testing.T, addrs []string, records []keyed) { franzSend(t, addrs, records) }

func franzRead(t *testing.T, addrs []string, n int) (list []keyed) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"orders": {1: kgo.NewOffset().AtStart()}}))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(list) < n {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			list = append(list, keyed{string(r.Key), string(r.Value)})
		})
	}
	return list
}

func franzJoin(t *testing.T, addrs []string, group string, received func(string)) (leave func()) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.ConsumeTopics("orders"),
		kgo.ConsumerGroup(group), kgo.DisableAutoCommit(), kgo.HeartbeatInterval(200*time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		for {
			fetches := client.PollFetches(ctx)
			if ctx.Err() != nil {
				done <- nil
				return
			}
			fetches.EachRecord(func(r *kgo.Record) { received(string(r.Value)) })
			if err := client.CommitUncommittedOffsets(ctx); err != nil && !errors.Is(err, ctx.Err()) {
				done <- err
				return
			}
		}
	}()
	return func() {
		cancel()
		require.NoError(t, <-done)
		client.Close()
	}
}
