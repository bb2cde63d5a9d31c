package kafka

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
)

// Verdict is the outcome of judging a run.
type Verdict string

const (
	VerdictOK        Verdict = "ok"        // the claim held
	VerdictViolated  Verdict = "violated"  // it did not
	VerdictUndecided Verdict = "undecided" // a checker hit its budget or crashed
	VerdictUnsettled Verdict = "unsettled" // the run did not come to rest
	VerdictUnjudged  Verdict = "unjudged"  // a setting was changed, so that nothing was claimed
	// nothing was acknowledged and nothing read, so that nothing can be wrong
	VerdictEmpty Verdict = "nothing-to-judge"
	// the program itself failed: it panicked, or played one seed in two ways
	VerdictCrashed Verdict = "crashed"
	VerdictUnequal Verdict = "nondeterministic"
)

// Anomaly is the name of something that must not happen. Those of client histories are Jepsen's
// (jepsen.tests.kafka); the others are ours.
type Anomaly string

const (
	InconsistentOffsets Anomaly = "inconsistent-offsets" // one offset held two values
	Duplicate           Anomaly = "duplicate"            // one value stands at two offsets
	// acknowledged, passed over by readers, and read by nobody
	LostWrite Anomaly = "lost-write"
	// acknowledged, and never read by anyone by the end
	Unseen Anomaly = "unseen"
	// a poll returned a value whose send had failed
	G1a Anomaly = "G1a"
	// a producer's later send got a lower offset than an earlier one
	NonmonotonicSend Anomaly = "nonmonotonic-send"
	// a consumer went past records that it never read
	PollSkip Anomaly = "poll-skip"
	// a consumer read at or before the place that it had come to
	NonmonotonicPoll Anomaly = "nonmonotonic-poll"
	// the records of one operation leave records out
	IntPollSkip Anomaly = "int-poll-skip"
	// the records of one operation go back, or repeat one
	IntNonmonotonicPoll Anomaly = "int-nonmonotonic-poll"
	// records of others stand between those that one operation sent
	IntSendSkip Anomaly = "int-send-skip"
	// the records that one operation sent stand in another order
	IntNonmonotonicSend Anomaly = "int-nonmonotonic-send"
	// a transaction read what it had sent itself
	PrecommittedRead Anomaly = "precommitted-read"
	// Adya's cycles of operations: each sent a record before one of the next in the log (ww)
	G0         Anomaly = "G0"
	G0Process  Anomaly = "G0-process"  // where the order of one process counts too
	G0Realtime Anomaly = "G0-realtime" // where it counts which ended before another began
	// the same, where a record that the next one read counts too (wr)
	G1c         Anomaly = "G1c"
	G1cProcess  Anomaly = "G1c-process"
	G1cRealtime Anomaly = "G1c-realtime"
	// what cycles rule out, by the names of the isolation levels
	PL1CycleExists       Anomaly = "PL-1-cycle-exists"
	StrongPL1CycleExists Anomaly = "strong-PL-1-cycle-exists"
	PL2CycleExists       Anomaly = "PL-2-cycle-exists"
	StrongPL2CycleExists Anomaly = "strong-PL-2-cycle-exists"
	// a group committed past a record that its application never processed
	Unprocessed Anomaly = "unprocessed"
	// a group's application processed one record twice
	ProcessedTwice Anomaly = "processed-twice"
	// a consumer read the records of one key in another order than they were sent
	KeyReordered Anomaly = "key-reordered"
	// no order of the operations explains the answers
	Nonlinearizable Anomaly = "nonlinearizable"
	// The invariants of the published TLA+ models of Kafka's replication, under their names
	// (hachikuji/kafka-specification, Vanlightly/kafka-tlaplus): two replicas differ below both
	// high watermarks
	LogMatching Anomaly = "LogMatching"
	// a replica in the leader's own ISR lacks what that leader calls committed
	WeakIsr Anomaly = "WeakIsr"
	// a replica in the ISR of the metadata store lacks what some leader calls committed
	StrongIsr Anomaly = "StrongIsr"
	// a leader lacks a committed or an acknowledged record
	LeaderCompleteness Anomaly = "LeaderCompleteness"
	// what was read at an offset is not there any more on a leader
	ConsistentRead Anomaly = "ConsistentRead"
	// an acknowledged record is on no broker
	NoCommittedRecordLostGlobally Anomaly = "NoCommittedRecordLostGlobally"
	RegressedHW                   Anomaly = "regressed-hw" // a leader took its high watermark back
	// two brokers led one partition in one epoch
	TwoLeaders Anomaly = "two-leaders"
	// two members owned one partition in one generation
	DoubleOwner Anomaly = "double-owner"
	// log start, high watermark and log end of a replica are not in order, or went back
	OutOfBounds Anomaly = "out-of-bounds"
	// a batch came into a log that is not what its header says, or does not follow on the one before
	BrokenBatch Anomaly = "broken-batch"
	// the batches of an idempotent producer do not follow on one another
	BrokenSequence Anomaly = "broken-sequence"
	// records were deleted that neither retention nor DeleteRecords may have taken
	EarlyDeletion Anomaly = "early-deletion"
	// a segment stayed that retention has to delete
	LateDeletion Anomaly = "late-deletion"
	// a segment is longer than its topic allows
	UnrolledSegment Anomaly = "unrolled-segment"
	// compaction removed or changed what has to stay
	BadCompaction Anomaly = "bad-compaction"
	// a log is not what it was, and no disk has lost anything
	ChangedLog Anomaly = "changed-log"
	// a log knows of idempotent producers what it does not hold, or the other way round
	ProducerState Anomaly = "producer-state"
	// a log knows of leader epochs what it does not hold
	EpochCache Anomaly = "epoch-cache"
	// a log does not find by its indexes what it holds
	WrongLookup Anomaly = "wrong-lookup"
	// a replica, a leader or a member of an ISR is where it must not be, or is not where it must be
	MisplacedReplica Anomaly = "misplaced-replica"
	// a producer with acks=all was answered before its record was safe
	EarlyAck Anomaly = "early-ack"
	// a consumer read what nobody calls committed
	UncommittedRead Anomaly = "uncommitted-read"
	// a record with a key is in another partition than the one of its key
	MisroutedKey Anomaly = "misrouted-key"
	// The offsets that groups commit: an acknowledged one is gone; an older one came back; nobody
	// committed it; it is above the end of the log
	LostOffset      Anomaly = "lost-offset"
	RegressedOffset Anomaly = "regressed-offset"
	PhantomOffset   Anomaly = "phantom-offset"
	OffsetBeyondEnd Anomaly = "offset-beyond-end"
	// a commit was accepted from who had no right to it any more
	StaleCommit Anomaly = "stale-commit"
	// a member that is out of its group was answered as if it were in it
	ZombieMember Anomaly = "zombie-member"
	// a group went back to an older generation
	RegressedGeneration Anomaly = "regressed-generation"
	// members of one generation were told different things
	TornGeneration Anomaly = "torn-generation"
	// a member was removed before its timeout, or long after
	WrongExpiry Anomaly = "wrong-expiry"
	// a group that was deleted is there again
	ResurrectedGroup Anomaly = "resurrected-group"
	// ZooKeeper: a node's version or epoch went back; an ephemeral node outlived its session; a
	// session ended too early or far too late; an answer came out of order or of an older state; two
	// brokers were controller in one epoch
	RegressedZNode     Anomaly = "regressed-znode"
	OrphanEphemeral    Anomaly = "orphan-ephemeral"
	WrongSessionExpiry Anomaly = "wrong-session-expiry"
	MisorderedReply    Anomaly = "misordered-reply"
	TwoControllers     Anomaly = "two-controllers"
	// a client did not get on although nothing that it needs was disturbed
	NoProgress Anomaly = "no-progress"
	// After everything was healed: a group is not stable, or its members do not own all partitions;
	// a consumer gets no further; ZooKeeper and the brokers do not say the same
	UnstableGroup Anomaly = "unstable-group"
	StuckReader   Anomaly = "stuck-reader"
	StaleMetadata Anomaly = "stale-metadata"
	// the part of the servers that was healed first did not come to rest by itself
	StuckCore Anomaly = "stuck-core"
	Stuck     Anomaly = "stuck" // the run did not settle
	// a check did not find what was planted for it
	BlindCheck Anomaly = "blind-check"
	// the simulated world broke a promise to the processes in it
	BrokenWorld Anomaly = "broken-world"
)

