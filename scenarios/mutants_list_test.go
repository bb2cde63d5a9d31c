package scenarios

// mutants are bugs that the checks must catch, by what they are in: the ISR and the high watermark, the
// leader's and the follower's part of replication, the controller, idempotent producers, and the log.
//
// Some checks of epochs are not among them, because no run can tell: a fetch of an older epoch would be
// answered with where the logs part, which its follower ignores by the epoch that it is in now; a LeaderAndIsr of an
// older epoch is stopped by its controller's epoch; and an AlterPartition of an older leader or version by the
// other of the two, or by the order of one connection. Tests of their APIs hold them.
var mutants = []mutant{
	{
		"high watermark: one too high", "broker/replica/isr.go",
		"\t\t\t\thw = f.logEnd\n", "\t\t\t\thw = f.logEnd + 1\n",
	},
	{
		"high watermark: the first follower does not count", "broker/replica/isr.go",
		"if f.logEnd < hw && (", "if f.logEnd < hw && f != p.followers[0] && (",
	},
	{
		"high watermark: nobody counts", "broker/replica/isr.go",
		"if f.logEnd < hw && (", "if f.logEnd < 0 && (",
	},
	{
		"high watermark: rises below min.insync.replicas", "broker/replica/isr.go",
		"if p.role == roleLeader && len(p.isr.committed) >= p.minISR() {", "if p.role == roleLeader {",
	},
	{
		"ISR grows before the epoch's start is reached", "broker/replica/isr.go",
		"f.logEnd < p.epochStart && p.rs.rules.atElection {", "f.logEnd < 0 && p.rs.rules.atElection {",
	},
	{
		"ISR grows before the high watermark is reached", "broker/replica/isr.go",
		"if f.logEnd < p.highWatermark || ", "if ",
	},
	{
		"ISR never shrinks", "broker/replica/isr.go",
		"if len(keep) < len(p.isr.committed) {", "if len(keep) < 0 {",
	},
	{
		"ISR counts before it is written", "broker/replica/isr.go",
		"\tp.isr.pending = isr\n", "\tp.isr.pending, p.isr.committed = isr, isr\n",
	},
	{
		"a fetch counts for what is sent with its answer", "broker/replica/isr.go",
		"f.logEnd, f.lastFetch, f.leaderEndThen = from, out.Wall, leaderEnd",
		"f.logEnd, f.lastFetch, f.leaderEndThen = leaderEnd, out.Wall, leaderEnd",
	},
	{
		"acks=all is acks=1", "broker/replica/api_produce.go",
		"case p.highWatermark < part.required:", "case p.highWatermark < 0:",
	},
	{
		"acks=all is one record early", "broker/replica/api_produce.go",
		"case p.highWatermark < part.required:", "case p.highWatermark < part.required-1:",
	},
	{
		"a follower takes writes", "broker/replica/set.go",
		"\tif p.role != roleLeader {\n\t\treturn nil, wire.NotLeaderOrFollower",
		"\tif p.role == roleNone {\n\t\treturn nil, wire.NotLeaderOrFollower",
	},
	{
		"truncation only at another leader", "broker/replica/fetcher_truncation.go",
		"return truncationRules{namesEpoch: true, fetchEpochs: true, everyEpoch: true, atElection: true}",
		"return truncationRules{namesEpoch: true, fetchEpochs: true, atElection: true}",
	},
	{
		"divergence: an epoch may end a record early", "broker/replica/fetch_target.go",
		"case end.Epoch < kafka.Epoch(last) || end.EndOffset < from:",
		"case end.Epoch < kafka.Epoch(last) || end.EndOffset < from-1:",
	},
	{
		"divergence: the epoch is not compared", "broker/replica/fetch_target.go",
		"case end.Epoch < kafka.Epoch(last) || end.EndOffset < from:", "case end.EndOffset < from:",
	},
	{
		"divergence: the follower cuts to the leader's word alone", "broker/replica/fetcher_truncation.go",
		"\t\tend = min(ours, p.log.LogEnd())\n", "\t\tend = max(end, ours)\n",
	},
	{
		"controller elects from outside the ISR", "broker/controller/partition_state.go",
		"if mayLead(id) && slices.Contains(s.ISR, id) {", "if mayLead(id) {",
	},
	{
		"the last member leaves the ISR", "broker/controller/partition_state.go",
		"if len(s.ISR) > 1 {", "if len(s.ISR) > 0 {",
	},
	{
		"an elected leader has an old epoch", "broker/controller/partition_state.go",
		"\t\t\ts.Leader = id\n\t\t\ts.LeaderEpoch++\n", "\t\t\ts.Leader = id\n",
	},
	{
		"a repeated batch is appended again", "broker/log/producers.go",
		"\tif d := e.duplicate(h); d != nil {\n\t\treturn d, nil", "\tif d := e.duplicate(h); d != nil {\n\t\treturn nil, nil",
	},
	{
		"a batch out of order is appended", "broker/log/producers.go",
		"return nil, e.check(h)", "return nil, nil",
	},
	{
		"producers: snapshots are not read", "broker/log/producers.go",
		"\t\tif ok {\n", "\t\tif ok && at < 0 {\n",
	},
	{
		"producers: truncated batches stay known", "broker/log/truncate.go",
		"\tif err := l.loadProducers(&Recovery{}); err != nil {\n", "\tif err := l.replayProducers(); err != nil {\n",
	},
	{
		"truncation one short", "broker/log/truncate.go",
		"if h.LastOffset() < end {", "if h.LastOffset() <= end {",
	},
	{
		"OffsetForLeaderEpoch: one too high", "broker/log/epoch_cache.go",
		"return c.entries[i-1].epoch, c.entries[i].start", "return c.entries[i-1].epoch, c.entries[i].start + 1",
	},
	{
		"epochs stay when the log is cut", "broker/log/truncate.go",
		"if l.epochs.truncateFrom(l.LogEnd()) {", "if l.epochs.truncateFrom(l.LogEnd()+1<<40) {",
	},
	{
		"offset index: lookup one too far", "broker/log/offset_index.go",
		"return kafka.Offset(x.entries[i].offset) > offset", "return kafka.Offset(x.entries[i].offset) > offset+1",
	},
	{
		"offset index: entries one too low", "broker/log/segment.go",
		"s.offsets.add(h.LastOffset()-s.base, pos)", "s.offsets.add(h.LastOffset()-s.base-1, pos)",
	},
	{
		"time index: the largest timestamp is the first one", "broker/log/segment.go",
		"s.maxTime, s.maxTimeAt = h.MaxTimestamp, h.LastOffset()", "s.maxTime, s.maxTimeAt = s.firstTime, h.LastOffset()",
	},
	{
		"CRC unchecked at recovery", "broker/log/recovery.go",
		"if err := batch.Validate(); err != nil {", "if err := batch.Validate(); err != nil && pos < 0 {",
	},
	{
		"recovery point too high", "broker/replica/checkpoints.go",
		"\tc.write(out, &c.recoveryPoints,\n" +
			"\t\tfunc(p *Partition) kafka.Offset { return p.log.RecoveryPoint() }, nil)",
		"\tc.write(out, &c.recoveryPoints,\n" +
			"\t\tfunc(p *Partition) kafka.Offset { return p.log.LogEnd() }, nil)",
	},
	{
		"log start not written down", "broker/replica/checkpoints.go",
		"if p.log.LogStart() > p.log.FirstBase() {", "if p.log.LogStart() < p.log.FirstBase() {",
	},
	{
		"retention deletes above the high watermark", "broker/log/retention.go",
		"if highWatermark < upper || !old(n, s) {", "if highWatermark < 0 && upper > 0 || !old(n, s) {",
	},
	{
		"reads go one above the high watermark", "broker/log/read.go",
		"if h.LastOffset() >= upTo || end+int64(h.Size()) > limit {",
		"if h.LastOffset() > upTo || end+int64(h.Size()) > limit {",
	},
	{
		"cleaner drops the last value of a key", "broker/log/cleaner.go",
		"r.Offset < c.m.newest(r.Key) {", "r.Offset <= c.m.newest(r.Key) {",
	},
	{
		"cleaner drops tombstones at once", "broker/log/cleaner.go",
		"return r.Value != nil || !set || c.now.Millis() < horizon", "return r.Value != nil || !set && horizon < 0",
	},
	{
		"cleaner keeps tombstones for ever", "broker/log/cleaner.go",
		"return r.Value != nil || !set || c.now.Millis() < horizon", "return r.Value != nil || !set || horizon >= 0",
	},
}
