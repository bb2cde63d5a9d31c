package controller

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const churnBrokers = 4

// churn is a cluster to which everything happens, with no regard for what is under way.
type churn struct {
	t *rapid.T
	w *world
}

// Brokers, the controller among them, die, stop in good order and come back while topics come, grow
// and go, leaders change ISRs, and operators move replicas and leaders. Each epoch has one leader,
// out of the ISR, and no replica in sync is deleted: hosts check what they are sent. When all are
// back there is one controller, every partition has a leader out of its ISR, no deletion and no
// move is left over, and every broker has been sent the newest leader epoch of each of its
// replicas.
func TestChurnSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, _ := startCluster(t, churnBrokers)
		c := churn{t, w}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			c.step()
			if rapid.Bool().Draw(t, "in a hurry") {
				w.run(time.Duration(rapid.IntRange(0, 12).Draw(t, "wait ms")) * time.Millisecond)
			} else {
				w.run(time.Duration(rapid.IntRange(0, 8000).Draw(t, "long wait ms")) * time.Millisecond)
			}
		}
		for id := kafka.BrokerID(1); id <= churnBrokers; id++ {
			w.mend(w.nodes[nodeID(id)])
		}
		w.run(2 * sessionTimeout) // for what is queued
		for id := kafka.BrokerID(1); id <= churnBrokers; id++ {
			if h := w.nodes[nodeID(id)].process.(*host); w.stopping(id) || h.answer != nil {
				w.kill(nodeID(id)) // it has asked to stop, or lost its disk
			}
		}
		w.run(4 * sessionTimeout)
		for id := kafka.BrokerID(1); id <= churnBrokers; id++ {
			c.start(id)
		}
		w.run(4 * sessionTimeout)
		w.joinISRs()
		requireSettled(w)
	})
}

// stopping tells whether a controller has a live broker for one that stops.
func (w *world) stopping(id kafka.BrokerID) bool {
	for n := kafka.BrokerID(1); n <= churnBrokers; n++ {
		h := w.nodes[nodeID(n)].process.(*host)
		if b := h.c.cluster.broker(id); h.up() && h.c.Active() && b != nil && b.stopping {
			return true
		}
	}
	return false
}

func (c churn) step() {
	id := kafka.BrokerID(rapid.IntRange(1, churnBrokers).Draw(c.t, "broker"))
	switch action := rapid.SampledFrom([]string{
		"kill", "start", "create", "create", "delete", "grow", "isr", "isr", "isr", "reassign", "reassign",
		"cancel", "preferred", "unclean", "shutdown", "disk", "cut", "cut",
	}).Draw(c.t, "action"); action {
	case "kill":
		c.w.kill(nodeID(id))
	case "start":
		c.start(id)
	case "cut": // from ZooKeeper and everybody else, or back
		if n := c.w.nodes[nodeID(id)]; n.cut {
			c.w.mend(n)
		} else {
			n.cut = true
		}
	case "disk":
		c.w.nodes[nodeID(id)].process.(*host).answer = storageErrors
	default:
		for n := kafka.BrokerID(1); n <= churnBrokers; n++ {
			h := c.w.nodes[nodeID(n)].process.(*host)
			if h.up() && h.c.Active() {
				c.ask(h, action, id)
				return
			}
		}
	}
}

// storageErrors says of every replica that its disk has failed.
func storageErrors(req kmsg.Request, resp kmsg.Response) {
	r, ok := resp.(*kmsg.LeaderAndISRResponse)
	if !ok || r.ErrorCode != 0 {
		return
	}
	for _, ts := range req.(*kmsg.LeaderAndISRRequest).TopicStates {
		rt := kmsg.NewLeaderAndISRResponseTopic()
		rt.TopicID = ts.TopicID
		for _, p := range ts.PartitionStates {
			rp := kmsg.NewLeaderAndISRResponseTopicPartition()
			rp.Partition, rp.ErrorCode = p.Partition, int16(wire.KafkaStorageError)
			rt.Partitions = append(rt.Partitions, rp)
		}
		r.Topics = append(r.Topics, rt)
	}
}

func (c churn) start(id kafka.BrokerID) {
	if !c.w.nodes[nodeID(id)].up {
		c.w.host(id)
	}
}

