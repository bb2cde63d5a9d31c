package prose

import (
	"fmt"
	"strings"

	"sandcastle/model/kafka"
)

// Sentence says a note in plain English, as a predicate whose subject is the node; "" for notes
// that no story mentions. folds is true for kinds that come many at a time, one for each partition.
func Sentence(n *kafka.Note) (what string, weight Weight, folds bool) {
	switch n.Kind {
	case kafka.ControllerElected, kafka.ControllerResigned, kafka.ControllerFenced,
		kafka.BrokerRegistered, kafka.BrokerUnregistered, kafka.SessionExpired:
		return controlSentence(n)
	case kafka.TopicCreated, kafka.TopicDeleted, kafka.LeaderElected, kafka.PartitionOffline,
		kafka.AdminCompleted:
		return topicSentence(n)
	case kafka.UncleanElected, kafka.ReassignmentStarted, kafka.ReassignmentCompleted,
		kafka.ShutdownStarted:
		return moveSentence(n)
	case kafka.LogStart, kafka.SegmentRolled, kafka.SegmentDeleted, kafka.LogCleaned,
		kafka.LogDirFailed, kafka.DamageFound:
		return logSentence(n)
	case kafka.ProducerIDAssigned, kafka.TruncationDetected, kafka.PositionReset,
		kafka.RecordProcessed:
		return clientSentence(n)
	case kafka.BecameLeader, kafka.BecameFollower, kafka.ISRShrunk, kafka.ISRExpanded,
		kafka.LogTruncated, kafka.LogRecovered:
		return replicaSentence(n)
	case kafka.CoordinatorLoaded, kafka.RebalanceStarted, kafka.MemberJoined, kafka.MemberLeft,
		kafka.GroupStable, kafka.PartitionsAssigned, kafka.PartitionsRevoked:
		return groupSentence(n)
	case kafka.ProduceRetried:
		return Because(fmt.Sprintf("sends a batch for %s again", n.TP()), n.Text), Ordinary, true
	default:
		return "", Detail, false
	}
}

func controlSentence(n *kafka.Note) (string, Weight, bool) {
	switch n.Kind {
	case kafka.ControllerElected:
		weight := Ordinary
		if n.Epoch > 1 {
			weight = Headline
		}
		return fmt.Sprintf("becomes the controller (controller epoch %d)", n.Epoch), weight, false
	case kafka.ControllerResigned:
		return Because("is no longer the controller", n.Text), Notable, false
	case kafka.ControllerFenced:
		return fmt.Sprintf("refuses a request of broker-%d: its controller epoch %d is stale",
			n.Broker, n.Epoch), Notable, true
	case kafka.BrokerRegistered:
		return fmt.Sprintf("sees that broker-%d is alive", n.Broker), Detail, true
	case kafka.BrokerUnregistered:
		return fmt.Sprintf("sees that broker-%d is gone", n.Broker), Notable, false
	default:
		return fmt.Sprintf("ends the session of %s: no sign of life in time", n.Text), Headline, false
	}
}

func topicSentence(n *kafka.Note) (string, Weight, bool) {
	weight := Notable
	if kafka.InternalTopic(n.Topic) || n.Epoch == 0 {
		weight = Detail
	}
	switch n.Kind {
	case kafka.TopicCreated:
		return Because("creates the topic "+n.Topic, assignment(n.Replicas)), shown(n.Topic, Ordinary),
			false
	case kafka.TopicDeleted:
		return Because("deletes the topic "+n.Topic, n.Text), Notable, false
	case kafka.LeaderElected:
		if weight == Notable {
			weight = Headline
		}
		return fmt.Sprintf("elects broker-%d as leader of %s (leader epoch %d, in sync: %s)", n.Broker,
			n.TP(), n.Epoch, BrokerList(n.Brokers)), weight, kafka.InternalTopic(n.Topic) || n.Epoch == 0
	case kafka.PartitionOffline:
		return fmt.Sprintf("finds no leader for %s: the partition is offline (in sync: %s)", n.TP(),
			BrokerList(n.Brokers)), weight + 1, true
	default:
		return "has an answer: " + n.Text, Detail, false
	}
}

