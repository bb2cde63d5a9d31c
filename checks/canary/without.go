package canary

import (
	"sandcastle/model/kafka"
)

// Without says of the checks that have no canary why.
func Without() map[string]string {
	const (
		txns = "nobody in a run sends transactions, so that no run has what would have to be falsified"
		base = "it finds nothing itself; the canaries of the checks that need it need it too"
		deep = "it compares what was seen one after the other, and a run keeps no more than its last view"
		wire = "it follows requests as they go by, and a run does not keep them"
	)
	out := map[string]string{
		"reading the history":     base,
		"Porcupine":               "it is asked by nonlinearizable, which has one",
		"what resets passed over": "it counts what is no anomaly",
	}
	for why, names := range map[string][]kafka.Anomaly{ //unordered: it fills a map
		txns: {
			kafka.PrecommittedRead, kafka.IntNonmonotonicSend, kafka.IntSendSkip, kafka.G0, kafka.G1c,
			kafka.G0Process, kafka.G1cProcess, kafka.G0Realtime, kafka.G1cRealtime, kafka.PL1CycleExists,
			kafka.PL2CycleExists, kafka.StrongPL1CycleExists, kafka.StrongPL2CycleExists,
		},
		"its matter is in runs whose consumers say what they process": {
			kafka.Unprocessed, kafka.ProcessedTwice,
		},
		base: {"loss tracking", "commit tracking", "leader tracking", "group tracking",
			"ZooKeeper tracking", "log tracking"},
		deep: {
			kafka.OutOfBounds, kafka.BrokenBatch, kafka.BrokenSequence, kafka.EarlyDeletion,
			kafka.LateDeletion, kafka.UnrolledSegment, kafka.BadCompaction, kafka.ChangedLog,
			kafka.ProducerState, kafka.EpochCache, kafka.WrongLookup, kafka.EarlyAck,
			kafka.UncommittedRead, kafka.MisplacedReplica, kafka.MisroutedKey,
		},
		wire: {
			kafka.LostOffset, kafka.RegressedOffset, kafka.PhantomOffset, kafka.OffsetBeyondEnd,
			kafka.StaleCommit, kafka.ZombieMember, kafka.RegressedGeneration, kafka.TornGeneration,
			kafka.WrongExpiry, kafka.ResurrectedGroup, kafka.RegressedZNode, kafka.OrphanEphemeral,
			kafka.WrongSessionExpiry, kafka.MisorderedReply, kafka.TwoControllers,
		},
	} {
		for _, name := range names {
			out[string(name)] = why
		}
	}
	return out
}
