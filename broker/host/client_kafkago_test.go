package host

import (
	"context"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
)

func TestKafkaGo(t *testing.T) {
	t.Parallel()
	ordinaryWork(t, library{
		codecs:  []string{"none", "gzip", "snappy", "lz4", "zstd"},
		produce: kafkaGoProduce, spread: kafkaGoSpread, read: kafkaGoRead, join: kafkaGoJoin,
	})
}

func kafkaGoSend(t *testing.T, addrs []string, codec string, balancer kafka.Balancer,
	records []keyed,
) {
	w := &kafka.Writer{Addr: kafka.TCP(addrs...), Topic: "orders", Balancer: balancer,
		RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond}
	require.NoError(t, w.Compression.UnmarshalText([]byte(codec)))
	var list []kafka.Message
	for _, r := range records {
		list = append(list, kafka.Message{Key: []byte(r.key), Value: []byte(r.value)})
	}
	require.NoError(t, w.WriteMessages(t.Context(), list...))
	require.NoError(t, w.Close())
}

func kafkaGoProduce(t *testing.T, addrs []string, codec string, records []keyed) {
	second := kafka.BalancerFunc(func(kafka.Message, ...int) int { return 1 })
	kafkaGoSend(t, addrs, codec, second, records)
}

func kafkaGoSpread(t *testing.T, addrs []string, records []keyed) {
	kafkaGoSend(t, addrs, "none", &kafka.Hash{}, records)
}

func kafkaGoRead(t *testing.T, addrs []string, n int) (list []keyed) {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: addrs, Topic: "orders", Partition: 1,
		MaxWait: 100 * time.Millisecond})
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(list) < n {
		m, err := r.ReadMessage(ctx)
		require.NoError(t, err)
		list = append(list, keyed{string(m.Key), string(m.Value)})
	}
	return list
}

func kafkaGoJoin(t *testing.T, addrs []string, group string, received func(string)) func() {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: addrs, Topic: "orders", GroupID: group,
		MaxWait: 100 * time.Millisecond, HeartbeatInterval: 200 * time.Millisecond,
		StartOffset: kafka.FirstOffset})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			m, err := r.FetchMessage(ctx)
			if err != nil {
				return
			}
			received(string(m.Value))
			if r.CommitMessages(ctx, m) != nil {
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
		require.NoError(t, r.Close())
	}
}
