package kafka

// LogInside is what a replica lends of its log for the time of a look. What it lends is read anew
// from the disk, or is what the log believes of itself; a check compares the two.
type LogInside interface {
	// EachBatch calls yield with the bytes of each record batch from the one on that holds offset
	// from, in order, until it says no or one cannot be read. They must not be kept.
	EachBatch(from Offset, yield func(batch []byte) bool)
	// EachRecord does so with each record in [from, to); neither key nor value may be kept.
	EachRecord(from, to Offset, yield func(RecordView) bool)
	// Describe fills in what the log believes of itself, in the memory that s has.
	Describe(s *LogState)
}

// LogLookups are the questions that a log answers by its indexes. Both may be asked of the same log
// as LogInside is of.
type LogLookups interface {
	// Read returns the whole batches that a fetch from an offset gets that may have maxBytes and
	// nothing at or above upTo; false when it is refused.
	Read(from Offset, maxBytes int, upTo Offset) ([]byte, bool)
	// Since is the offset and the timestamp of the first record whose timestamp, in milliseconds, is
	// not below the one given; false for none.
	Since(timestamp int64) (at Offset, millis int64, found bool)
}

// LogState is what a log believes of itself.
type LogState struct {
	Segments  []SegmentView  // by offset, the active one last
	Epochs    []EpochStart   // ascending
	Producers []ProducerView // by id
}

// SegmentView is one segment of a log.
type SegmentView struct {
	Base Offset
	Size int64 // in bytes, of whole batches
}

// EpochStart says where a leader epoch begins in a log.
type EpochStart struct {
	Epoch Epoch
	Start Offset
}

// ProducerView is what a log knows of an idempotent producer: its newest batch.
type ProducerView struct {
	ID           int64
	Epoch        int16
	LastSequence int32 // −1 for none
	LastOffset   Offset
}

// RecordView is one record. A tombstone's Value is nil.
type RecordView struct {
	Offset     Offset
	Timestamp  int64 // milliseconds
	Key, Value []byte
	// Sum is over key, value, headers and timestamp.
	Sum uint64
}

// DeleteAnswer is what a broker answers to a DeleteRecords of a partition.
type DeleteAnswer struct {
	Broker BrokerID
	Done   bool // without an error
	// Refused says that nothing was deleted, OutOfRange that this is so because of the offset.
	Refused, OutOfRange bool
	Low                 Offset // the low watermark
}
