package checks

import (
	"embed"
	"fmt"
	"io/fs"

	"sandcastle/checks/order"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Options bounds and tunes Judge. The zero value is what the product uses.
type Options struct {
	// MaxSteps is how often Porcupine may ask the model about one partition; 0 means
	// DefaultMaxSteps.
	MaxSteps int
	// OracleOps is how many sends and polls a partition may have for Porcupine to be asked about it
	// too; 0 means DefaultOracleOps.
	OracleOps int
	// Starts are the log starts of partitions at the end, where they are known: what stands below
	// was deleted by retention or DeleteRecords, and is not lost. They are no higher than these
	// allow.
	Starts map[kafka.TopicPartition]kafka.Offset
	// Compacted names topics that keep only the last record of each key, and Deleted the keys of
	// which not even that need be left.
	Compacted []string
	Deleted   []string
	// Committed tells when the high watermark passed the record that a send put at an offset
	// between call and ret; false when it never did. Nil where nobody knows.
	Committed func(at kafka.PartitionOffset, call, ret model.Time) (model.Time, bool)
	// RebalancesLogged says that whatever changes hands in groups stands in the history: then their
	// members are judged as strictly as consumers that are assigned partitions. Without it a
	// rebalance may always have moved them, as Jepsen has it.
	RebalancesLogged bool
	// Only is the one check that is to run; "" runs all.
	Only kafka.Anomaly
	// BeforeCheck is told the name of each check that is about to run; nil for nobody. When it
	// panics, that check has crashed.
	BeforeCheck func(check string)
}

const (
	// readingHistory is what all checks of a history need.
	readingHistory = "reading the history"
	// oracle is Porcupine's part of the check for nonlinearizable.
	oracle = "Porcupine"
	// passingOver counts what is no anomaly.
	passingOver = "what resets passed over"
)

// Names are all checks by name: those of Judge, Porcupine and a Watcher, and what they need.
func Names() []string {
	names := []string{readingHistory}
	for _, c := range historyChecks() {
		names = append(names, string(c.anomaly))
	}
	names = append(names, oracle, passingOver)
	for _, c := range watcherChecks() {
		names = append(names, c.name)
	}
	return names
}

const (
	// DefaultMaxSteps is enough for whatever DefaultOracleOps lets through: a correct history never
	// makes Porcupine go back, so what counts is how many operations are open together.
	DefaultMaxSteps = 5_000_000
	// DefaultOracleOps is small since Porcupine's time and memory grow with the square of what it
	// sees at once.
	DefaultOracleOps = 500
)

// historyCheck judges all partitions of a history and adds what is wrong to t.
type historyCheck struct {
	anomaly kafka.Anomaly
	run     func(parts []*partition, o Options, t *tally)
	needs   need // what it cannot do without
}

// historyChecks is the table of everything that Judge runs, in the order of kafka.Anomalies.
func historyChecks() []historyCheck {
	g0, g1c := (*order.Dependencies).G0, (*order.Dependencies).G1c
	exists := (*order.Dependencies).CycleExists
	return []historyCheck{
		{kafka.InconsistentOffsets, inconsistentOffsets, places},
		{kafka.Duplicate, duplicate, places},
		{kafka.LostWrite, lostWrite, places | sendsApart},
		{kafka.Unseen, unseen, sendsApart},
		{kafka.G1a, abortedRead, failuresApart},
		{kafka.PrecommittedRead, byOrder(order.PrecommittedRead), senders},
		{kafka.NonmonotonicSend, byConsumers((*order.Consumers).NonmonotonicSend), places},
		{kafka.IntNonmonotonicSend, byOrder(order.IntNonmonotonicSend), places},
		{kafka.IntSendSkip, byOrder(order.IntSendSkip), places},
		{kafka.PollSkip, byConsumers((*order.Consumers).PollSkip), places},
		{kafka.NonmonotonicPoll, byConsumers((*order.Consumers).NonmonotonicPoll), places},
		{kafka.IntPollSkip, byOrder(order.IntPollSkip), places},
		{kafka.IntNonmonotonicPoll, byOrder(order.IntNonmonotonicPoll), places},
		{kafka.G0, byCycles(kafka.G0, g0), places},
		{kafka.G1c, byCycles(kafka.G1c, g1c), places | senders},
		{kafka.G0Process, byCycles(kafka.G0Process, g0), places},
		{kafka.G1cProcess, byCycles(kafka.G1cProcess, g1c), places | senders},
		{kafka.G0Realtime, byCycles(kafka.G0Realtime, g0), places},
		{kafka.G1cRealtime, byCycles(kafka.G1cRealtime, g1c), places | senders},
		{kafka.PL1CycleExists, byCycles(kafka.PL1CycleExists, exists), places},
		{kafka.PL2CycleExists, byCycles(kafka.PL2CycleExists, exists), places | senders},
		{kafka.StrongPL1CycleExists, byCycles(kafka.StrongPL1CycleExists, exists), places},
		{kafka.StrongPL2CycleExists, byCycles(kafka.StrongPL2CycleExists, exists), places | senders},
		{kafka.Unprocessed, unprocessed, processedRecords},
		{kafka.ProcessedTwice, processedTwice, processedRecords},
		{kafka.KeyReordered, keyReordered, keyedInvocations},
		{kafka.Nonlinearizable, nonlinearizable, places},
	}
}

// Judge runs every check of client histories over h. Times and offsets in h may be anything; only
// their order counts. A nil history has no operations.
func Judge(h kafka.Operations, o Options) kafka.Report {
	if h == nil {
		h = kafka.History(nil)
	}
	if o.MaxSteps <= 0 {
		o.MaxSteps = DefaultMaxSteps
	}
	if o.OracleOps <= 0 {
		o.OracleOps = DefaultOracleOps
	}
	report := kafka.Report{}
	undecided := func(check, why string) {
		report.Undecided = append(report.Undecided, kafka.Undecide(check, why))
	}
	var parts []*partition
	if crash := guarded(func() {
		o.before(readingHistory)
		parts = partitions(h, o)
	}); crash != "" {
		undecided(readingHistory, crash)
		for _, check := range historyChecks() {
			undecided(string(check.anomaly), needsCrashed(readingHistory))
		}
		undecided(passingOver, needsCrashed(readingHistory))
		return report
	}
	var tallies []tally
	for _, check := range historyChecks() {
		if o.Only != "" && o.Only != check.anomaly {
			continue
		}
		t := tally{anomaly: check.anomaly}
		if crash := guarded(func() {
			o.before(string(check.anomaly))
			check.run(parts, o, &t)
			t.undecided = append(t.undecided, check.needs.missing(parts)...)
		}); crash != "" {
			t.undecided = append(t.undecided, crash)
		}
		for _, why := range t.undecided {
			undecided(string(check.anomaly), why)
		}
		tallies = append(tallies, t)
	}
	report.Findings, report.Allowed = foundAndAllowed(tallies)
	report.NotJudged = unsent(parts)
	if crash := guarded(func() {
		o.before(passingOver)
		report.PassedOver = passedOver(parts)
		for _, why := range resetPositions.missing(parts) {
			undecided(passingOver, why)
		}
	}); crash != "" {
		undecided(passingOver, crash)
	}
	return report
}

func (o *Options) before(check string) {
	if o.BeforeCheck != nil {
		o.BeforeCheck(check)
	}
}

// needsCrashed says why a check is undecided that did not crash itself.
func needsCrashed(what string) string { return fmt.Sprintf("it needs %q, which crashed", what) }

// guarded runs f and returns "" or why it crashed: a checker with a bug must not pass anything.
func guarded(f func()) (crash string) {
	defer func() {
		if r := recover(); r != nil {
			crash = crashText(r)
		}
	}()
	f()
	return ""
}

// crashText says that a check panicked with r.
func crashText(r any) string { return fmt.Sprintf("the check crashed: %v", r) }

//go:embed testdata/*.ndjson
var examples embed.FS

// Examples are small histories, one a file, with and without each anomaly. The first line of each
// says what is in it, as "# expect:" with the names of the findings, and a second one may say as
// "# allowed:" what is there and allowed.
func Examples() fs.FS {
	sub, err := fs.Sub(examples, "testdata")
	if err != nil {
		panic("checks: the examples are not embedded: " + err.Error())
	}
	return sub
}
