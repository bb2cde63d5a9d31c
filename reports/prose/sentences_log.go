package prose

import (
	"fmt"

	"sandcastle/model/kafka"
)

// moveSentence tells how leadership and replicas move.
func moveSentence(n *kafka.Note) (string, Weight, bool) {
	switch n.Kind {
	case kafka.UncleanElected:
		return fmt.Sprintf("elects broker-%d as leader of %s although it was not in sync: what it lacks "+
			"is given up", n.Broker, n.TP()), shown(n.Topic, Headline), kafka.InternalTopic(n.Topic)
	case kafka.ReassignmentStarted:
		return fmt.Sprintf("begins to move %s to brokers %s", n.TP(), BrokerList(n.Brokers)),
			shown(n.Topic, Notable), kafka.InternalTopic(n.Topic)
	case kafka.ReassignmentCompleted:
		return fmt.Sprintf("has moved %s to brokers %s", n.TP(), BrokerList(n.Brokers)),
			shown(n.Topic, Notable), kafka.InternalTopic(n.Topic)
	default:
		return fmt.Sprintf(
			"lets broker-%d shut down and moves its leaders away",
			n.Broker,
		), Notable, false
	}
}

// logSentence tells what becomes of the old end of a log, and of its disk.
func logSentence(n *kafka.Note) (string, Weight, bool) {
	switch n.Kind {
	case kafka.LogStart:
		return Because(fmt.Sprintf("lets its log of %s begin at offset %d", n.TP(), n.Offset), n.Text),
			shown(n.Topic, Ordinary), true
	case kafka.SegmentRolled:
		return fmt.Sprintf("begins a new segment of %s at offset %d", n.TP(), n.Offset), Detail, true
	case kafka.SegmentDeleted:
		return Because(fmt.Sprintf("deletes the segment of %s that began at offset %d", n.TP(), n.Offset),
			n.Text), shown(n.Topic, Notable), true
	case kafka.LogCleaned:
		return Because(
				fmt.Sprintf("has compacted its log of %s up to offset %d", n.TP(), n.Offset),
				n.Text,
			),
			shown(
				n.Topic,
				Notable,
			), true
	case kafka.DamageFound:
		return damageSentence(n)
	default:
		return Because("loses its log directory", n.Text), Headline, false
	}
}

// damageSentence tells what a start found damaged on its disk.
func damageSentence(n *kafka.Note) (string, Weight, bool) {
	d, ok := kafka.ParseDamage(n.Text)
	if !ok {
		return Because("finds its disk damaged", n.Text), shown(n.Topic, Notable), true
	}
	weight := Detail
	if d.Kind.Losing() {
		weight = shown(n.Topic, Notable)
	}
	return "finds on its disk: " + d.Words(), weight, true
}

// clientSentence tells what clients learn about themselves.
func clientSentence(n *kafka.Note) (string, Weight, bool) {
	switch n.Kind {
	case kafka.ProducerIDAssigned:
		return fmt.Sprintf("has producer id %d, epoch %d", n.Offset, n.Generation), Ordinary, false
	case kafka.TruncationDetected:
		return fmt.Sprintf("finds that %s was cut back to offset %d behind its back", n.TP(), n.Offset),
			Headline, false
	case kafka.RecordProcessed:
		return fmt.Sprintf("is done with the record at offset %d of %s", n.Offset-1, n.TP()),
			Ordinary, true
	default:
		return Because(
			fmt.Sprintf("goes on at offset %d of %s", n.Offset, n.TP()),
			n.Text,
		), Notable, false
	}
}
