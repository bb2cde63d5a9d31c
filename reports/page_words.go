package reports

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

func viewVerdict(r *kafka.Run) verdictView {
	v := verdictView{Class: string(r.Verdict), Word: string(r.Verdict)}
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
	default:
		v.Class, v.Word, v.Meaning = "undecided", "not judged",
			"What the checks found is below, and nothing of it is held against the claim:"
	}
	return v
}

// linearizability is the page that stands beside this one when drawn says so.
const linearizability = "linearizability.html"

func drawn(f kafka.Finding) bool {
	return f.Anomaly == kafka.Nonlinearizable && len(f.Witnesses) > 0 && f.Witnesses[0].Op >= 0
}

// anomalyMeaning says in a sentence what an anomaly is. The name is shown beside it.
func anomalyMeaning(a kafka.Anomaly) string {
	switch a {
	case kafka.InconsistentOffsets:
		return "One offset of a partition held two different records."
	case kafka.Duplicate:
		return "One record stands at two offsets."
	case kafka.LostWrite:
		return "A record was acknowledged, readers went past its place, and nobody ever read it."
	case kafka.Unseen:
		return "A record was acknowledged, and by the end nobody had read it."
	case kafka.NonmonotonicSend:
		return "A producer sent one record before another, and the log holds them the other way round."
	case kafka.PollSkip:
		return "A consumer went past records that stand in the log and never read them."
	case kafka.Unprocessed:
		return "A group was given a record, committed past it, and its application never worked on it."
	case kafka.ProcessedTwice:
		return "The application of a group worked on one record twice."
	case kafka.KeyReordered:
		return "A consumer read the records of one key in another order than they were sent."
	case kafka.Nonlinearizable:
		return "No single order of the operations explains all the answers that clients got."
	case kafka.LogMatching:
		return "Two replicas differ in records that both believe committed."
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
	case kafka.Stuck:
		return "The cluster did not come to rest after everything was healed."
	default:
		return ""
	}
}

func viewFinding(f kafka.Finding, expected []kafka.Anomaly) findingView {
	v := findingView{
		Anomaly: string(f.Anomaly), Meaning: anomalyMeaning(f.Anomaly),
		Count: grouped(int64(f.Count)) + " times", Explanation: asSentence(f.Explanation),
		Expected: slices.Contains(expected, f.Anomaly),
	}
	if f.Count == 1 {
		v.Count = "once"
	}
	if drawn(f) {
		v.Link = linearizability
	}
	for _, w := range f.Witnesses {
		place := ""
		switch {
		case w.Op >= 0:
			place = fmt.Sprintf("history, index %d", w.Op)
		case w.Seq > 0:
			place = fmt.Sprintf("trace, seq %d", w.Seq)
		}
		v.Witnesses = append(v.Witnesses, witnessView{trimSeconds(w.At, 6), w.Who, w.Text, place})
	}
	return v
}

// asSentence gives text a full stop, and a capital unless it begins with a name such as orders-0.
func asSentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	word, _, _ := strings.Cut(text, " ")
	name := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) >= 0
	if !name {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}

// figureNote says how to read a figure.
func figureNote(name string) string {
	switch name {
	case "throughput":
		return "A send is counted when its outcome is known, a read when a poll returns it. The reads " +
			"by which every run ends are left out."
	case "latency":
		return "Only acknowledged sends count, at the time of their acknowledgement. p99 is the time " +
			"that 99\u00a0% of the sends in a window did not exceed."
	case "offsets":
		return "A log end is one past the last record that the broker has. Consumers see records below " +
			"the high watermark only. A line that stops belongs to a broker that is dead; where lines of " +
			"different width lie on each other, the replicas agree, and where the dots lie on them as " +
			"well, everything that was written is committed."
	case "leadership":
		return "The bar of the leader is as the controller decided; a broker hears of it a little " +
			"later. Hatched, the leader is dead and its session has not ended, so nobody may take over " +
			"yet. Only a broker in sync may become the leader, unless unclean elections are allowed."
	case "lag":
		return "The lag is the high watermark less the committed offset. A consumer commits now and " +
			"then, so it may have read more: after a change of owners it goes on from the committed " +
			"offset."
	case "load":
		return "A record goes to the partition that its key is hashed to, or to any when it has none. " +
			"The order of records holds within a partition only."
	case "ownership":
		return "A blank stretch in a partition's lane means that nobody owns it: nothing is read there."
	default:
		return ""
	}
}

// momentTag names the sort of thing that a kind of trace line tells of.
func momentTag(kind string) string {
	if kind == "silence" || kind == "progress" {
		return kind
	}
	switch kind {
	case model.TraceFault, model.TraceHeal:
		return kind
	case "started":
		return "node"
	}
	k, _ := kafka.ParseNoteKind(kind)
	switch k {
	case kafka.ControllerElected, kafka.ControllerResigned, kafka.ControllerFenced,
		kafka.BrokerRegistered, kafka.BrokerUnregistered, kafka.SessionExpired,
		kafka.ShutdownStarted:
		return "control"
	case kafka.LeaderElected, kafka.BecameLeader, kafka.BecameFollower, kafka.PartitionOffline,
		kafka.UncleanElected:
		return "leader"
	case kafka.ISRShrunk, kafka.ISRExpanded:
		return "in sync"
	case kafka.LogTruncated, kafka.LogRecovered, kafka.LogEnd, kafka.HighWatermark, kafka.LogStart,
		kafka.SegmentRolled, kafka.SegmentDeleted, kafka.LogCleaned, kafka.LogDirFailed:
		return "log"
	case kafka.TopicCreated, kafka.TopicDeleted, kafka.AdminCompleted, kafka.ReassignmentStarted,
		kafka.ReassignmentCompleted:
		return "topic"
	case kafka.ProduceRetried, kafka.ProducerIDAssigned, kafka.RecordsAcked:
		return "producer"
	case kafka.TruncationDetected, kafka.PositionReset, kafka.RecordProcessed:
		return "consumer"
	default:
		return "group"
	}
}
