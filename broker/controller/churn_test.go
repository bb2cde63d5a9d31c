package controller

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

// Brokers, the controller among them, die and come back while topics come and go. When all are back
// there is one controller, every partition has a leader out of its ISR, no deletion is left over,
// and every broker has been told the newest leader epoch of each of its replicas.
func TestChurnSettles(t *testing.T) {
	const brokers = 4
	rapid.Check(t, func(t *rapid.T) {
		w, _ := cluster(t, brokers)
		topics := []string{"a", "b", "c"}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			id := model.BrokerID(rapid.IntRange(1, brokers).Draw(t, "broker"))
			h := w.nodes[nodeID(id)].process.(*host)
			topic := rapid.SampledFrom(topics).Draw(t, "topic")
			switch rapid.SampledFrom([]string{"kill", "start", "create", "delete"}).Draw(t, "action") {
			case "kill":
				w.kill(nodeID(id))
			case "start":
				if !w.nodes[nodeID(id)].up {
					w.host(id)
				}
			case "create":
				if h.up() && h.c.Active() {
					first := int32(rapid.IntRange(1, brokers).Draw(t, "first replica"))
					h.create(topic, []int32{first, first%brokers + 1})
				}
			case "delete":
				if h.up() && h.c.Active() {
					h.remove(topic)
				}
			}
			w.run(time.Duration(rapid.IntRange(0, 8000).Draw(t, "wait ms")) * time.Millisecond)
		}
		for id := model.BrokerID(1); id <= brokers; id++ {
			if !w.nodes[nodeID(id)].up {
				w.host(id)
			}
		}
		w.run(4 * sessionTimeout)
		requireSettled(w)
	})
}

// requireSettled checks what must hold when every broker is up and had time.
func requireSettled(w *world) {
	var active *host
	for _, id := range []model.BrokerID{1, 2, 3, 4} {
		h := w.nodes[nodeID(id)].process.(*host)
		if h.c.Active() {
			require.Nil(w.t, active, "two controllers")
			active = h
		}
	}
	require.NotNil(w.t, active, "no controller")
	c := active.c
	require.Len(w.t, c.ctx.brokers, 4)
	require.False(w.t, c.events.running)
	require.Empty(w.t, c.events.pending)
	require.Empty(w.t, c.waiting)
	require.Empty(w.t, w.children(active, znode.DeleteTopicsPath))
	require.ElementsMatch(w.t, c.ctx.names, w.children(active, znode.TopicsPath))
	for _, p := range c.ctx.partitions(func(*topic, *partition) bool { return true }) {
		require.Equal(w.t, partitionOnline, p.phase, "%s", p.tp)
		require.Contains(w.t, p.state.ISR, p.state.Leader)
		w.requireState(p.tp.Topic, p.tp.Partition, p.state)
		require.Zero(w.t, c.ctx.topics[p.tp.Topic].unanswered)
		for _, id := range p.assignment.Replicas {
			h := w.nodes[nodeID(id)].process.(*host)
			require.Equal(w.t, int32(p.state.LeaderEpoch), h.leads[p.tp], "%s on broker %d", p.tp, id)
		}
	}
	require.Equal(w.t, wire.None, wire.Code(active.create("last", []int32{1, 2}).Topics[0].ErrorCode))
}
