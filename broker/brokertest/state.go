package brokertest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Controller is the id of the broker that takes itself for the controller.
func (c *Cluster) Controller() int {
	c.T.Helper()
	for i := range c.Brokers {
		if b := c.Broker(i + 1); b != nil && b.IsController() {
			return i + 1
		}
	}
	require.Fail(c.T, "no broker is the controller")
	return 0
}

// Leader is the running broker that leads tp in the highest epoch; 0 if there is none.
func (c *Cluster) Leader(tp kafka.TopicPartition) int {
	best, highest := 0, kafka.NoEpoch
	for i := range c.Brokers {
		if b := c.Broker(i + 1); b != nil {
			if epoch, leads := b.Replicas().Leads(tp); leads && epoch > highest {
				best, highest = i+1, epoch
			}
		}
	}
	return best
}

// ISR is what the leader of tp holds for the committed ISR.
func (c *Cluster) ISR(tp kafka.TopicPartition) []int32 {
	return Ints(c.View(c.Leader(tp), tp).ISR)
}

// Ints are the ids as numbers.
func Ints(ids []kafka.BrokerID) []int32 {
	out := []int32{}
	for _, id := range ids {
		out = append(out, int32(id))
	}
	return out
}

// View is how broker id's replica of tp looks from outside.
func (c *Cluster) View(id int, tp kafka.TopicPartition) kafka.ReplicaView {
	c.T.Helper()
	for _, v := range c.Broker(id).Replicas().Views(nil) {
		if v.TP == tp {
			return v
		}
	}
	require.Fail(c.T, fmt.Sprintf("broker %d has no replica of %s", id, tp))
	return kafka.ReplicaView{}
}

// Noted counts the notes of a kind that a node made for tp.
func (c *Cluster) Noted(kind kafka.NoteKind, id model.NodeID, tp kafka.TopicPartition) int {
	n := 0
	for _, line := range c.Notes {
		if line.Note.Kind == kind && line.Node == id && line.Note.Topic == tp.Topic &&
			line.Note.Partition == tp.Partition {
			n++
		}
	}
	return n
}

// RequireEqualLogs has the replicas of tp on these brokers hold the same batches.
func (c *Cluster) RequireEqualLogs(tp kafka.TopicPartition, ids ...int) {
	c.T.Helper()
	first := c.View(ids[0], tp)
	for _, id := range ids[1:] {
		v := c.View(id, tp)
		require.Equal(c.T, first.Batches, v.Batches, "brokers %d and %d", ids[0], id)
		require.Equal(c.T, first.HighWatermark, v.HighWatermark)
	}
}

// Settled tells whether every one of these brokers has the whole log of tp, all of it committed.
func (c *Cluster) Settled(tp kafka.TopicPartition, ids ...int) bool {
	leader := c.Leader(tp)
	if leader == 0 {
		return false
	}
	end := c.View(leader, tp).LogEnd
	for _, id := range ids {
		at, ok := c.Broker(id).Replicas().Position(tp)
		if !ok || at.LogEnd != end || at.HighWatermark != end {
			return false
		}
	}
	return true
}

// File is what a file of a broker's disk holds.
func (c *Cluster) File(id int, name string) string {
	f, err := c.Sim.Disk(Node(id)).Open(name)
	require.NoError(c.T, err)
	b := make([]byte, f.Size())
	_, _ = f.ReadAt(b, 0)
	return string(b)
}
