package logs

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// MisplacedReplicas checks what the metadata store says of partitions, and at rest where their
// replicas are: a leader is a member of the ISR, and this consists of assigned replicas; every
// assigned replica is open on its broker, and no other broker has one open; of a topic that was
// deleted none keeps a log. A disk that has lost
// something may have lost a deletion, and brings the log back.
func (b *Book) MisplacedReplicas(v *kafka.ClusterView) (list []Violation) {
	for i := range v.Replicas {
		tp := v.Replicas[i].TP
		if i > 0 && v.Replicas[i-1].TP == tp {
			continue
		}
		s, known := v.States[tp]
		if wrong := misledBy(&s); known && wrong != "" {
			list = append(list, misplaced(v.At, tp, "the metadata store", wrong))
		}
	}
	for i := range v.Placements {
		p := &v.Placements[i]
		for _, id := range v.Running {
			if p.Assigned != nil && b.part(p.TP).untold[id] && !slices.Contains(p.Assigned, id) {
				continue
			}
			if wrong := astray(p, id, b.broker(id).hurt); wrong != "" {
				list = append(list, misplaced(v.At, p.TP, fmt.Sprintf("broker-%d", id), wrong))
			}
		}
	}
	return list
}

// observeUntold follows who may keep a replica that was moved away. The controller tells a broker
// to stop it once, while it knows the broker; when either goes before the broker has heard of it,
// the next controller, or the same, tells the broker of what it is assigned only
// (KafkaController.onBrokerStartup and onControllerFailover, 3.9).
func (b *Book) observeUntold(n *kafka.Note) {
	switch n.Kind {
	case kafka.BrokerRegistered:
		b.broker(n.Broker).away = false
	case kafka.BrokerUnregistered:
		b.leave(n.Broker)
	case kafka.SessionExpired:
		if id, is := b.brokerID(model.NodeID(n.Text)); is {
			b.leave(id)
		}
	case kafka.ControllerElected:
		for _, p := range b.parts { //unordered: each is its own
			for id := range p.ends { //unordered: each is its own
				p.untold[id] = p.untold[id] || p.moved
			}
		}
	case kafka.ReassignmentStarted:
		b.part(n.TP()).moved = true
	case kafka.ReassignmentCompleted:
		p := b.part(n.TP())
		p.moved = true
		for id := range p.ends { //unordered: each is its own
			p.untold[id] = b.broker(id).away || b.broker(id).down
		}
	}
}

// leave notes that the controller loses sight of a broker.
func (b *Book) leave(id kafka.BrokerID) {
	b.broker(id).away = true
	for _, p := range b.parts { //unordered: each is its own
		p.untold[id] = p.untold[id] || p.moved
	}
}

func misplaced(now model.Time, tp kafka.TopicPartition, who, what string) Violation {
	return Violation{
		Anomaly: kafka.MisplacedReplica, Identity: fmt.Sprint(tp, who),
		Explanation: fmt.Sprintf("%s: %s %s", tp, who, what),
		Witnesses:   []kafka.Witness{{Op: -1, At: now, Who: who, Text: tp.String() + ": " + what}},
	}
}

// misledBy says what is wrong with the state of a partition, "" for nothing.
func misledBy(s *kafka.PartitionState) string {
	if s.Leader != kafka.NoBroker && !slices.Contains(s.ISR, s.Leader) {
		return fmt.Sprintf("names broker %d its leader, which is not in its ISR %v", s.Leader, s.ISR)
	}
	for _, id := range s.ISR {
		if s.Replicas != nil && !slices.Contains(s.Replicas, id) {
			return fmt.Sprintf("has broker %d in its ISR %v, which is none of its replicas %v", id, s.ISR,
				s.Replicas)
		}
	}
	return ""
}

// astray says what is wrong with a running broker's replica of a partition, or the lack of one.
func astray(p *kafka.Placement, id kafka.BrokerID, hurt bool) string {
	open, held := slices.Contains(p.Open, id), slices.Contains(p.Held, id) && !hurt
	switch assigned := slices.Contains(p.Assigned, id); {
	case p.Moving:
	case assigned && !open && p.TP.Topic == kafka.OffsetsTopic:
		// Nobody waits for that topic: its broker may just have come back.
	case assigned && !open:
		return fmt.Sprintf("has no replica of it, and is assigned one: %v", p.Assigned)
	case !assigned && (open || held) && p.Assigned == nil:
		return "keeps a log of it, and the topic was deleted"
	case !assigned && open: // one that was down when it was moved away keeps its log
		return fmt.Sprintf("keeps a log of it, and its replicas are %v", p.Assigned)
	}
	return ""
}