// Anomalies returns every anomaly that some check can report, in the order in which they are
// reported.
func Anomalies() []Anomaly {
	return []Anomaly{InconsistentOffsets, Duplicate, LostWrite, Unseen, G1a, PrecommittedRead,
		NonmonotonicSend, IntNonmonotonicSend, IntSendSkip,
		PollSkip, NonmonotonicPoll, IntPollSkip, IntNonmonotonicPoll,
		G0, G1c, G0Process, G1cProcess, G0Realtime, G1cRealtime,
		PL1CycleExists, PL2CycleExists, StrongPL1CycleExists, StrongPL2CycleExists,
		Unprocessed, ProcessedTwice, KeyReordered, Nonlinearizable,
		LogMatching, WeakIsr, StrongIsr,
		LeaderCompleteness, ConsistentRead, NoCommittedRecordLostGlobally,
		RegressedHW, TwoLeaders, DoubleOwner,
		OutOfBounds, BrokenBatch, BrokenSequence, EarlyDeletion, LateDeletion, UnrolledSegment,
		BadCompaction, ChangedLog, ProducerState, EpochCache, WrongLookup, MisplacedReplica, EarlyAck,
		UncommittedRead, MisroutedKey,
		LostOffset, RegressedOffset, PhantomOffset, OffsetBeyondEnd, StaleCommit, ZombieMember,
		RegressedGeneration, TornGeneration, WrongExpiry, ResurrectedGroup,
		RegressedZNode, OrphanEphemeral, WrongSessionExpiry, MisorderedReply, TwoControllers,
		NoProgress, UnstableGroup, StuckReader, StaleMetadata, StuckCore, Stuck,
		BlindCheck, BrokenWorld}
}

