package record

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"sandcastle/broker/client"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// produce sends the records of one producer of the scenario, each when it is due, and waits for
// their outcomes.
func (r *Recording) produce(ctx context.Context, cfg *scenarios.Producer) {
	if cfg.Rate.N == 0 || !r.sleepUntil(ctx, cfg.Start) {
		return
	}
	name := "producer-" + cfg.Name
	kc, err := kgo.NewClient(r.common(producerOptions(cfg)...)...)
	if err != nil {
		panic("record: " + err.Error()) // the scenario's settings are checked ones
	}
	records := scenarios.NewRecords(cfg, r.s.Seed)
	at := cfg.Start
	for n := 0; at < cfg.Until && records.More() && r.sleepUntil(ctx, at); n++ {
		r.send(kc, name, cfg, records.Make(), n)
		records.Advance()
		at += cfg.Rate.Every()
	}
	// Nobody waits for ever: what has no outcome by then has none, and is recorded so.
	flush, cancel := context.WithTimeout(context.Background(), adminPatience)
	defer cancel()
	kc.Flush(flush)
	kc.Close()
}

// send sends one record. Its partition is chosen here, as the scenario's clients choose it, so that
// the invocation can name it.
func (r *Recording) send(kc *kgo.Client, name string, cfg *scenarios.Producer, s *client.Send,
	n int,
) {
	partitions := r.partitions(s.Topic)
	switch {
	case s.Partition >= 0:
	case s.Key != nil:
		s.Partition = client.PartitionForKey(s.Key, partitions)
	default:
		s.Partition = int32(n % partitions)
	}
	value := strings.TrimRight(string(s.Value), " ")
	tp := kafka.TopicPartition{Topic: s.Topic, Partition: s.Partition}
	op := r.history.invoke(name, kafka.Op{
		F: kafka.FSend, Acks: cfg.Acks, RecordKey: string(s.Key),
		Value: []kafka.Mop{{F: kafka.FSend, Key: tp, Value: value, Offset: kafka.NoOffset}},
	})
	kc.Produce(context.Background(), &kgo.Record{
		Topic: r.o.Prefix + s.Topic, Partition: s.Partition, Key: s.Key, Value: s.Value,
	}, func(done *kgo.Record, err error) {
		offset := kafka.NoOffset
		if err == nil && cfg.Acks != "0" {
			offset = kafka.Offset(done.Offset)
		}
		op.Value = []kafka.Mop{{F: kafka.FSend, Key: tp, Value: value, Offset: offset}}
		switch {
		case err == nil:
			r.history.complete(name, kafka.OK, op)
		case neverWritten(err):
			op.Error = errorName(err)
			r.history.complete(name, kafka.Fail, op)
		default:
			op.Error = errorName(err)
			r.history.complete(name, kafka.Info, op)
		}
	})
}

// neverWritten is true of errors by which a broker refuses a record for what it is. After any other
// error an earlier attempt may have been written.
func neverWritten(err error) bool {
	for _, refusal := range []error{kgo.ErrMaxBuffered, kerr.MessageTooLarge, kerr.InvalidRecord,
		kerr.InvalidTimestamp, kerr.RecordListTooLarge, kerr.InvalidTopicException} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

func producerOptions(cfg *scenarios.Producer) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(cfg.Linger),
		kgo.ProducerBatchCompression(codec(cfg.Compression)),
	}
	switch cfg.Acks {
	case "0":
		opts = append(opts, kgo.RequiredAcks(kgo.NoAck()))
	case "1":
		opts = append(opts, kgo.RequiredAcks(kgo.LeaderAck()))
	default:
		opts = append(opts, kgo.RequiredAcks(kgo.AllISRAcks()))
	}
	idempotent := cfg.Idempotence != "off" && cfg.Acks != "0" && cfg.Acks != "1"
	if !idempotent {
		opts = append(opts, kgo.DisableIdempotentWrite(),
			kgo.MaxProduceRequestsInflightPerBroker(max(1, cfg.InFlight)))
	}
	if cfg.Batch > 0 {
		opts = append(opts, kgo.ProducerBatchMaxBytes(int32(min(max(cfg.Batch, 1024), 64<<20))))
	}
	if cfg.Timeout > 0 {
		opts = append(opts, kgo.ProduceRequestTimeout(max(cfg.Timeout, 100*time.Millisecond)))
	}
	return append(opts, kgo.RecordDeliveryTimeout(2*time.Minute))
}

func codec(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	default:
		return kgo.NoCompression()
	}
}
