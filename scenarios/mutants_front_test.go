package scenarios

// frontMutants are in rooms of which the other lists have few: static members, the broker's own APIs,
// fetch sessions, the controller's requests, reassignments and deletions, and the codecs. They were
// written without a look at the checks.
var frontMutants = []mutant{
	{
		"static members: a fenced join is not answered", "broker/group/static_member.go",
		"\tr.answerJoin(g, m, joinError(oldID, wire.FencedInstanceID))\n", "",
	},
	{
		"static members: a leader that is back is not the leader", "broker/group/static_member.go",
		"\tif g.leader == oldID {\n\t\tg.leader = newID\n\t}\n", "",
	},
	{
		"static members: they go when they do not come back in time", "broker/group/rebalance.go",
		"m.join == nil && m.instance == nil {", "m.join == nil {",
	},
	{
		"coordinator: pending ids are not waited for", "broker/group/rebalance.go",
		"g.parkedJoins == len(g.members) && len(g.pending) == 0 {", "g.parkedJoins == len(g.members) {",
	},
	{
		"coordinator: members that do not sync stay", "broker/group/rebalance.go",
		"if m := g.members[i]; m.syncPending {", "if m := g.members[i]; m.syncPending && m.isNew {",
	},
	{
		"coordinator: a join of the leader in a stable group moves nobody", "broker/group/api_join_group.go",
		"case g.state == Stable && g.leader == m.id:", "case g.state == Stable && g.leader == m.id && m.isNew:",
	},
	{
		"coordinator: a sync of an older generation is taken", "broker/group/api_sync_group.go",
		"g.checkGeneration(req.MemberID, req.InstanceID, req.Generation)", "g.checkMember(req.MemberID, req.InstanceID)",
	},
	{
		"coordinator: an assignment that was not stored is given out", "broker/group/api_sync_group.go",
		"\t\t\tif code != wire.None {\n\t\t\t\tcode = storeError(code)\n", "\t\t\tif code > 1000 {\n\t\t\t\tcode = storeError(code)\n",
	},
	{
		"producer ids: a claim does not look at the version", "broker/producer_ids.go",
		"case zookeeper.ErrBadVersion:\n\t\t\t\tids.claim(out)", "case zookeeper.ErrBadVersion:\n\t\t\t\tids.next, ids.last = mine.Start, mine.Last\n\t\t\t\tids.serve(out)",
	},
	{
		"metadata: partitions are listed twice", "broker/metadata_cache.go",
		"if at, found := slices.BinarySearch(t.partitions, tp.Partition); !found {", "if at, found := slices.BinarySearch(t.partitions, tp.Partition); !found || at < 0 || t.id != id {",
	},
	{
		"metadata: the last partition of each topic is left out", "broker/api_metadata.go",
		"\tfor _, n := range t.partitions {\n", "\tfor _, n := range t.partitions[:max(1, len(t.partitions)-1)] {\n",
	},
	{
		"metadata: the epoch of the leader is not told", "broker/api_metadata.go",
		"mp.Partition, mp.Leader, mp.LeaderEpoch = n, int32(pm.leader), int32(pm.epoch)",
		"mp.Partition, mp.Leader, mp.LeaderEpoch = n, int32(pm.leader), -1",
	},
	{
		"coordinators are found with one partition fewer", "broker/api_find_coordinator.go",
		"group.PartitionFor(key, int32(len(t.partitions))),", "group.PartitionFor(key, max(1, int32(len(t.partitions))-1)),",
	},
	{
		"connection: what is queued is lost", "broker/connection.go",
		"\tif !c.working && !c.closed && len(c.queue) > 0 {\n\t\tr.b.work(out, c, c.next())\n", "\tif !c.working && !c.closed && len(c.queue) > 0 {\n\t\tc.next()\n",
	},
	{
		"fetch sessions: a partition that is forgotten stays", "broker/replica/fetch_session.go",
		"\tdelete(x.byKey, t.key())\n", "",
	},
	{
		"fetch sessions: where a partition is read is not moved", "broker/replica/fetch_session.go",
		"old != nil {\n\t\t\t\told.rename(part)", "old != nil {\n\t\t\t\told.touch()",
	},
	{
		"fetch sessions: a follower at the end counts for ever", "broker/replica/fetch_session.go",
		"\t\treturn max(f.lastCaughtUp, f.piggybacks.lastFetch)\n", "\t\treturn max(f.lastCaughtUp, f.piggybacks.lastFetch) + 1<<40\n",
	},
	{
		"throttled followers are throttled in the ISR too", "broker/replica/replication_quota.go",
		"id >= 0 && !p.isr.has(id) &&", "id >= 0 &&",
	},
	{
		"StopReplica: an older one is obeyed", "broker/replica/api_stop_replica.go",
		"kafka.Epoch(ps.LeaderEpoch) < p.leaderEpoch {", "kafka.Epoch(ps.LeaderEpoch) < 0 {",
	},
	{
		"StopReplica: who waits is not answered", "broker/replica/api_stop_replica.go",
		"\tp.failWaiters(out, wire.NotLeaderOrFollower)\n", "",
	},
	{
		"ListOffsets: latest is the log's end", "broker/replica/api_list_offsets.go",
		"\t\tend = p.highWatermark\n", "\t\tend = p.log.LogEnd()\n",
	},
	{
		"ListOffsets: earliest is 0", "broker/replica/api_list_offsets.go",
		"resp.Offset = int64(p.log.LogStart())\n", "resp.Offset = 0\n",
	},
	{
		"reassignment: it is complete with the first new replica", "broker/controller/reassignment.go",
		"\t\tif !slices.Contains(s.ISR, id) {\n\t\t\treturn s, false", "\t\tif !slices.Contains(s.ISR, id) && id == target[0] {\n\t\t\treturn s, false",
	},
	{
		"reassignment: who leaves stays in the ISR", "broker/controller/reassignment.go",
		"return slices.Contains(target, id) })", "return slices.Contains(target, id) || len(target) > 0 })",
	},
	{
		"reassignment: the old replicas are not told to stop", "broker/controller/reassignment.go",
		"\t\trs.batch.addStopReplica(p, id, true)\n", "\t\trs.batch.addStopReplica(p, id, id < 0)\n",
	},
	{
		"reassignment: it ends in the same epoch", "broker/controller/reassignment.go",
		"\ts.LeaderEpoch++\n\ts.ISR = filter", "\ts.ISR = filter",
	},
	{
		"deletion: it is done when one replica is", "broker/controller/topic_deletion.go",
		"case t.deletion.all(deletionSuccessful):", "case t.deletion.any(deletionSuccessful):",
	},
	{
		"deletion: it never goes on when a broker is back", "broker/controller/topic_deletion.go",
		"d != nil {\n\t\t\t\td.halted = false", "d != nil {\n\t\t\t\td.halted = d.halted && true",
	},
	{
		"deletion: the topic's node stays", "broker/controller/topic_deletion.go",
		"znode.PartitionsPath(t.name), znode.TopicPath(t.name),", "znode.PartitionsPath(t.name),",
	},
	{
		"controller: a broker that bounced is not noticed", "broker/controller/broker_changes.go",
		"case known.epoch < b.epoch:", "case known.epoch > b.epoch:",
	},
	{
		"controller: brokers that are back are told nothing of their replicas", "broker/controller/broker_changes.go",
		"(d == nil || d.of(p, id) != deletionSuccessful) {", "d != nil && d.of(p, id) != deletionSuccessful {",
	},
	{
		"controller: it does not resign", "broker/controller/election.go",
		"case e.office.Active() && found.Broker != e.self:", "case e.office.Active() && found.Broker < 0:",
	},
	{
		"AlterPartition: those that do not live may be in the ISR", "broker/controller/alter_partition.go",
		"if !x.serving(id) || ", "if ",
	},
	{
		"AlterPartition: an older version is written", "broker/controller/alter_partition.go",
		"\tcase a.version < a.p.version:\n\t\treturn wire.InvalidUpdateVersion, true\n", "",
	},
	{
		"codecs: the largest timestamp is the last one", "broker/wire/batch_builder.go",
		"\tb.max = max(b.max, timestamp)\n", "\tb.max = timestamp\n",
	},
	{
		"codecs: an empty value is null", "broker/wire/batch_builder.go",
		"\tif field == nil {\n\t\treturn binary", "\tif len(field) == 0 {\n\t\treturn binary",
	},
	{
		"codecs: a placed batch keeps its epoch", "broker/wire/batch.go",
		"\tSetBaseOffset(b.bytes, base)\n\tSetLeaderEpoch(b.bytes, epoch)\n", "\tSetBaseOffset(b.bytes, base)\n",
	},
	{
		"codecs: the CRC of a rewritten batch is the old one", "broker/wire/batch_builder.go",
		"\tputProducer(b, p)\n\tbinary.BigEndian.PutUint32(b[batchCRC:], crc32.Checksum(b[batchAttributes:], castagnoli))\n", "\tputProducer(b, p)\n",
	},
	{
		"producer: keys of a length that 4 does not divide are mixed in another way", "broker/client/partitioner.go",
		"h ^= uint32(data[2]) << 16", "h ^= uint32(data[2]) << 24",
	},
	{
		"producer: a partition may be negative", "broker/client/partitioner.go",
		"(murmur2(key) & 0x7fffffff) % int32(n)", "int32(uint32(murmur2(key)) % uint32(n))",
	},
}
