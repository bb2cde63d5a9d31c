package scenarios

// logMutants are bugs of logs: retention, segments and their indexes, the cleaner, recovery and checkpoints, what
// logs know of producers and epochs, batches on the way into them, and replicas that are deleted.
var logMutants = []mutant{
	{
		"retention.ms: the age is that of the oldest record", "broker/log/retention.go",
		"time.Duration(now.Millis()-s.maxTime)", "time.Duration(now.Millis()-s.firstTime)",
	},
	{
		"retention.ms is never applied", "broker/log/retention.go",
		"\tif l.cfg.RetentionMs < 0 {", "\tif l.cfg.RetentionMs >= 0 {",
	},
	{
		"retention.ms is in seconds", "broker/log/retention.go",
		"now.Millis()-s.maxTime) * time.Millisecond", "now.Millis()-s.maxTime) * time.Second",
	},
	{
		"retention.bytes: one segment too many goes", "broker/log/retention.go",
		"return excess >= 0", "return excess+s.size >= 0",
	},
	{
		"retention.bytes: what went is not counted", "broker/log/retention.go",
		"\t\t\t\texcess -= s.size\n", "\t\t\t\texcess -= min(0, s.size)\n",
	},
	{
		"retention.bytes: nothing goes", "broker/log/retention.go",
		"return excess >= 0", "return excess < 0",
	},
	{
		"retention: segments below the log start stay", "broker/log/retention.go",
		"l.segments[i+1].base <= l.logStart", "l.segments[i+1].base < 0",
	},
	{
		"retention: logs are never looked at", "broker/replica/log_retention.go",
		"\t\tif !p.cfg.CleanupCompact {\n", "\t\tif p.cfg.CleanupCompact {\n",
	},
	{
		"retention.ms is taken for retention.bytes", "broker/replica/log_config.go",
		"RetentionBytes: cfg.RetentionBytes,", "RetentionBytes: cfg.RetentionMs.Milliseconds(),",
	},
	{
		"a follower's log start goes above its high watermark", "broker/replica/log_retention.go",
		"min(leaders, p.highWatermark)", "leaders",
	},
	{
		"a follower ignores the leader's log start", "broker/replica/log_retention.go",
		"min(leaders, p.highWatermark)", "min(0, leaders)",
	},
	{
		"DeleteRecords deletes what is not committed", "broker/replica/api_delete_records.go",
		"\t\tto = p.highWatermark\n", "\t\tto = p.log.LogEnd()\n",
	},
	{
		"DeleteRecords deletes one more", "broker/replica/api_delete_records.go",
		"p.incrementLogStart(out, to, \"records were deleted\")",
		"p.incrementLogStart(out, min(to+1, p.highWatermark), \"records were deleted\")",
	},
	{
		"epochs at the log start: the one that goes on is dropped", "broker/log/epoch_cache.go",
		"\tc.entries = c.entries[n-1:]\n\tc.entries[0].start = start",
		"\tc.entries = c.entries[n-1:]\n\tc.entries[0].start = start + 1",
	},
	{
		"epochs: two begin at one offset", "broker/log/epoch_cache.go",
		"c.entries[n-1].start >= start;", "c.entries[n-1].start > start;",
	},
	{
		"epochs: a lookup takes the next one", "broker/log/epoch_cache.go",
		"return c.entries[i].start > offset })\n\tif i == 0", "return c.entries[i].start >= offset })\n\tif i == 0",
	},
	{
		"epochs: one that a follower gets is not written down", "broker/log/append.go",
		"\tif batch.LeaderEpoch > l.epochs.latest() {", "\tif batch.LeaderEpoch > l.epochs.latest()+1 {",
	},
	{
		"producer snapshots: the epoch is not written", "broker/log/producer_snapshot.go",
		"binary.BigEndian.AppendUint16(b, uint16(e.epoch))", "binary.BigEndian.AppendUint16(b, 0)",
	},
	{
		"producer snapshots: the last sequence is that of the first record", "broker/log/producer_snapshot.go",
		"uint32(last.lastSequence))", "uint32(last.firstSequence()))",
	},
	{
		"producers: batches behind a snapshot are not replayed", "broker/log/producers.go",
		"if h.BaseOffset >= from {", "if h.BaseOffset > l.LogEnd() {",
	},
	{
		"producers: the epoch of the first batch stays", "broker/log/producer_entry.go",
		"e.epoch, e.n = h.ProducerEpoch, 0", "e.n = 0",
	},
	{
		"producers: a follower does not learn them", "broker/log/producers.go",
		"if h.ProducerID < 0 || h.Control() {", "if h.ProducerID < 0 || h.Control() || h.LeaderEpoch > 1 {",
	},
	{
		"producers: a batch may leave numbers out", "broker/log/producer_entry.go",
		"addSequence(last.lastSequence, 1) != h.BaseSequence:", "addSequence(last.lastSequence, 1) > h.BaseSequence:",
	},
	{
		"segments: the batch that comes is not counted", "broker/log/segment.go",
		"return s.size+int64(h.Size()) > cfg.SegmentBytes", "return s.size > cfg.SegmentBytes",
	},
	{
		"segments: segment.ms counts from the newest record", "broker/log/segment.go",
		"age = h.MaxTimestamp - s.firstTime", "age = h.MaxTimestamp - s.maxTime",
	},
	{
		"time index: entries stay when the log is cut", "broker/log/truncate.go",
		"return s.times.truncate(s.end - s.base)", "return s.times.truncate(s.end - s.base + 1<<20)",
	},
	{
		"offset index: entries stay when the log is cut", "broker/log/truncate.go",
		"s.offsets.truncate(pos);", "s.offsets.truncate(pos + 1<<20);",
	},
	{
		"time index: a lookup passes the record by", "broker/log/time_index.go",
		"\treturn kafka.Offset(x.entries[i-1].offset)\n", "\treturn kafka.Offset(x.entries[min(i, len(x.entries)-1)].offset + 1)\n",
	},
	{
		"reads by timestamp want a newer record", "broker/log/read_time.go",
		"if r.Offset >= from && r.Timestamp >= timestamp {", "if r.Offset >= from && r.Timestamp > timestamp {",
	},
	{
		"reads begin behind the batch that ends at the offset", "broker/log/read.go",
		"\t\tif h.LastOffset() >= from {\n\t\t\tbreak", "\t\tif h.LastOffset() > from {\n\t\t\tbreak",
	},
	{
		"reads: the index leads beyond where they have to stop", "broker/log/offset_index.go",
		"return kafka.Offset(e.offset) > offset || int64(e.position) > position",
		"return kafka.Offset(e.offset) > offset+4 || int64(e.position) > position",
	},
	{
		"consumers read up to the log's end", "broker/replica/fetch_target.go",
		"\tupTo = p.highWatermark\n", "\tupTo = p.log.LogEnd()\n",
	},
	{
		"cleaner: the last batch of a producer goes", "broker/log/cleaner.go",
		"!c.l.isLastOfProducer(&batch.BatchHeader) && batch", "batch",
	},
	{
		"cleaner works above the high watermark", "broker/log/cleanable.go",
		"limit := min(upTo, l.ActiveBase())", "limit := max(min(upTo, 0), l.ActiveBase())",
	},
	{
		"cleaner ignores min.compaction.lag.ms", "broker/log/cleanable.go",
		"s.age(now) < l.cfg.MinCompactionLag {", "s.age(now) < 0 {",
	},
	{
		"cleaner: offsets close up", "broker/wire/batch_filter.go",
		"int32(r.Offset-batch.BaseOffset)", "int32(i)",
	},
	{
		"cleaner: a tombstone's horizon is now", "broker/log/cleaner.go",
		"horizon := c.now.Add(c.l.cfg.DeleteRetention).Millis()", "horizon := c.now.Millis()",
	},
	{
		"cleaner: of a key the oldest record stays", "broker/log/offset_map.go",
		"\tslot.next = offset + 1\n", "\tif slot.next == 0 {\n\t\tslot.next = offset + 1\n\t}\n",
	},
	{
		"checkpoints: the log's end for the high watermark", "broker/replica/checkpoints.go",
		"\t\tfunc(p *Partition) kafka.Offset { return p.highWatermark }, nil)",
		"\t\tfunc(p *Partition) kafka.Offset { return p.log.LogEnd() }, nil)",
	},
	{
		"recovery: the high watermark is the log's end", "broker/replica/api_leader_and_isr.go",
		"min(rs.checkpoints.highWatermark(tp), l.LogEnd())", "max(rs.checkpoints.highWatermark(tp), l.LogEnd())",
	},
	{
		"recovery: the log's last batch is dropped", "broker/log/recovery.go",
		"\tfor s.size < whole {\n\t\th, err := l.checkBatch", "\tfor s.size+100 < whole {\n\t\th, err := l.checkBatch",
	},
	{
		"recovery: a log starts at 0", "broker/log/recovery.go",
		"l.logStart = max(at.LogStart, l.segments[0].base)", "l.logStart = at.LogStart",
	},
	{
		"a replica that is taken away keeps its log", "broker/replica/api_stop_replica.go",
		"\tif err := p.log.Delete(); err != nil {", "\tif err := p.log.Delete; err == nil {",
	},
	{
		"what was written down of a deleted log counts for the next", "broker/replica/set.go",
		"\trs.checkpoints.forget(p.tp)\n", "",
	},
	{
		"batches are placed with the epoch before", "broker/log/append.go",
		"batch.Place(l.LogEnd(), epoch)", "batch.Place(l.LogEnd(), max(0, epoch-1))",
	},
	{
		"a follower takes a high watermark at its own end", "broker/replica/partition.go",
		"hw := max(min(leaders, p.log.LogEnd()), p.log.LogStart())", "hw := p.log.LogEnd()",
	},
	{
		"a batch that is recompressed has the time of its first record", "broker/wire/batch_filter.go",
		"\t\tlargest = max(largest, r.Timestamp)\n", "",
	},
}
