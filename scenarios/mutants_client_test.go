package scenarios

// clientMutants are bugs of producers and consumers, of the connections that they use, and of what brokers
// tell them of the cluster.
var clientMutants = []mutant{
	{
		"producer: an acknowledged sequence is not remembered", "broker/client/producer_sequence.go",
		"\tif s.acked < 0 || precedes(s.acked, sequence) {", "\tif s.acked < 0 {",
	},
	{
		"producer: a batch that is sent again gets a new sequence", "broker/client/producer_idempotence.go",
		"\tb.restarted = false\n\tif b.sequenced {", "\tb.restarted = false\n\tif b.sequenced && b.attempts < 2 {",
	},
	{
		"producer: retries overtake", "broker/client/producer_idempotence.go",
		"return len(s.open) > 0 && s.open[0] != first", "return false",
	},
	{
		"producer: a batch that comes back goes to the end", "broker/client/accumulator.go",
		"q.batches = slices.Insert(q.batches, at, b)", "q.batches = append(q.batches[:len(q.batches):len(q.batches)], b)",
	},
	{
		"producer: an error without an answer is taken for certain", "broker/client/producer_sender.go",
		"\t\t\tb.unknown = true\n\t\t\tc.p.onFailure(out, b, failure{code: wire.NetworkException, why: name})",
		"\t\t\tc.p.onFailure(out, b, failure{code: wire.NetworkException, why: name})",
	},
	{
		"producer: what expires in flight is taken for certain", "broker/client/producer_outcome.go",
		"\t\t\tb.unknown = true\n\t\t\tp.giveUp(out, b, wire.RequestTimedOut.String())",
		"\t\t\tp.giveUp(out, b, wire.RequestTimedOut.String())",
	},
	{
		"producer: a leader that does not answer is asked for ever", "broker/client/producer_sender.go",
		"\tc.p.meta.refresh()\n\tfor _, b := range c.batches {\n\t\tswitch name",
		"\tfor _, b := range c.batches {\n\t\tswitch name",
	},
	{
		"producer: stale metadata is not asked anew", "broker/client/producer_outcome.go",
		"\tif staleMetadata(code) {\n", "\tif staleMetadata(code) && code != wire.NotLeaderOrFollower {\n",
	},
	{
		"producer: max.in.flight 1 is not kept", "broker/client/accumulator.go",
		"return p.cfg.MaxInFlight == 1 && len(q.sent) > 0", "return p.cfg.MaxInFlight == 1 && len(q.sent) > 1",
	},
	{
		"producer: the offset of a record is that of its batch", "broker/client/producer_outcome.go",
		"\t\t\toffset += kafka.Offset(i)\n", "\t\t\toffset += kafka.Offset(i / len(b.records))\n",
	},
	{
		"producer: too few replicas after the append count as success", "broker/client/producer_sender.go",
		"\t\tif code := wire.Code(part.ErrorCode); code != wire.None {\n\t\t\tc.p.onRefused",
		"\t\tif code := wire.Code(part.ErrorCode); code != wire.None && code != wire.NotEnoughReplicasAfterAppend {\n\t\t\tc.p.onRefused",
	},
	{
		"producer: keys are hashed without their last bytes", "broker/client/partitioner.go",
		"\t\th = (h ^ uint32(data[0])) * m\n", "\t\th *= m + uint32(len(data)&0)\n\t\th += uint32(len(data))\n\t\th ^= uint32(len(data)) << 3 * uint32(len(data)%2)\n",
	},
	{
		"producer: an epoch is bumped without restarting the sequences", "broker/client/producer_idempotence.go",
		"\t\tq.seq.begin(i.who)\n\t\ti.endDoubt(q)\n\t}\n\tclear", "\t\tq.seq.who = i.who\n\t\ti.endDoubt(q)\n\t}\n\tclear",
	},
	{
		"consumer: a position ends one record early", "broker/client/consumer_deliver.go",
		"p.position = got.records[taken-1].Offset + 1", "p.position = got.records[taken-1].Offset",
	},
	{
		"consumer: a batch of which a part was read is skipped", "broker/client/fetched_partition.go",
		"\t\tif batch.LastOffset() < a.from {", "\t\tif batch.BaseOffset < a.from {",
	},
	{
		"consumer: records below the position are delivered", "broker/client/fetched_partition.go",
		"if r.Offset < a.from || batch.Control() {", "if batch.Control() {",
	},
	{
		"consumer: an answer that has moved on is delivered", "broker/client/consumer_deliver.go",
		"if p.dropped || p.paused || p.state != fetchable || p.position != got.from {",
		"if p.dropped || p.paused || p.state != fetchable {",
	},
	{
		"consumer: what was taken away is delivered", "broker/client/consumer_deliver.go",
		"if p.dropped || p.paused || p.state != fetchable || p.position != got.from {",
		"if p.paused || p.state != fetchable || p.position != got.from {",
	},
	{
		"consumer: a broken fetch is never asked again", "broker/client/consumer_fetch.go",
		"\tfor i := range call.asked {\n\t\tcall.asked[i].p.inFetch = false\n\t}\n\tif err == nil {",
		"\tfor i := range call.asked {\n\t\tcall.asked[i].p.inFetch = err != nil\n\t}\n\tif err == nil {",
	},
	{
		"consumer: out of range resets to the other end", "broker/client/subscription_state.go",
		"\tcase resetEarliest:\n\t\tp.seek(EarliestOffset)", "\tcase resetEarliest:\n\t\tp.seek(LatestOffset)",
	},
	{
		"consumer: a new leader is not asked whether the position holds", "broker/client/consumer_validation.go",
		"if p.epoch >= 0 && known.epoch >= 0 {", "if p.epoch >= 0 && known.epoch < 0 {",
	},
	{
		"consumer: the committed offset is read one too high", "broker/client/consumer_offsets.go",
		"p.state, p.position, p.epoch, p.failures = fetchable, a.offset, a.epoch, 0\n\t\t\tp.committedIn",
		"p.state, p.position, p.epoch, p.failures = fetchable, a.offset+1, a.epoch, 0\n\t\t\tp.committedIn",
	},
	{
		"consumer: an offset fetch that failed means that nothing was committed", "broker/client/consumer_offsets.go",
		"case code != wire.None, !ok, a.code != wire.None:\n\t\t\tp.retryLater",
		"case code != wire.None && ok, a.code != wire.None:\n\t\t\tp.retryLater",
	},
	{
		"consumer: commits what it fetched, not what it delivered", "broker/client/consumer_commit.go",
		"kafka.PartitionOffset{Key: p.tp, Offset: p.position})",
		"kafka.PartitionOffset{Key: p.tp, Offset: max(p.position, p.highWatermark)})",
	},
	{
		"client: older metadata replaces newer", "broker/client/cluster_metadata.go",
		"known.epoch < old[p.Partition].epoch && known.epoch >= 0 {",
		"known.epoch < old[p.Partition].epoch && known.epoch >= 1<<20 {",
	},
	{
		"client: a topic without a leader is not asked about again", "broker/client/cluster_metadata.go",
		"\t\tif t.partitions[i].leader == kafka.NoBroker {", "\t\tif t.partitions[i].leader == kafka.NoBroker && i > 0 {",
	},
	{
		"connection: a request without an answer waits for ever", "broker/wire/link.go",
		"\tcase overdue(l.sent):\n", "\tcase overdue(l.sent) && len(l.queued) > 0:\n",
	},
	{
		"connection: what was queued is forgotten when it breaks", "broker/wire/link.go",
		"\tfor _, c := range queued {\n\t\tc.done(out, nil, ErrNotSent)\n\t}\n\tl.armTimer",
		"\tfor _, c := range queued[:0] {\n\t\tc.done(out, nil, ErrNotSent)\n\t}\n\tl.armTimer",
	},
	{
		"metadata: a deleted topic stays in the answers", "broker/metadata_cache.go",
		"\tif len(t.partitions) == 0 {\n", "\tif len(t.partitions) < 0 {\n",
	},
	{
		"metadata: a dead leader is told", "broker/api_metadata.go",
		"\t\tif !alive {\n\t\t\tmp.Leader, mp.ErrorCode = -1", "\t\tif !alive && pm.leader < 0 {\n\t\t\tmp.Leader, mp.ErrorCode = -1",
	},
	{
		"metadata: the broker keeps who once lived", "broker/metadata_cache.go",
		"\tm.brokers = m.brokers[:0]\n\tfor i := range req.LiveBrokers {",
		"\tfor i := range req.LiveBrokers {\n\t\tif _, ok := m.broker(kafka.BrokerID(req.LiveBrokers[i].ID)); ok {\n\t\t\tcontinue\n\t\t}",
	},
	{
		"producer ids: a block is used twice", "broker/producer_ids.go",
		"Start: before.Last + 1, Last: before.Last + producerIDBlock,",
		"Start: max(before.Last+1-producerIDBlock, 0), Last: before.Last + producerIDBlock,",
	},
}
