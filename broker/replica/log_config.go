package replica

import (
	"time"

	"sandcastle/broker/config"
	"sandcastle/broker/log"
)

// logConfig is what the log of a replica needs of its topic's settings. A compacted topic rolls
// in time for max.compaction.lag.ms, and segment.jitter.ms is drawn once a log (LogConfig.
// maxSegmentMs and randomSegmentJitter, 3.9, which draws it once a segment).
func (rs *Set) logConfig(cfg config.Topic) log.Config {
	segmentMs := cfg.SegmentMs
	if cfg.CleanupCompact {
		segmentMs = min(segmentMs, cfg.MaxCompactionLag)
	}
	if jitter := min(cfg.SegmentJitter, cfg.SegmentMs).Milliseconds(); jitter > 0 {
		segmentMs -= time.Duration(rs.rand.Below(uint64(jitter))) * time.Millisecond
	}
	return log.Config{
		SegmentBytes: cfg.SegmentBytes, SegmentMs: segmentMs,
		IndexIntervalBytes: cfg.IndexIntervalBytes, IndexBytes: int64(cfg.SegmentIndexBytes),
		CleanupDelete: cfg.CleanupDelete, CleanupCompact: cfg.CleanupCompact,
		RetentionMs: cfg.RetentionMs, RetentionBytes: cfg.RetentionBytes,
		MinCleanableDirtyRatio: int(cfg.MinCleanableDirtyRatio), MinCompactionLag: cfg.MinCompactionLag,
		MaxCompactionLag: cfg.MaxCompactionLag, DeleteRetention: cfg.DeleteRetention,
		LogAppendTime: cfg.TimestampType == config.LogAppendTime,
		Compacted:     cfg.MayHaveGaps(),

		ForgetProducersWithLog: rs.cfg.Variants.Producers == config.ProducersKIP98,
	}
}
