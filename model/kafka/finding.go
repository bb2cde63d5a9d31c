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
	Stuck           Anomaly = "stuck" // the run did not settle
)

// Anomalies returns every anomaly that some check can report, in the order in which they are
// reported.
func Anomalies() []Anomaly {
	return []Anomaly{InconsistentOffsets, Duplicate, LostWrite, Unseen, G1a, NonmonotonicSend,
		PollSkip, Unprocessed, ProcessedTwice, KeyReordered, Nonlinearizable,
		LogMatching, WeakIsr, StrongIsr,
		LeaderCompleteness, ConsistentRead, NoCommittedRecordLostGlobally,
		RegressedHW, TwoLeaders, DoubleOwner,
		OutOfBounds, BrokenBatch, BrokenSequence, EarlyDeletion, LateDeletion, UnrolledSegment,
		BadCompaction, ChangedLog, ProducerState, EpochCache, WrongLookup, MisplacedReplica, EarlyAck,
		UncommittedRead,
		Stuck}
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
	// PassedOver is no violation.
	PassedOver []PassedOver `json:"passed_over,omitempty"`
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
