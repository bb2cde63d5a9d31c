package text

import "sandcastle/model/kafka"

// AnomalyMeaning says in a sentence what an anomaly is. The name is shown beside it.
func AnomalyMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.InconsistentOffsets:
		return "One offset of a partition held two different records."
	case kafka.Duplicate:
		return "One record stands at two offsets."
	case kafka.LostWrite:
		return "A record was acknowledged, readers went past its place, and nobody ever read it."
	case kafka.Unseen:
		return "A record was acknowledged, and by the end nobody had read it."
	case kafka.G1a:
		return "A record was read, though its send had failed for certain."
	case kafka.RegressedHW:
		return "A leader took back what it had called committed."
	case kafka.NonmonotonicSend:
		return "A producer sent one record before another, and was told that the log holds them the " +
			"other way round."
	case kafka.PollSkip:
		return "A consumer went past records that stand in the log, and did not read them."
	case kafka.Unprocessed:
		return "A group received a record, committed past it, and its application never worked on it."
	case kafka.ProcessedTwice:
		return "The application of a group worked on one record twice."
	case kafka.KeyReordered:
		return "A consumer read the records of one key in another order than they were sent."
	case kafka.Nonlinearizable:
		return "No single order of the operations explains all the answers that clients got."
	case kafka.LogMatching:
		return "Two replicas differ in records that both count as committed."
	case kafka.WeakIsr:
		return "A replica that its leader counts as in sync lacks what that leader calls committed."
	case kafka.StrongIsr:
		return "A replica in the cluster's in-sync set lacks what some leader calls committed."
	case kafka.LeaderCompleteness:
		return "A leader lacks a record that was committed or acknowledged."
	case kafka.ConsistentRead:
		return "A record that was read has another one, or none, in its place on a leader."
	case kafka.NoCommittedRecordLostGlobally:
		return "A record that was acknowledged is on no broker at all."
	case kafka.TwoLeaders:
		return "Two brokers led one partition in the same leader epoch."
	case kafka.DoubleOwner:
		return "Two members of a group owned one partition in the same generation."
	case kafka.BrokenWorld:
		return "The simulator broke a promise to the processes in it: a bug of its own."
	case kafka.BlindCheck:
		return "A check did not find what was planted for it in a copy of the run: a bug of its own."
	default:
		return orderMeaning(a)
	}
}

// orderMeaning says it of what the order of the logs shows of consumers and operations.
func orderMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.NonmonotonicPoll:
		return "A consumer read at or before the place that it had come to."
	case kafka.IntPollSkip:
		return "One operation read two records, and not what stands between them."
	case kafka.IntNonmonotonicPoll:
		return "One operation read a record, and then one at or before its place."
	case kafka.IntSendSkip:
		return "Records of others stand between those that one operation sent. Kafka allows it."
	case kafka.IntNonmonotonicSend:
		return "The records that one operation sent stand in the log in another order."
	case kafka.PrecommittedRead:
		return "A transaction read a record that it had sent itself, before it had ended."
	case kafka.G0:
		return "Operations stand in one order in one log and in another one in the next. Kafka allows it."
	case kafka.G0Process:
		return "As G0, where the order in which one process did them counts too. Kafka allows it."
	case kafka.G0Realtime:
		return "As G0, where it counts too which one ended before another began. Kafka allows it."
	case kafka.G1c:
		return "Operations read in a circle what the others sent. Where it takes the order of records " +
			"in a log as well, Kafka allows it."
	case kafka.G1cProcess:
		return "As G1c, where the order in which one process did them counts too."
	case kafka.G1cRealtime:
		return "As G1c, where it counts too which one ended before another began."
	case kafka.PL1CycleExists:
		return "There is a G0, so this is not even read uncommitted. Kafka allows it."
	case kafka.PL2CycleExists:
		return "There is a G1c, so this is not read committed."
	case kafka.StrongPL1CycleExists:
		return "There is a G0-process or a G0-realtime, so this is not strong read uncommitted. " +
			"Kafka allows it."
	case kafka.StrongPL2CycleExists:
		return "There is a G1c-process or a G1c-realtime, so this is not strong read committed."
	default:
		return logMeaning(a)
	}
}

