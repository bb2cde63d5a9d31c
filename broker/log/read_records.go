package log

import (
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// EachRecord calls yield with the records from offset from on that lie below to, oldest first,
// until yield says no. It passes over gaps and over batches that compaction has emptied, and ends
// before what cannot be read. yield must not keep the record.
func (l *Log) EachRecord(from, to kafka.Offset, yield func(r *wire.Record) bool) {
	const chunk = 1 << 20
	var record wire.Record // one for all of them
	for from < to {
		data, err := l.Read(from, chunk, l.LogEnd(), true)
		if err != nil || len(data) == 0 {
			return
		}
		for batch, err := range wire.Batches(data) {
			if err != nil {
				return
			}
			for r, err := range batch.Records() {
				record = r
				if err != nil || r.Offset >= to || r.Offset >= from && !yield(&record) {
					return
				}
			}
			from = max(from, batch.LastOffset()+1)
		}
	}
}
