package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The log holds record batches alone. This file is what becomes of them and of the message sets of
// old clients where the two meet (KIP-98 kept the old formats served; Kafka 4.0 dropped them,
// KIP-724).

const (
	// batchesSince is the first version of Produce that carries record batches.
	batchesSince = 3
	// Fetch v0 and v1 carry messages of magic 0, v2 and v3 of magic 1, then record batches.
	magic1FetchSince  = 2
	batchesFetchSince = 4
	// zstdFetchSince is the first version of Fetch whose clients know zstd (KIP-110).
	zstdFetchSince = 10
)

// messageSet does for a message set what produced does for a batch: it makes one record batch of
// it, compressed as the set was, and holds it to the same rules
// (LogValidator.convertAndAssignOffsetsNonCompressed,
// 3.9).
func (v validation) messageSet(out *model.Effects, set []byte,
) (wire.Batch, *refusal) {
	c, err := wire.ConvertUp(set)
	out.Work += c.Cost
	*v.opened += c.Opened
	switch {
	case err != nil:
		return wire.Batch{}, refuse(err)
	case c.Largest > int(v.cfg.MaxMessageBytes):
		return wire.Batch{}, v.tooLarge(c.Largest)
	case c.Empty:
		return wire.Batch{}, nil
	case c.LogAppendTime && v.cfg.TimestampType != config.CreateTime:
		return wire.Batch{}, &refusal{code: wire.InvalidTimestamp,
			message: "a producer cannot set the timestamp type LogAppendTime"}
	}
	if r := v.each(out.Wall, &c.Batch); r != nil {
		return wire.Batch{}, r
	}
	return v.stored(out, v.targetCodec(c.Codec), c.Batch)
}

// forOldClient makes of an answer what the client's version of Fetch knows (KafkaApis.
// maybeConvertFetchedData, 3.9).
func (d *delayedFetch) forOldClient(t *fetchTarget, part *kmsg.FetchResponseTopicPartition) {
	version := d.version
	if version >= zstdFetchSince || t.p == nil || part.ErrorCode != 0 {
		return
	}
	if t.p.cfg.CompressionType == wire.Zstd.String() {
		part.ErrorCode, part.RecordBatches = int16(wire.UnsupportedCompressionType), []byte{}
		return
	}
	if version >= batchesFetchSince || len(part.RecordBatches) == 0 {
		return
	}
	magic := int8(0)
	if version >= magic1FetchSince {
		magic = 1
	}
	set, cost, err := wire.ConvertDown(part.RecordBatches, magic, kafka.Offset(t.FetchOffset))
	d.cost += cost
	if err != nil {
		part.ErrorCode, set = int16(batchCode(err)), []byte{}
	}
	part.RecordBatches = set
}
