package host

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/require"
)

// Sarama speaks the versions of the Kafka that it is told of.
func TestSarama(t *testing.T) {
	t.Parallel()
	for _, version := range []sarama.KafkaVersion{sarama.DefaultVersion, sarama.MaxVersion} {
		t.Run(version.String(), func(t *testing.T) {
			t.Parallel()
			s := saramaAt{version}
			ordinaryWork(t, library{
				codecs:  []string{"none", "gzip", "snappy", "lz4", "zstd"},
				produce: s.produce, spread: s.spread, read: s.read, join: s.join,
			})
		})
	}
}

type saramaAt struct{ version sarama.KafkaVersion }

func (s saramaAt) config() *sarama.Config {
	cfg := sarama.NewConfig()
	cfg.Version = s.version
	cfg.Producer.Return.Successes = true
	cfg.Producer.RequiredAcks = sarama.WaitForAll
	cfg.Consumer.Offsets.Initial = sarama.OffsetOldest
	// Sarama sends commits on the connection of its fetches, where each waits behind a long poll.
	cfg.Consumer.Offsets.AutoCommit.Interval = 100 * time.Millisecond
	cfg.Consumer.MaxWaitTime = 100 * time.Millisecond
	cfg.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	return cfg
}

func (s saramaAt) send(t *testing.T, addrs []string, cfg *sarama.Config, records []keyed) {
	p, err := sarama.NewSyncProducer(addrs, cfg)
	require.NoError(t, err)
	defer p.Close()
	var list []*sarama.ProducerMessage
	for _, r := range records {
		list = append(list, &sarama.ProducerMessage{Topic: "orders", Partition: 1,
			Key: sarama.StringEncoder(r.key), Value: sarama.StringEncoder(r.value)})
	}
	require.NoError(t, p.SendMessages(list))
}

func (s saramaAt) produce(t *testing.T, addrs []string, codec string, records []keyed) {
	cfg := s.config()
	cfg.Producer.Partitioner = sarama.NewManualPartitioner
	require.NoError(t, cfg.Producer.Compression.UnmarshalText([]byte(codec)))
	s.send(t, addrs, cfg, records)
}

func (s saramaAt) spread(t *testing.T, addrs []string, records []keyed) {
	s.send(t, addrs, s.config(), records)
}

func (s saramaAt) read(t *testing.T, addrs []string, n int) (list []keyed) {
	c, err := sarama.NewConsumer(addrs, s.config())
	require.NoError(t, err)
	defer c.Close()
	pc, err := c.ConsumePartition("orders", 1, sarama.OffsetOldest)
	require.NoError(t, err)
	defer pc.Close()
	for len(list) < n {
		select {
		case m := <-pc.Messages():
			list = append(list, keyed{string(m.Key), string(m.Value)})
		case <-time.After(20 * time.Second):
			t.Fatalf("%d of %d records", len(list), n)
		}
	}
	return list
}

func (s saramaAt) join(t *testing.T, addrs []string, group string, received func(string)) func() {
	g, err := sarama.NewConsumerGroup(addrs, group, s.config())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			err := g.Consume(ctx, []string{"orders"}, saramaHandler(received))
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Log("sarama gives up for now:", err) // as its users do, it is asked again
			}
		}
	}()
	return func() {
		cancel()
		<-done
		require.NoError(t, g.Close())
	}
}

type saramaHandler func(string)

func (saramaHandler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (saramaHandler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (h saramaHandler) ConsumeClaim(session sarama.ConsumerGroupSession,
	claim sarama.ConsumerGroupClaim,
) error {
	for {
		select {
		case m, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			h(string(m.Value))
			session.MarkMessage(m, "") // committed now and then, and when the session ends
		case <-session.Context().Done():
			return nil
		}
	}
}