func replicaSentence(n *kafka.Note) (string, Weight, bool) {
	weight, folds, offset := Ordinary, true, fmt.Sprint(n.Offset)
	if kafka.InternalTopic(n.Topic) || n.Epoch == 0 {
		weight = Detail
	}
	switch n.Kind {
	case kafka.BecameLeader:
		return fmt.Sprintf("now leads %s from offset %s on (leader epoch %d)", n.TP(), offset, n.Epoch),
			weight, folds
	case kafka.BecameFollower:
		return fmt.Sprintf("now follows broker-%d in %s, its log ends at offset %s (leader epoch %d)",
			n.Broker, n.TP(), offset, n.Epoch), weight, folds
	case kafka.ISRShrunk:
		return fmt.Sprintf("shrinks the in-sync set of %s to %s", n.TP(), BrokerList(n.Brokers)),
			shown(n.Topic, Notable), kafka.InternalTopic(n.Topic)
	case kafka.ISRExpanded:
		return fmt.Sprintf("widens the in-sync set of %s to %s", n.TP(), BrokerList(n.Brokers)),
			shown(n.Topic, Notable), kafka.InternalTopic(n.Topic)
	case kafka.LogTruncated:
		return Because(fmt.Sprintf("cuts its log of %s back to offset %s", n.TP(), offset), n.Text),
			shown(n.Topic, Headline), kafka.InternalTopic(n.Topic)
	default:
		what := fmt.Sprintf("has read its log of %s again: it ends at offset %s", n.TP(), offset)
		return Because(what, n.Text), Detail, folds
	}
}

func groupSentence(n *kafka.Note) (string, Weight, bool) {
	switch n.Kind {
	case kafka.CoordinatorLoaded:
		return fmt.Sprintf("has loaded partition %d of %s and coordinates its groups", n.Partition,
			n.Topic), Detail, true
	case kafka.RebalanceStarted:
		why, _, _ := strings.Cut(n.Text, " is gone: ") // MemberLeft has just said why
		if why != n.Text {
			why += " is gone"
		}
		return Because("starts a rebalance of group "+n.Group, why), Notable, false
	case kafka.MemberJoined:
		return fmt.Sprintf("takes %s into group %s", n.Member, n.Group), Ordinary, false
	case kafka.MemberLeft:
		weight := Notable
		if n.Reason == kafka.ReasonExpired { // the group had to find out by itself
			weight = Headline
		}
		return Because(fmt.Sprintf("drops %s from group %s", n.Member, n.Group), n.Text), weight, false
	case kafka.GroupStable:
		what := fmt.Sprintf("settles group %s in generation %d", n.Group, n.Generation)
		return what, Ordinary, false
	case kafka.PartitionsAssigned:
		if len(n.Partitions) == 0 {
			return fmt.Sprintf("owns no partition in generation %d and idles", n.Generation), Notable, false
		}
		what := fmt.Sprintf("owns %s in generation %d", PartitionList(n.Partitions), n.Generation)
		return what, Notable, false
	default:
		if len(n.Partitions) == 0 {
			return "", Detail, false
		}
		return Because("gives up "+PartitionList(n.Partitions), n.Text), Ordinary, false
	}
}

// shown is weight, or Detail for a topic of Kafka's own.
func shown(topic string, weight Weight) Weight {
	if kafka.InternalTopic(topic) {
		return Detail
	}
	return weight
}

// Because adds a reason, if there is one, after a colon.
func Because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// assignment says how many partitions a topic has, and who has which only when they are few.
func assignment(replicas [][]kafka.BrokerID) string {
	const most = 3
	if len(replicas) == 0 {
		return ""
	}
	text := Counted(int64(len(replicas)), "partition")
	if len(replicas) > most {
		return text
	}
	lists := make([]string, len(replicas))
	for i, ids := range replicas {
		noun := "brokers"
		if len(ids) == 1 {
			noun = "broker"
		}
		lists[i] = fmt.Sprintf("%d on %s %s", i, noun, BrokerList(ids))
	}
	return text + " (" + strings.Join(lists, "; ") + ")"
}

// BrokerList lists brokers by their numbers.
func BrokerList(ids []kafka.BrokerID) string {
	if len(ids) == 0 {
		return "nobody"
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = fmt.Sprint(id)
	}
	return strings.Join(names, ", ")
}

// PartitionList lists the first few partitions by name, and how many more there are.
func PartitionList(tps []kafka.TopicPartition) string {
	const most = 6
	var names []string
	for i, tp := range tps {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(tps)-most))
			break
		}
		names = append(names, tp.String())
	}
	return strings.Join(names, ", ")
}
