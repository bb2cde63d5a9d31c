package kafka

// PartitionLog is the sequential specification of one partition: what a correct Kafka promises its
// clients, as if they came one after the other. It is the committed part of the log, the records
// below the high watermark, which is all that clients can ever see.
//
//	offset   0    1    2    ·    4    5
//	       ┌────┬────┬────┬────┬────┬────┐
//	value  │ v1 │ v2 │ v3 │    │ v4 │ v5 │ ◀ Append puts the next record here, and only here
//	       └────┴────┴────┴────┴────┴────┘
//	         ▲ Read(from) gives records from here on: in order, none left out, none changed
//
// What is promised: an acknowledged record has one offset; offsets grow in the order of appending;
// no record below the end ever changes, goes away or moves. What is not: that offsets are dense
// (transaction markers, compaction and aborted records leave gaps), or that a read sees the newest
// record (a reader may lag).
//
// A PartitionLog is a value: Append gives a new log and leaves the old one as it was, so that a
// search can go back. Logs that grew out of each other share their records.
type PartitionLog struct {
	shared *sharedRecords // nil for the empty log
	n      int            // how many of the shared records belong to this log
}

// sharedRecords only grows: what stands below the length of any log that uses it never changes.
type sharedRecords struct {
	records []PolledRecord // Invariant: offsets strictly grow.
}

// NewPartitionLog returns the log that holds records, whose offsets must strictly grow; it panics
// otherwise. It keeps the slice, and the caller must not change it.
func NewPartitionLog(records []PolledRecord) PartitionLog {
	for i := 1; i < len(records); i++ {
		if records[i].Offset <= records[i-1].Offset {
			panic("model: NewPartitionLog with offsets that do not grow")
		}
	}
	return PartitionLog{&sharedRecords{records[:len(records):len(records)]}, len(records)}
}

// Prefix returns the log of the first n records of l.
func (l PartitionLog) Prefix(n int) PartitionLog {
	if n < 0 || n > l.n {
		panic("model: PartitionLog.Prefix out of range")
	}
	return PartitionLog{l.shared, n}
}

// Len is the number of records.
func (l PartitionLog) Len() int { return l.n }

// End is one past the last record's offset, 0 for an empty log.
func (l PartitionLog) End() Offset {
	if l.n == 0 {
		return 0
	}
	return l.shared.records[l.n-1].Offset + 1
}

// Append adds value at the end and returns the new log and the record's offset.
func (l PartitionLog) Append(value string) (PartitionLog, Offset) {
	offset := l.End()
	next, _ := l.AppendAt(offset, value)
	return next, offset
}

// AppendAt adds value at offset, leaving a gap if that is beyond the end. It returns false when the
// offset is below the end: no append can be put there.
func (l PartitionLog) AppendAt(offset Offset, value string) (PartitionLog, bool) {
	if offset < l.End() {
		return l, false
	}
	rec := PolledRecord{offset, value}
	switch {
	case l.shared == nil:
		return PartitionLog{&sharedRecords{[]PolledRecord{rec}}, 1}, true
	case l.n == len(l.shared.records):
		l.shared.records = append(l.shared.records, rec)
	case l.shared.records[l.n] != rec: // another log has grown differently from here
		own := make([]PolledRecord, l.n, l.n+1)
		copy(own, l.shared.records)
		return PartitionLog{&sharedRecords{append(own, rec)}, l.n + 1}, true
	}
	return PartitionLog{l.shared, l.n + 1}, true
}

// Read returns at most most records from offset from on. The caller must not change them.
func (l PartitionLog) Read(from Offset, most int) []PolledRecord {
	i := l.position(from)
	return l.slice(i, min(l.n, i+most))
}

// Gives says whether a read of this log could have returned exactly records: a run of the log's
// records, in order, none left out, none changed.
func (l PartitionLog) Gives(records []PolledRecord) bool {
	if len(records) == 0 {
		return true
	}
	i := l.position(records[0].Offset)
	if l.n-i < len(records) {
		return false
	}
	for j, rec := range l.slice(i, i+len(records)) {
		if rec != records[j] {
			return false
		}
	}
	return true
}

// Equal says whether both logs hold the same records.
func (l PartitionLog) Equal(other PartitionLog) bool {
	if l.n != other.n || l.shared == other.shared {
		return l.n == other.n
	}
	for i, rec := range l.slice(0, l.n) {
		if rec != other.shared.records[i] {
			return false
		}
	}
	return true
}

// position is the index of the first record at or after offset.
func (l PartitionLog) position(offset Offset) int {
	low, high := 0, l.n
	for low < high {
		mid := int(uint(low+high) >> 1)
		if l.shared.records[mid].Offset < offset {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func (l PartitionLog) slice(from, to int) []PolledRecord {
	if from >= to {
		return nil
	}
	return l.shared.records[from:to:to]
}
