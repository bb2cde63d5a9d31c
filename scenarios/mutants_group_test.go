package scenarios

// groupMutants are bugs in groups: the coordinator, static members, committed offsets and their
// expiry, the consumer's side of the protocol, and the assignors.
var groupMutants = []mutant{
	{
		"coordinator: commits of an older generation are taken", "broker/group/member.go",
		"\tif generation != g.generation {\n", "\tif generation > g.generation {\n",
	},
	{
		"coordinator: commits of strangers are taken", "broker/group/offsets.go",
		"\tif code := g.checkGeneration(memberID, instance, generation); code != wire.None {\n\t\treturn code\n\t}\n\tif g.state == CompletingRebalance {",
		"\tif g.state == CompletingRebalance {",
	},
	{
		"coordinator: the last commit wins only at load", "broker/group/record.go",
		"g.offsets[tp].seq < seq && g.dropped[tp] < seq {\n\t\tg.offsets[tp] = at",
		"g.offsets[tp].seq == 0 && g.dropped[tp] < seq {\n\t\tg.offsets[tp] = at",
	},
	{
		"coordinator: a commit is answered before the log has it", "broker/group/api_offset_commit.go",
		"\tc.store.append(out, g, records, func(out *model.Effects, code wire.Code) {\n",
		"\tc.outbox.answer(reply, response(req, wire.None, refused))\n\treply = func(*model.Effects, kmsg.Response) {}\n\tc.store.append(out, g, records, func(out *model.Effects, code wire.Code) {\n",
	},
	{
		"coordinator: the leader epoch of a commit is forgotten at load", "broker/group/record.go",
		"\tif value.Version >= 3 {\n", "\tif value.Version > 3 {\n",
	},
	{
		"coordinator: offsets are stored under the wrong partition", "broker/group/record.go",
		"\ttp := kafka.TopicPartition{Topic: key.Topic, Partition: key.Partition}\n\tif r.Value == nil {",
		"\ttp := kafka.TopicPartition{Topic: key.Topic}\n\tif r.Value == nil {",
	},
	{
		"coordinator: a failed commit counts", "broker/group/store.go",
		"if code == wire.None && g.state != Dead {\n\t\t\t\tfor _, r := range records {",
		"if g.state != Dead {\n\t\t\t\tfor _, r := range records {",
	},
	{
		"coordinator: the generation does not grow", "broker/group/rebalance.go",
		"\tg.generation++\n", "\tg.generation = max(g.generation, 1)\n",
	},
	{
		"coordinator: a loaded group begins at generation 0", "broker/group/partition.go",
		"\tg.generation, g.protocolType, g.protocol = s.Generation, s.ProtocolType, s.Protocol\n",
		"\tg.protocolType, g.protocol = s.ProtocolType, s.Protocol\n",
	},
	{
		"coordinator: loaded members have no session", "broker/group/partition.go",
		"\t\t\tg.add(m, s.ProtocolType)\n\t\t\tm.touch(now)\n", "\t\t\tg.add(m, s.ProtocolType)\n\t\t\tm.deadline = model.Never\n",
	},
	{
		"coordinator: sessions are not renewed by heartbeats", "broker/group/api_heartbeat.go",
		"\tc.rebalancer.keepAlive(out, g, g.byID[req.MemberID])\n", "",
	},
	{
		"coordinator: sessions end at half their time", "broker/group/member.go",
		"m.deadline = now.Add(m.session)", "m.deadline = now.Add(m.session / 2)",
	},
	{
		"coordinator: nobody's session ends", "broker/group/timer.go",
		"if g.byID[m.id] == m && m.expiresAt() <= out.Now {", "if g.byID[m.id] == m && m.expiresAt() < 0 {",
	},
	{
		"coordinator: a heartbeat does not tell of the rebalance", "broker/group/api_heartbeat.go",
		"\tif g.state == PreparingRebalance {\n", "\tif g.state == CompletingRebalance {\n",
	},
	{
		"coordinator: rebalances do not wait", "broker/group/rebalance.go",
		"g.joinDeadline = out.Now.Add(g.rebalanceTimeout())\n\t\tr.maybeCompleteJoin",
		"g.joinDeadline = out.Now.Add(time.Second)\n\t\tr.maybeCompleteJoin",
	},
	{
		"coordinator: who leaves stays", "broker/group/api_leave_group.go",
		"\tc.rebalancer.removeMember(out, g, g.byID[id], kafka.ReasonLeft, why)\n", "",
	},
	{
		"coordinator: who leaves moves nobody", "broker/group/rebalance.go",
		"\tcase Stable, CompletingRebalance:\n\t\tr.prepareRebalance(out, g, \"member \"",
		"\tcase CompletingRebalance:\n\t\tr.prepareRebalance(out, g, \"member \"",
	},
	{
		"coordinator: members are told the assignment of the leader", "broker/group/api_sync_group.go",
		"\tresp.MemberAssignment = m.assignment\n", "\tresp.MemberAssignment = g.byID[g.leader].assignment\n",
	},
	{
		"coordinator: assignments of a repeated generation stay", "broker/group/api_sync_group.go",
		"if g.state != CompletingRebalance || g.generation != generation {", "if g.state != CompletingRebalance {",
	},
	{
		"coordinator: the leader is not told of who joined last", "broker/group/api_join_group.go",
		"\tresp.Members = make([]kmsg.JoinGroupResponseMember, len(g.members))\n\tfor i, other := range g.members {",
		"\tresp.Members = make([]kmsg.JoinGroupResponseMember, max(1, len(g.members)-1))\n\tfor i, other := range g.members[:len(resp.Members)] {",
	},
	{
		"coordinator: everybody leads", "broker/group/api_join_group.go",
		"resp.LeaderID, resp.MemberID = g.leader, m.id\n\tif g.leader != m.id {",
		"resp.LeaderID, resp.MemberID = m.id, m.id\n\tif m.id == \"\" {",
	},
	{
		"static members: the old one is not fenced", "broker/group/member.go",
		"\t\tcase m.id != memberID:\n\t\t\treturn wire.FencedInstanceID\n", "",
	},
	{
		"static members: the old id stays a member", "broker/group/static_member.go",
		"\tdelete(g.byID, oldID)\n", "",
	},
	{
		"static members: the new id is not stored", "broker/group/static_member.go",
		"\tcase g.state != Stable || *g.protocol != g.selectProtocol():\n",
		"\tcase g.state == Stable:\n\t\tr.answerJoin(g, m, g.skippingResponse(m, oldLeader, req.Version >= 9))\n\t\treturn\n\tcase g.state != Stable || *g.protocol != g.selectProtocol():\n",
	},
	{
		"static members: each return is a new member", "broker/group/api_join_group.go",
		"if m := g.byInstance[*req.InstanceID]; m != nil {\n\t\t\tr.rejoinStatic", "if m := g.byInstance[*req.InstanceID]; m != nil && m.isNew {\n\t\t\tr.rejoinStatic",
	},
	{
		"offsets: those of groups with members expire", "broker/group/offsets.go",
		"\tif g.state != Empty || g.inFlight > 0 {\n", "\tif g.inFlight > 0 {\n",
	},
	{
		"offsets: they expire at once", "broker/group/offsets.go",
		"return now.Millis()-since >= cs.cfg.OffsetsRetention.Milliseconds()", "return now.Millis()-since >= 0",
	},
	{
		"offsets: a deleted group keeps them", "broker/group/api_delete_groups.go",
		"\tfor _, tp := range g.sortedOffsets() {\n\t\trecords = append(records, Record{Key: offsetKey(g.id, tp)})\n\t}\n", "",
	},
	{
		"offsets: a deleted topic keeps them", "broker/group/offsets.go",
		"if _, committed := g.offsets[tp]; committed {", "if _, committed := g.offsets[tp]; committed && tp.Partition > 0 {",
	},
	{
		"coordinator: it answers before it has loaded", "broker/group/store.go",
		"\tcase p.loading:\n\t\treturn wire.CoordinatorLoadInProgress\n", "",
	},
	{
		"coordinator: an unloaded partition keeps its groups", "broker/group/partition.go",
		"\t\t\tc.store.remove(out, g)\n\t\t}\n\t\tdelete(c.store.partitions, id)", "\t\t}\n\t\tdelete(c.store.partitions, id)",
	},
	{
		"coordinator: tombstones of offsets are not read", "broker/group/record.go",
		"\t\t\tdelete(g.offsets, tp)\n", "",
	},
	{
		"consumer: heartbeats end with a rejoin", "broker/client/consumer_group.go",
		"g.state, g.rejoin, g.beating = joining, false, false", "g.state, g.rejoin = joining, false",
	},
	{
		"consumer: it keeps its partitions when it joins again", "broker/client/consumer_group.go",
		"\tcase revoking:\n\t\tg.abandon(out, revoked, \"rebalance\")\n", "\tcase revoking:\n",
	},
	{
		"consumer: it commits one too many", "broker/client/consumer_commit.go",
		"kafka.PartitionOffset{Key: p.tp, Offset: p.position}", "kafka.PartitionOffset{Key: p.tp, Offset: p.position + 1}",
	},
	{
		"consumer: a rebalance is not heard of", "broker/client/consumer_heartbeat.go",
		"\t\tg.renewedAt = out.Now\n\t\tg.rejoin = true\n", "\t\tg.renewedAt = out.Now\n",
	},
	{
		"consumer: it is never fenced", "broker/client/consumer_heartbeat.go",
		"\tcase code == wire.UnknownMemberID, code == wire.IllegalGeneration, code == wire.FencedInstanceID:\n\t\tg.reset()\n",
		"\tcase code == wire.UnknownMemberID, code == wire.IllegalGeneration, code == wire.FencedInstanceID:\n",
	},
	{
		"range: the remainder goes to nobody", "broker/client/assignor_range.go",
		"\t\t\tif i < more {\n", "\t\t\tif i < more-1 {\n",
	},
	{
		"range: blocks overlap", "broker/client/assignor_range.go",
		"\t\tfor i, id := range takers {\n", "\t\tfor i, id := range takers {\n\t\t\tnext = max(0, next-1)\n",
	},
	{
		"round robin: the first partition is passed over", "broker/client/assignor_roundrobin.go",
		"\t\tfor i := range t.partitions {\n", "\t\tfor i := 1; i < t.partitions; i++ {\n",
	},
}