// ask sends the controller of h a request, and does not wait for its answer.
func (c churn) ask(h *host, action string, id kafka.BrokerID) {
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(c.t, "topic")
	tp := kafka.TopicPartition{Topic: name}
	if all := h.c.cluster.all(); len(all) > 0 {
		tp = all[rapid.IntRange(0, len(all)-1).Draw(c.t, "partition")].tp
	}
	c.w.do(h, func(out *model.Effects) {
		now, answers := c.w.now, 0
		reply := func(*model.Effects, kmsg.Response) {
			answers++
			require.Equal(c.t, 1, answers, "answered twice")
		}
		switch action {
		case "create":
			h.c.HandleCreateTopics(out.At(now), creation(name, c.replicas()), reply)
		case "delete":
			h.c.HandleDeleteTopics(out.At(now), deletionOf(name), reply)
		case "grow":
			h.c.HandleCreatePartitions(out.At(now), growth(name, 2), reply)
		case "isr":
			if req := c.isr(h, tp); req != nil {
				h.c.HandleAlterPartition(out.At(now), req, reply)
			}
		case "reassign":
			h.c.HandleAlterPartitionReassignments(out.At(now), move(tp, c.replicas()), reply)
		case "cancel":
			h.c.HandleAlterPartitionReassignments(out.At(now), move(tp, nil), reply)
		case "preferred":
			h.c.HandleElectLeaders(out.At(now), kmsg.NewPtrElectLeadersRequest(), reply)
		case "unclean":
			h.c.HandleElectLeaders(out.At(now), election(int8(uncleanLeader), tp), reply)
		case "shutdown":
			if b := h.c.cluster.broker(id); b != nil {
				h.c.HandleControlledShutdown(out.At(now), shutdownOf(id, b.epoch), reply)
			}
		}
	})
}

func (c churn) replicas() []int32 {
	all := rapid.Permutation([]int32{1, 2, 3, 4}).Draw(c.t, "replicas")
	return all[:rapid.IntRange(1, churnBrokers).Draw(c.t, "replication factor")]
}

// isr is what the leader of tp may ask for: some of its replicas, itself among them.
func (c churn) isr(h *host, tp kafka.TopicPartition) *kmsg.AlterPartitionRequest {
	p := h.c.cluster.partition(tp)
	if p == nil || h.c.cluster.broker(p.state.Leader) == nil {
		return nil
	}
	var isr []int32
	for _, id := range p.assignment.Replicas {
		if id == p.state.Leader || rapid.IntRange(0, 3).Draw(c.t, "in sync") > 0 {
			isr = append(isr, int32(id))
		}
	}
	return h.alteration(tp, isr...)
}

// joinISRs has every replica catch up, so that moves can end.
func (w *world) joinISRs() {
	for range 2 { // a move that ends changes the replicas
		h := w.active()
		for _, p := range h.c.cluster.all() {
			h.alterISR(p.tp, wireIDs(p.assignment.Replicas)...)
		}
	}
}

// requireSettled checks what must hold when every broker is up and had time.
func requireSettled(w *world) {
	active := w.active()
	c := active.c
	require.Len(w.t, c.cluster.brokers, 4)
	require.Equal(w.t, "no event is running", c.events.String())
	require.Empty(w.t, c.events.pending)
	require.Empty(w.t, c.waiters.waiting)
	require.Empty(w.t, w.children(active, znode.DeleteTopicsPath))
	require.Empty(w.t, list(active, nil).Topics, "moves left over")
	for at, ids := range w.deleted { //unordered: every one must hold
		for _, id := range ids {
			require.NotContains(w.t, w.inSync[at], id, "broker %d was in sync, and had to delete", id)
		}
	}
	require.ElementsMatch(w.t, c.cluster.names, w.children(active, znode.TopicsPath))
	for _, p := range c.cluster.all() {
		require.Equal(w.t, partitionOnline, p.phase, "%s", p.tp)
		require.ElementsMatch(w.t, p.assignment.Replicas, p.state.ISR, "%s", p.tp)
		require.Contains(w.t, p.state.ISR, p.state.Leader)
		require.Equal(w.t, p.assignment.Replicas, active.assignment(p.tp).Replicas)
		w.requireState(p.tp.Topic, p.tp.Partition, p.state)
		require.Zero(w.t, c.cluster.topics[p.tp.Topic].unanswered)
		for id := kafka.BrokerID(1); id <= churnBrokers; id++ {
			h := w.nodes[nodeID(id)].process.(*host)
			at := announced{c.cluster.topics[p.tp.Topic].id, p.tp.Partition, int32(p.state.LeaderEpoch)}
			require.Equal(w.t, at, h.metadata[p.tp], "metadata of %s on broker %d", p.tp, id)
		}
		for _, id := range p.assignment.Replicas {
			h := w.nodes[nodeID(id)].process.(*host)
			require.Equal(w.t, int32(p.state.LeaderEpoch), h.leads[p.tp], "%s on broker %d", p.tp, id)
		}
	}
	require.Equal(w.t, wire.None, wire.Code(active.create("last", []int32{1, 2}).Topics[0].ErrorCode))
}
