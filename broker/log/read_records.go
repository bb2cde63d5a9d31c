package log

import (
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// EachRecord calls yield with the records from offset from on that lie below to, oldest first,
// until yield says no. It passes over gaps and over batches that compaction has emptied. A damaged
// batch is passed over too, and one whose length is damaged ends the walk: what was not read for
// that is returned. yield must not keep the record.
func (l *Log) EachRecord(from, to kafka.Offset, yield func(r *wire.Record) bool) Unread {
	const chunk = 1 << 20
	var record wire.Record // one for all of them
	var unread Unread
	for from < to {
		data, err := l.Read(from, chunk, l.LogEnd(), true)
		if err != nil {
			unread.add(from, to, err)
			return unread
		}
		if len(data) == 0 {
			return unread
		}
		for batch, err := range wire.Batches(data) {
			if err != nil {
				unread.add(from, to, err)
				return unread
			}
			next := max(from, batch.LastOffset()+1)
			if err := batch.Validate(); err != nil {
				unread.add(from, next, err)
				from = next
				continue
			}
			for r, err := range batch.Records() {
				record = r
				if err != nil {
					unread.add(max(from, batch.BaseOffset), next, err)
					break
				}
				if r.Offset >= to || r.Offset >= from && !yield(&record) {
					return unread
				}
			}
			from = next
		}
	}
	return unread
}

// Unread is what was passed over because it is damaged; zero when nothing was.
type Unread struct {
	Batches    int64
	First, End kafka.Offset // of the first of them, and one past the last
	Reason     string       // of the first
}

func (u *Unread) add(from, to kafka.Offset, why error) {
	if u.Batches == 0 {
		u.First, u.Reason = from, why.Error()
	}
	u.Batches++
	u.End = to
}
