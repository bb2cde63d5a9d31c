package page

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

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
			"well, everything that was written is committed. A number on a line is that of its " +
			"group."
	case "leadership":
		return "The bar of the leader is as the controller decided; a broker hears of it a little " +
			"later. Grey and hatched, the leader is dead and its session has not ended, so nobody may " +
			"take over yet. In a row \u201cold\u201d, hatched over its own colour, a broker leads " +
			"on that has not heard of the next leader. Only a broker in sync may become the leader, " +
			"unless unclean elections are allowed."
	case "lag":
		return "The lag is the high watermark less the committed offset. A consumer commits now and " +
			"then, so it may have read more: after a change of owners it goes on from the committed " +
			"offset. A number on a line is that of its group or partition."
	case "load":
		return "A record goes to the partition that its key is hashed to, or to any when it has none. " +
			"The order of records holds within a partition only."
	case "ownership":
		return "A blank stretch in a partition's lane means that nobody owns it: nothing is read " +
			"there. Two bars one above the other are two owners at one time."
	default:
		return ""
	}
}

// momentTag names the sort of thing that a kind of trace line tells of.
func momentTag(kind string) string {
	if kind == "silence" || kind == "progress" || kind == digest.KindTimeline {
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
		kafka.SegmentRolled, kafka.SegmentDeleted, kafka.LogCleaned, kafka.LogDirFailed,
		kafka.DamageFound:
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
