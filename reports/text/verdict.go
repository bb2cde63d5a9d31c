package text

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// VerdictLines say what the checks made of the run: the verdict, and what was found.
func VerdictLines(s *digest.Story, width int) []string {
	v := VerdictOf(&s.Run)
	text := v.Word + ". " + v.Meaning
	if s.Run.Reason != "" {
		text += " " + prose.AsSentence(s.Run.Reason)
	}
	out := Labelled("verdict", text, width)
	for _, f := range s.Run.Findings {
		f := FindingOf(f, s.Run.Expected)
		text := f.Anomaly + ", " + f.Count
		if f.Expected {
			text += ", as expected"
		}
		text += ". " + f.Meaning
		if f.Explanation != "" {
			text = strings.TrimSpace(text) + " " + f.Explanation
		}
		out = append(out, Labelled("found", text, width)...)
	}
	for i := range s.Run.Allowed {
		a := &s.Run.Allowed[i]
		line := a.Finding.String() + " (" + a.Why + "). " + a.Explanation
		out = append(out, Labelled("allowed", line, width)...)
	}
	for _, p := range s.Run.PassedOver {
		out = append(out, Labelled("note", prose.AsSentence(p.String()), width)...)
	}
	return out
}

// Verdict is what the checks made of a run: a class for style sheets, a few words, a sentence.
type Verdict struct{ Class, Word, Meaning string }

// Finding is an anomaly that was found, in words.
type Finding struct {
	Anomaly, Meaning, Count, Explanation string
	Link                                 string // a page about it, "" for none
	Expected                             bool
	Witnesses                            []Witness
}

// Witness is an operation or an event by which a finding stands, and where to find it.
type Witness struct{ At, Who, Text, Place string }

// VerdictOf is the verdict of a run in words.
func VerdictOf(r *kafka.Run) Verdict {
	v := Verdict{Class: string(r.Verdict), Word: string(r.Verdict)}
	switch r.Verdict {
	case kafka.VerdictOK:
		v.Word, v.Meaning = "the claim held", "Every check finished, and nothing contradicts the claim."
		if len(r.Expected) > 0 {
			v.Meaning = "The claim holds: this lesson expects the anomalies below, and found exactly those."
		}
	case kafka.VerdictViolated:
		v.Word, v.Meaning = "the claim did not hold",
			"The checks found what must not be, or did not find what the claim says must be."
	case kafka.VerdictUndecided:
		v.Word, v.Meaning = "undecided",
			"A check ran out of its budget of steps. Nobody knows whether the claim held."
	case kafka.VerdictUnsettled:
		v.Word, v.Meaning = "did not settle",
			"All faults were healed, but the cluster did not come to rest in the time it had."
	case kafka.VerdictEmpty:
		v.Class, v.Word, v.Meaning = "undecided", "nothing to judge",
			"No record was acknowledged and none was read, so that nothing could be wrong."
	default:
		v.Class, v.Word, v.Meaning = "undecided", "not judged",
			"What the checks found is below, and nothing of it is held against the claim:"
	}
	return v
}

// JudgementOf is the verdict of a history in words: nothing is claimed of it.
func JudgementOf(v kafka.Verdict) Verdict {
	switch v {
	case kafka.VerdictOK:
		return Verdict{string(v), "nothing wrong", "Every check finished, and found nothing."}
	case kafka.VerdictViolated:
		return Verdict{string(v), "not right", "This must not be in a history of a correct Kafka:"}
	default:
		return VerdictOf(&kafka.Run{Verdict: v})
	}
}

// LinearizabilityPage is the page that stands beside this one when hasDrawing says so.
const LinearizabilityPage = "linearizability.html"

// HasDrawing reports whether Porcupine draws the finding.
func HasDrawing(f kafka.Finding) bool {
	return f.Shows(kafka.Nonlinearizable) && len(f.Witnesses) > 0 && f.Witnesses[0].Op >= 0
}

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
	case kafka.Stuck:
		return "The cluster did not come to rest after everything was healed."
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
		return ""
	}
}

// times says how often something was found.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return prose.Grouped(int64(n)) + " times"
}

// followsText is a sentence about what follows from a finding, "" for nothing.
func followsText(list []kafka.Consequence) string {
	text := ""
	for i, c := range list {
		switch {
		case i == 0:
			text = "What follows from it is not counted by itself: "
		case i == len(list)-1:
			text += " and "
		default:
			text += ", "
		}
		text += string(c.Anomaly) + " " + times(c.Count)
	}
	if text == "" {
		return ""
	}
	return text + "."
}

// FindingOf is a finding in words. expected are the anomalies that the lesson says must appear.
func FindingOf(f kafka.Finding, expected []kafka.Anomaly) Finding {
	v := Finding{
		Anomaly: string(f.Anomaly), Meaning: AnomalyMeaning(f.Anomaly),
		Count: times(f.Count), Explanation: prose.AsSentence(f.Explanation),
		Expected: slices.Contains(expected, f.Anomaly),
	}
	if follows := followsText(f.Follows); follows != "" {
		v.Explanation = strings.TrimSpace(v.Explanation + " " + follows)
	}
	if HasDrawing(f) {
		v.Link = LinearizabilityPage
	}
	for _, w := range f.Witnesses {
		place := ""
		switch {
		case w.Op >= 0:
			place = fmt.Sprintf("history, index %d", w.Op)
		case w.Seq > 0:
			place = fmt.Sprintf("trace, seq %d", w.Seq)
		}
		v.Witnesses = append(v.Witnesses, Witness{prose.TrimSeconds(w.At, 6), w.Who, w.Text, place})
	}
	return v
}