// logMeaning is AnomalyMeaning of what is found in logs.
func logMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.OutOfBounds:
		return "A log starts above its high watermark, or this stands above its end, or one of them " +
			"went back."
	case kafka.BrokenBatch:
		return "A record batch came into a log that is not what its header says, or does not follow on " +
			"the one before."
	case kafka.BrokenSequence:
		return "The batches of an idempotent producer in a log do not follow on one another."
	case kafka.EarlyDeletion:
		return "Records were deleted which neither retention nor DeleteRecords may have taken."
	case kafka.LateDeletion:
		return "A segment is still there that retention had to delete."
	case kafka.UnrolledSegment:
		return "A segment grew longer than its topic allows."
	case kafka.BadCompaction:
		return "Compaction removed or changed what has to stay."
	case kafka.ChangedLog:
		return "A log does not hold what it held, and no disk has lost anything."
	case kafka.ProducerState:
		return "What a log knows of its idempotent producers is not what it holds."
	case kafka.EpochCache:
		return "What a log knows of its leader epochs is not what it holds."
	case kafka.WrongLookup:
		return "A log does not find what it holds by its indexes."
	case kafka.MisplacedReplica:
		return "A replica, a leader or a member of an ISR is where it must not be, or is missing where " +
			"it must be."
	case kafka.EarlyAck:
		return "A producer with acks=all was told that its record is safe, and it was not."
	case kafka.UncommittedRead:
		return "A consumer was given a record that no leader called committed."
	case kafka.MisroutedKey:
		return "A record with a key is in another partition than the one that its key hashes to."
	default:
		return groupMeaning(a)
	}
}

// groupMeaning is AnomalyMeaning of what is found in the coordinators of groups.
func groupMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.LostOffset:
		return "An offset that a group committed, and was told so, is gone."
	case kafka.RegressedOffset:
		return "The committed offset of a group is an older one again."
	case kafka.PhantomOffset:
		return "A group has a committed offset that nobody committed."
	case kafka.OffsetBeyondEnd:
		return "The committed offset of a group is above the end of the log."
	case kafka.StaleCommit:
		return "A commit was taken from a member that had no right to it any more."
	case kafka.ZombieMember:
		return "A member that is out of its group was answered as if it were in it."
	case kafka.RegressedGeneration:
		return "A group went back to an older generation."
	case kafka.TornGeneration:
		return "Members of one generation were told different things."
	case kafka.WrongExpiry:
		return "A member was removed before its timeout, or long after it."
	case kafka.ResurrectedGroup:
		return "A group that was deleted is there again."
	default:
		return zookeeperMeaning(a)
	}
}

// zookeeperMeaning is AnomalyMeaning of what is found in ZooKeeper.
func zookeeperMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.RegressedZNode:
		return "A version, an epoch or a zxid of ZooKeeper went back."
	case kafka.OrphanEphemeral:
		return "An ephemeral node of ZooKeeper outlived its session."
	case kafka.WrongSessionExpiry:
		return "A session of ZooKeeper ended before its timeout, or long after it."
	case kafka.MisorderedReply:
		return "ZooKeeper answered out of order, or out of an older state than the client had seen."
	case kafka.TwoControllers:
		return "Two brokers were controller in one controller epoch."
	default:
		return progressMeaning(a)
	}
}

// progressMeaning is AnomalyMeaning of what should have happened and did not.
func progressMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.NoProgress:
		return "A client did not get on during the faults, although nothing that it needs was " +
			"disturbed."
	case kafka.UnstableGroup:
		return "After everything was healed a group is not stable, or its members do not own all " +
			"partitions."
	case kafka.StuckReader:
		return "After everything was healed a consumer gets no further."
	case kafka.StaleMetadata:
		return "After everything was healed, ZooKeeper and the brokers do not say the same."
	case kafka.StuckCore:
		return "The core, which was healed before the rest, did not come to rest by itself."
	case kafka.Stuck:
		return "The cluster did not come to rest after everything was healed."
	default:
		return ""
	}
}
