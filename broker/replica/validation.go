package replica

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// refusal is why a producer's batch is not appended, with the records that are to blame (KIP-467).
type refusal struct {
	code    wire.Code
	message string
	records []kmsg.ProduceResponseTopicPartitionErrorRecord
}

// maxRecordErrors bounds how many records a refusal names. Kafka names all of them.
const maxRecordErrors = 100

// zstdSince is the first version of Produce whose clients know zstd (KIP-110).
const zstdSince = 7

// validation is what a topic's settings ask of records.
type validation struct {
	cfg *config.Topic
	// opened counts the bytes that were decompressed to look at them.
	opened *int
}

// produced checks records as a leader does before it gives them offsets, and returns the
// batch that is to be appended: the same, or its records under the topic's codec (LogValidator,
// 3.9); one without bytes for a message set without messages. A nil refusal says that it is well.
func (v validation) produced(out *model.Effects, version int16,
	records []byte,
) (wire.Batch, *refusal) {
	if version < batchesSince && wire.IsMessageSet(records) {
		return v.messageSet(out, records)
	}
	if len(records) > int(v.cfg.MaxMessageBytes) {
		return wire.Batch{}, v.tooLarge(len(records))
	}
	batch, err := wire.ParseProduced(records)
	*v.opened += batch.Opened()
	switch {
	case err != nil:
		return wire.Batch{}, &refusal{code: batchCode(err), message: err.Error()}
	case batch.Codec() == wire.Zstd && version < zstdSince:
		return wire.Batch{}, &refusal{code: wire.UnsupportedCompressionType,
			message: fmt.Sprintf("zstd in Produce v%d", version)}
	case batch.ProducerID >= 0 && batch.BaseSequence < 0:
		return wire.Batch{}, &refusal{code: wire.InvalidRecord,
			message: fmt.Sprintf("sequence number %d of an idempotent producer", batch.BaseSequence)}
	}
	if r := v.each(out.Now, &batch); r != nil {
		return wire.Batch{}, r
	}
	return v.underTopicCodec(out, batch.Codec(), batch)
}

func (v validation) tooLarge(size int) *refusal {
	return &refusal{code: wire.MessageTooLarge, message: fmt.Sprintf(
		"a batch of %d bytes, max.message.bytes is %d", size, v.cfg.MaxMessageBytes)}
}

// underTopicCodec recompresses a batch when compression.type names another codec than its own, or
// has no say and the producer's was another.
func (v validation) underTopicCodec(out *model.Effects, target wire.Codec, batch wire.Batch,
) (wire.Batch, *refusal) {
	switch name := v.cfg.CompressionType; name {
	case config.CompressionProducer:
	case config.Uncompressed:
		target = wire.Uncompressed
	default:
		target, _ = wire.ParseCodec(name)
	}
	if target == batch.Codec() {
		return batch, nil
	}
	again, cost, err := batch.Recompress(target)
	out.Work += cost
	switch {
	case err != nil:
		return wire.Batch{}, &refusal{code: batchCode(err), message: err.Error()}
	case again.Size() > int(v.cfg.MaxMessageBytes):
		return wire.Batch{}, v.tooLarge(again.Size())
	}
	return again, nil
}

// each looks at every record, where the topic's settings ask for that: a compacted topic
// needs keys, and timestamps may be bounded.
func (v validation) each(now model.Time, batch *wire.Batch) *refusal {
	before, after := v.cfg.TimestampBounds()
	createTimes := v.cfg.TimestampType == config.CreateTime
	bounded := before < config.Forever || after < config.Forever
	timed := batch.LogAppendTime() || createTimes && bounded
	if !v.cfg.CleanupCompact && !timed {
		return nil
	}
	var r refusal
	index := int32(-1)
	for rec, err := range batch.Records() {
		if err != nil {
			return &refusal{code: batchCode(err), message: err.Error()}
		}
		index++
		switch {
		case v.cfg.CleanupCompact && rec.Key == nil:
			r.add(index, wire.InvalidRecord, "a compacted topic takes no record without a key")
		case batch.LogAppendTime() && (!createTimes || rec.Timestamp == noTimestamp):
			r.add(index, wire.InvalidTimestamp, "a producer cannot set the timestamp type LogAppendTime")
		case createTimes && rec.Timestamp != noTimestamp &&
			!within(now.Millis(), rec.Timestamp, before, after):
			r.add(index, wire.InvalidTimestamp, fmt.Sprintf("the timestamp %d is out of range at %d",
				rec.Timestamp, now.Millis()))
		}
	}
	if r.code == wire.None {
		return nil
	}
	return &r
}

// noTimestamp is the timestamp of a record that has none.
const noTimestamp = -1

// within tells whether a timestamp lies at most before earlier and at most after later than now,
// all in milliseconds. Differences that do not fit are out of range.
func within(now, timestamp int64, before, after time.Duration) bool {
	if timestamp < now {
		return before == config.Forever || now-timestamp >= 0 && now-timestamp <= before.Milliseconds()
	}
	return after == config.Forever || timestamp-now >= 0 && timestamp-now <= after.Milliseconds()
}

// add blames a record. A wrong timestamp outweighs everything else (LogValidator.
// processRecordErrors, 3.9).
func (r *refusal) add(index int32, code wire.Code, why string) {
	if r.code == wire.None || code == wire.InvalidTimestamp {
		r.code = code
		r.message = "one or more records were refused: " + why
	}
	if len(r.records) < maxRecordErrors {
		e := kmsg.NewProduceResponseTopicPartitionErrorRecord()
		e.RelativeOffset, e.ErrorMessage = index, &why
		r.records = append(r.records, e)
	}
}

// fill puts a refusal into the answer, which since v8 has room for its reasons.
func (r *refusal) fill(resp *kmsg.ProduceResponseTopicPartition) {
	resp.ErrorMessage, resp.ErrorRecords = &r.message, r.records
}
