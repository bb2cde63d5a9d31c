package replica

import (
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// inside is a partition as white-box checks look into it. What they read costs the broker nothing.
type inside Partition

var (
	_ kafka.LogInside  = (*inside)(nil)
	_ kafka.LogLookups = (*inside)(nil)
)

// EachBatch implements kafka.LogInside.
func (x *inside) EachBatch(from kafka.Offset, yield func(batch []byte) bool) {
	p := (*Partition)(x)
	defer p.skipScanned(p.log.Scanned())
	p.log.EachBatch(from, yield)
}

// EachRecord implements kafka.LogInside.
func (x *inside) EachRecord(from, to kafka.Offset, yield func(kafka.RecordView) bool) {
	p := (*Partition)(x)
	defer p.skipScanned(p.log.Scanned())
	p.log.EachRecord(from, to, func(r *wire.Record) bool {
		sum := model.SumUint(model.SumUint(model.Sum64(1, r.Key), uint64(r.Timestamp)),
			uint64(len(r.Headers)))
		if r.Value != nil {
			sum = model.Sum64(sum, r.Value)
		}
		for _, h := range r.Headers {
			sum = model.Sum64(model.SumString(sum, h.Key), h.Value)
		}
		return yield(kafka.RecordView{
			Offset: r.Offset, Timestamp: r.Timestamp, Key: r.Key, Value: r.Value, Sum: sum,
		})
	})
}

// Describe implements kafka.LogInside.
func (x *inside) Describe(s *kafka.LogState) { x.log.Describe(s) }

// Read implements kafka.LogLookups.
func (x *inside) Read(from kafka.Offset, maxBytes int, upTo kafka.Offset) ([]byte, bool) {
	p := (*Partition)(x)
	defer p.skipScanned(p.log.Scanned())
	b, err := p.log.Read(from, maxBytes, upTo, true)
	return b, err == nil
}

// Since implements kafka.LogLookups.
func (x *inside) Since(timestamp int64) (kafka.Offset, int64, bool) {
	p := (*Partition)(x)
	defer p.skipScanned(p.log.Scanned())
	at, millis, found, err := p.log.OffsetForTimestamp(timestamp)
	return at, millis, found && err == nil
}
