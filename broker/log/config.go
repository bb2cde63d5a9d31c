package log

import (
	"time"

	"sandcastle/model/kafka"
)

// Config is what a topic sets of its logs, under Kafka's names. SegmentMs has what the broker drew
// of segment.jitter.ms taken off already.
type Config struct {
	SegmentBytes       int64
	SegmentMs          time.Duration
	IndexIntervalBytes int32
	// IndexBytes is segment.index.bytes: a segment ends when one of its indexes is full. 0 is 10
	// MiB.
	IndexBytes int64
	// CleanupDelete and CleanupCompact are cleanup.policy. Without CleanupDelete only what lies
	// below the log start goes.
	CleanupDelete, CleanupCompact bool
	RetentionMs                   time.Duration // negative: for ever
	RetentionBytes                int64         // negative: without bound
	// MinCleanableDirtyRatio is of the bytes of a log, in parts of LoadUnit.
	MinCleanableDirtyRatio             int
	MinCompactionLag, MaxCompactionLag time.Duration
	DeleteRetention                    time.Duration // of tombstones
	// LogAppendTime is message.timestamp.type: the leader's clock instead of the producer's.
	LogAppendTime bool
	// Compacted says that offsets may be missing between batches, as the log cleaner leaves them. A
	// log that met a gap which has to be one sets it by itself. Elsewhere a gap is damage to a
	// recovery.
	Compacted bool
	// ForgetProducersWithLog is how it was before KIP-360 (2.5): a producer whose records lie below
	// the log start is forgotten, and gets UNKNOWN_PRODUCER_ID when it goes on.
	ForgetProducersWithLog bool
}

// SetConfig changes what the topic sets, from now on. A log that may have gaps may go on having
// them.
func (l *Log) SetConfig(cfg Config) {
	cfg.Compacted = cfg.Compacted || l.cfg.Compacted
	l.cfg = cfg
}

// indexBytes is how long an index may grow.
func (c *Config) indexBytes() int64 {
	if c.IndexBytes == 0 {
		return 10 << 20
	}
	return c.IndexBytes
}

// Checkpoint is what the broker's checkpoint files say of one log.
type Checkpoint struct {
	// RecoveryPoint is the offset below which everything was flushed, CleanShutdown if all was.
	RecoveryPoint kafka.Offset
	// LogStart is the log start offset as it was last written down.
	LogStart kafka.Offset
	// Flushed is the recovery point as it was last written down, where RecoveryPoint is
	// CleanShutdown.
	Flushed kafka.Offset
	// HighWatermark is the high watermark as it was last written down.
	HighWatermark kafka.Offset
}

// flushed is the recovery point that was written down.
func (c *Checkpoint) flushed() kafka.Offset {
	if c.RecoveryPoint == CleanShutdown {
		return c.Flushed
	}
	return c.RecoveryPoint
}
