package checks

import (
	"fmt"

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
	// Starts are the log starts of partitions at the end, where they are known: what stands below was
	// deleted by retention or DeleteRecords, and is not lost.
	Starts map[kafka.TopicPartition]kafka.Offset
	// Compacted names topics that keep only the last record of each key, and Deleted the keys of
	// which not even that need be left.
	Compacted []string
	Deleted   []string
	// Committed tells when the high watermark passed the record that a send put at an offset between
	// call and ret; false when it never did. Nil where nobody knows.
	Committed func(at kafka.PartitionOffset, call, ret model.Time) (model.Time, bool)
	// BeforeCheck is told the name of each check that is about to run; nil for nobody. When it panics,
	// that check has crashed.
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
	// DefaultOracleOps is small since Porcupine's time and memory grow with the square of what it sees
	// at once.
	DefaultOracleOps = 500
)

// historyCheck judges all partitions of a history and adds what is wrong to t.
type historyCheck struct {
	anomaly kafka.Anomaly
	run     func(parts []*partition, o Options, t *tally)
}

// historyChecks is the table of everything that Judge runs, in the order of kafka.Anomalies.
func historyChecks() []historyCheck {
	return []historyCheck{
		{kafka.InconsistentOffsets, inconsistentOffsets},
		{kafka.Duplicate, duplicate},
		{kafka.LostWrite, lostWrite},
		{kafka.Unseen, unseen},
		{kafka.G1a, abortedRead},
		{kafka.NonmonotonicSend, nonmonotonicSend},
		{kafka.PollSkip, pollSkip},
		{kafka.Unprocessed, unprocessed},
		{kafka.ProcessedTwice, processedTwice},
		{kafka.KeyReordered, keyReordered},
		{kafka.Nonlinearizable, nonlinearizable},
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
		t := tally{anomaly: check.anomaly}
		if crash := guarded(func() {
			o.before(string(check.anomaly))
			check.run(parts, o, &t)
		}); crash != "" {
			t.undecided = append(t.undecided, crash)
		}
		for _, why := range t.undecided {
			undecided(string(check.anomaly), why)
		}
		tallies = append(tallies, t)
	}
	report.Findings = findings(tallies)
	if crash := guarded(func() {
		o.before(passingOver)
		report.PassedOver = passedOver(parts, h)
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
