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
	message string // for people; a client is told it where records are to blame
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
	// compressor is memory for what is compressed anew.
	compressor *wire.Compressor
}

// requested is the batch in a producer's records when a request of its version may carry it so; nil
// for records of which an old client sends none (ProduceRequest.validateRecords, 3.9).
func requested(version int16, records []byte) ([]byte, *refusal) {
	batch, err := wire.SoleBatch(records)
	switch {
	case err != nil:
		return nil, refuse(err)
	case version < batchesSince:
		return batch, nil
	case batch == nil:
		return nil, &refusal{code: wire.InvalidRecord, message: "no whole record batch"}
	case version < zstdSince && wire.CodecOf(batch) == wire.Zstd:
		return nil, &refusal{code: wire.UnsupportedCompressionType,
			message: fmt.Sprintf("zstd in Produce v%d", version)}
	default:
		return batch, nil
	}
}

// produced checks a producer's batch, which requested has let pass, as a leader does before it
// gives it offsets, and returns the batch that is to be appended: the same with its header put
// right, or its records under the topic's codec (UnifiedLog.analyzeAndValidateRecords and
// LogValidator, 3.9). A nil refusal says that it is well.
func (v validation) produced(out *model.Effects, records []byte) (wire.Batch, *refusal) {
	batch, err := wire.ParseProduced(records, v.cfg.MaxMessageBytes)
	if err != nil {
		return wire.Batch{}, refuse(err)
	}
	learned, err := batch.ValidateProduced()
	*v.opened += batch.Opened()
	if err != nil {
		return wire.Batch{}, refuse(err)
	}
	if r := v.each(out.Wall, &batch); r != nil {
		return wire.Batch{}, r
	}
	target := v.targetCodec(batch.Codec())
	if !learned.Numbered {
		if target != wire.Uncompressed && target == batch.Codec() {
			return wire.Batch{}, &refusal{code: wire.InvalidRecord,
				message: "the records of a compressed batch are not numbered 0, 1, 2 and so on"}
		}
		if target != batch.Codec() { // it is written anew
			if batch, err = batch.Renumber(); err != nil {
				return wire.Batch{}, refuse(err)
			}
		}
	}
	if v.cfg.TimestampType == config.CreateTime {
		batch.SetCreateTime(learned.MaxTimestamp)
	}
	return v.stored(out, target, batch)
}

// refuse is the refusal that goes with a fault of a batch.
func refuse(err error) *refusal { return &refusal{code: batchCode(err), message: err.Error()} }

func (v validation) tooLarge(size int) *refusal {
	return &refusal{code: wire.MessageTooLarge, message: fmt.Sprintf(
		"a batch of %d bytes, max.message.bytes is %d", size, v.cfg.MaxMessageBytes)}
}

// targetCodec is the codec under which the topic stores what a producer has compressed with sent.
func (v validation) targetCodec(sent wire.Codec) wire.Codec {
	switch name := v.cfg.CompressionType; name {
	case config.CompressionProducer:
		return sent
	case config.Uncompressed:
		return wire.Uncompressed
	default:
		target, _ := wire.ParseCodec(name)
		return target
	}
}

// stored is the batch under the codec target, which may make it too large.
func (v validation) stored(out *model.Effects, target wire.Codec, batch wire.Batch,
) (wire.Batch, *refusal) {
	if target != batch.Codec() {
		again, cost, err := batch.Recompress(target, v.compressor)
		out.Work += cost
		if err != nil {
			return wire.Batch{}, refuse(err)
		}
		batch = again
	}
	if batch.Size() > int(v.cfg.MaxMessageBytes) {
		return wire.Batch{}, v.tooLarge(batch.Size())
	}
	return batch, nil
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
			return refuse(err)
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

// fill puts into the answer which records are to blame, for which it has room since v8. Of a batch
// that is wrong as a whole the code says all, as in Kafka.
func (r *refusal) fill(resp *kmsg.ProduceResponseTopicPartition) {
	if len(r.records) > 0 {
		resp.ErrorMessage, resp.ErrorRecords = &r.message, r.records
	}
}