// Finding is one anomaly that a check found, with evidence.
type Finding struct {
	Anomaly Anomaly `json:"anomaly"`
	// Count is how many times it occurred.
	Count int `json:"count"`
	// Witnesses are the operations or events, usually two, that cannot both be right, in order of
	// time.
	Witnesses []Witness `json:"witnesses"`
	// Explanation says in a sentence what is wrong with the witnesses together.
	Explanation string `json:"explanation,omitempty"`
	// Follows is what else the history shows because of this, and is not counted by itself: a record
	// that was lost is not also out of order.
	Follows []Consequence `json:"follows,omitempty"`
}

// Consequence is an anomaly that shows only because of another one, and how many times.
type Consequence struct {
	Anomaly Anomaly `json:"anomaly"`
	Count   int     `json:"count"`
}

// String prints the finding in short, as in "lost-write ×3, with nonlinearizable ×6".
func (f Finding) String() string {
	text := fmt.Sprintf("%s ×%d", f.Anomaly, f.Count)
	for i, c := range f.Follows {
		switch {
		case i == 0:
			text += ", with "
		case i == len(f.Follows)-1:
			text += " and "
		default:
			text += ", "
		}
		text += fmt.Sprintf("%s ×%d", c.Anomaly, c.Count)
	}
	return text
}

// Shows tells whether the finding is of that anomaly, or has it among what follows.
func (f Finding) Shows(a Anomaly) bool {
	return f.Anomaly == a ||
		slices.ContainsFunc(f.Follows, func(c Consequence) bool { return c.Anomaly == a })
}

// Allowed is an anomaly that a history shows and that breaks no promise of Kafka's, such as the
// records of two transactions that alternate in a log: it is told, and the verdict does not depend
// on it.
type Allowed struct {
	Finding
	// Why says in a sentence without a full stop who allows it.
	Why string `json:"why"`
}

// Witness points at one operation of the history or one event of the trace.
type Witness struct {
	// Op is the index of the history line, or −1.
	Op int `json:"op"`
	// Seq is the number of the trace event, or 0.
	Seq  uint64     `json:"seq,omitempty"`
	At   model.Time `json:"at"`
	Who  string     `json:"who,omitempty"`
	Text string     `json:"text"`
}

// Report is what judging gives.
type Report struct {
	Findings []Finding `json:"findings"`
	// Allowed is no violation, and neither is PassedOver.
	Allowed    []Allowed    `json:"allowed,omitempty"`
	PassedOver []PassedOver `json:"passed_over,omitempty"`
	// NotJudged names what some of the history does not show enough of for any check.
	NotJudged []string `json:"not_judged,omitempty"`
	// Undecided says, for each check that could not finish, which and why.
	Undecided []string `json:"undecided,omitempty"`
}

// Undecide is the entry of Report.Undecided for a check.
func Undecide(check, why string) string { return check + ": " + why }

// Decided tells whether the check for an anomaly came to its end.
func (r *Report) Decided(a Anomaly) bool {
	return !slices.ContainsFunc(r.Undecided, func(entry string) bool {
		return strings.HasPrefix(entry, Undecide(string(a), ""))
	})
}
