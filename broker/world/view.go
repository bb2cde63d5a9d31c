package world

import (
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func (w *World) show(format string, values ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, values...))
}

func (w *World) view(a *args) error {
	switch word := a.word(); word {
	case "group":
		w.viewGroup(a.word())
	case "zookeeper":
		w.viewZooKeeper(a.word(), a.word() == "names")
	case "sessions":
		w.viewSessions()
	case "controller":
		for _, id := range w.brokers {
			if b := w.broker(id); b != nil && b.IsController() {
				w.show("%s believes itself the controller", id)
			}
		}
	case "queue":
		for _, p := range w.net.Packets() {
			w.show("%s", w.words.packet(p))
		}
	default:
		if w.clients[model.NodeID(word)] != nil {
			w.viewClient(model.NodeID(word))
			return nil
		}
		tp, ok := kafka.ParseTopicPartition(word)
		if !ok {
			return fmt.Errorf("%q is nothing that can be viewed", word)
		}
		w.viewPartition(tp, a.word() == "log")
	}
	return nil
}

// viewPartition shows what ZooKeeper holds of a partition, and how each replica sees it.
func (w *World) viewPartition(tp kafka.TopicPartition, log bool) {
	if z, ok := w.net.Process(zooKeeper).(*zookeeper.Server); ok {
		data, _ := z.Data(znode.PartitionStatePath(tp))
		if s, err := znode.DecodePartitionState(tp, data); err == nil {
			leader := fmt.Sprintf("leader %d", s.Leader)
			if s.Leader < 0 {
				leader = "no leader"
			}
			w.show("zookeeper: %s, epoch %d, isr %v", leader, s.LeaderEpoch, s.ISR)
		}
	}
	for _, id := range w.brokers {
		b := w.broker(id)
		if b == nil {
			w.show("%s:  down", id)
			continue
		}
		if v, ok := b.Replicas().View(tp, 0); ok {
			w.viewReplica(id, b, &v, log)
		}
	}
}

func (w *World) viewReplica(id model.NodeID, b *broker.Broker, v *kafka.ReplicaView, log bool) {
	role := "idle    "
	switch {
	case v.Leading:
		role = "leader  "
	case b.Replicas().Follows(v.TP):
		role = "follower"
	}
	text := fmt.Sprintf("%s:  %s epoch %d, high watermark %d, log end %d", id, role, v.LeaderEpoch,
		v.HighWatermark, v.LogEnd)
	if v.LogStart > 0 {
		text += fmt.Sprintf(", log start %d", v.LogStart)
	}
	if v.Leading {
		text += fmt.Sprintf(", isr %v", v.ISR)
	}
	if log {
		text += " |" + records(v)
	}
	w.show("%s", text)
}

// records are the values of a log, by the epoch in which they were appended.
func records(v *kafka.ReplicaView) string {
	var text strings.Builder
	epoch := kafka.NoEpoch
	for _, b := range v.Batches {
		if b.Epoch != epoch {
			epoch = b.Epoch
			fmt.Fprintf(&text, " e%d:", epoch)
		}
		v.Values(b.Base, b.Last+1, func(_ kafka.Offset, value []byte) bool {
			fmt.Fprintf(&text, " %s", value)
			return true
		})
	}
	return text.String()
}

// viewGroup shows a group as its coordinator has it, and what each member believes it owns.
func (w *World) viewGroup(name string) {
	for _, id := range w.brokers {
		b := w.broker(id)
		if b == nil {
			continue
		}
		for _, g := range b.Groups() {
			if g.Group != name {
				continue
			}
			w.show("%s: %s, generation %d, leader %q", id, g.State, g.Generation, g.Leader)
			for _, m := range g.Members {
				w.show("  member %s: assigned %s", m.ID, assigned(m.Assignment))
			}
			for _, o := range g.Offsets {
				w.show("  committed %s@%d", o.TP, o.Offset)
			}
		}
	}
	for _, id := range w.net.Nodes() {
		if c, ok := w.net.Process(id).(*client.Consumer); ok && !c.Closed() && c.View().Group == name {
			v := c.View()
			w.show("%s believes: generation %d, owns %v", id, v.Generation, v.Owned)
		}
	}
}

func assigned(data []byte) string {
	var a kmsg.ConsumerMemberAssignment
	if len(data) == 0 || wire.ReadAssignment(data, &a) != nil {
		return "nothing"
	}
	var list []kafka.TopicPartition
	for _, t := range a.Topics {
		for _, p := range t.Partitions {
			list = append(list, kafka.TopicPartition{Topic: t.Topic, Partition: p})
		}
	}
	return fmt.Sprint(list)
}

// viewZooKeeper shows the nodes at and below a path, with whose session the ephemeral ones go, and
// what they hold unless it is asked for their names alone.
func (w *World) viewZooKeeper(path string, names bool) {
	z, ok := w.net.Process(zooKeeper).(*zookeeper.Server)
	if !ok {
		w.show("zookeeper:  down")
		return
	}
	owners := map[int64]string{}
	for _, s := range z.Sessions() {
		owners[s.ID] = s.Owner
	}
	for _, n := range z.Dump() {
		if !strings.HasPrefix(n.Path, path) {
			continue
		}
		text := n.Path
		if len(n.Data) > 0 && !names {
			text += " " + string(n.Data)
		}
		if owner := n.Stat.EphemeralOwner; owner != 0 {
			text += " (ephemeral, of the session of " + owners[owner] + ")"
		}
		w.show("%s", text)
	}
}

func (w *World) viewSessions() {
	z, ok := w.net.Process(zooKeeper).(*zookeeper.Server)
	if !ok {
		w.show("zookeeper:  down")
		return
	}
	for _, s := range z.Sessions() {
		state := "connected"
		if !s.Connected {
			state = "not connected"
		}
		w.show("%s: %s, timeout %s, heard of at %s", s.Owner, state, s.Timeout, w.since(s.Heard))
	}
}

// viewClient shows how a producer's sends stand, or what a consumer has read.
func (w *World) viewClient(id model.NodeID) {
	l := w.clients[id]
	for i := range l.sends {
		w.show("%s", outcome(&l.sends[i]))
	}
	if c, ok := w.net.Process(id).(*client.Consumer); ok {
		w.show("has read: %s", strings.Join(l.read, " "))
		if code := c.Failed(); code != 0 {
			w.show("gave up: %s", code)
		}
	}
}
