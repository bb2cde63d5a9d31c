package controller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/world/wires"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// world is a ZooKeeper server and hosts, with a fixed latency between them.
type world struct {
	*wires.Net
	t     require.TestingT
	hosts map[kafka.BrokerID]*host // the last of each broker, dead or alive
	cut   map[model.NodeID]bool    // cut off: frames are lost, connections neither open nor end
	notes []string                 // "node: note", without brokers' registrations
	// Of every leader epoch: the leader, who was ever in its ISR, and who was to delete its log.
	leaders         map[announced]int32
	inSync, deleted map[announced][]int32
}

const latency = time.Millisecond

const zookeeperNode model.NodeID = "zookeeper-1"

func newWorld(t require.TestingT) *world {
	w := &world{
		Net: wires.New(), t: t, hosts: map[kafka.BrokerID]*host{}, cut: map[model.NodeID]bool{},
		leaders: map[announced]int32{}, inSync: map[announced][]int32{},
		deleted: map[announced][]int32{},
	}
	w.Latency, w.OnStep = latency, w.onStep
	w.OnSend = func(p *wires.Packet) {
		if p.Kind == wires.Frame && w.apart(p) {
			w.Drop(p)
		}
	}
	w.Hold(func(p *wires.Packet) bool { return p.Kind != wires.Frame && w.apart(p) })
	return w
}

// apart tells whether a cut is between the ends of p.
func (w *world) apart(p *wires.Packet) bool {
	return p.From != p.To && (w.cut[p.From] || w.cut[p.To])
}

// zookeeper starts the real server.
func (w *world) zookeeper() {
	w.Add(wires.Node{
		ID: zookeeperNode, Listens: true, Disk: sim.NewDisk(model.NewRand(1, "disk")),
		Make: func(b model.Boot) model.Process {
			return zookeeper.NewServer(b, zookeeper.ServerConfig{})
		},
	})
	w.Start(zookeeperNode)
}

// host starts a broker, connected to everybody.
func (w *world) host(id kafka.BrokerID) *host {
	node := nodeID(id)
	if !slices.Contains(w.Nodes(), node) {
		w.Add(wires.Node{ID: node, Listens: true, Make: func(b model.Boot) model.Process {
			w.hosts[id] = newHost(w, id, b.Rand)
			return w.hosts[id]
		}})
	}
	w.cut[node] = false
	w.Start(node)
	return w.hosts[id]
}

// work is the command to a host to run a function as a step.
type work func(out *model.Effects)

func (work) String() string { return "work" }
func (work) Sum() uint64    { return 0 }

// do runs f as a step of h.
func (w *world) do(h *host, f func(out *model.Effects)) { w.Command(h.nodeID(), work(f)) }

// mend ends a cut. Connections that may have lost frames break.
func (w *world) mend(node model.NodeID) {
	if !w.cut[node] {
		return
	}
	w.cut[node] = false
	// Where one side has closed already, the other hears of that and not of a reset.
	ended := func(p *wires.Packet) bool {
		return p.Kind == wires.Closed && (p.From == node || p.To == node)
	}
	for slices.ContainsFunc(w.Packets(), ended) {
		w.Deliver(w.Packets()[slices.IndexFunc(w.Packets(), ended)])
	}
	for _, other := range w.Nodes() {
		if other != node {
			w.Break(node, other)
		}
	}
}

// onStep writes down what is noted.
func (w *world) onStep(id model.NodeID, _ model.Event, out *model.Effects) {
	for _, e := range out.List {
		if e.Kind == model.EffectNote {
			w.notes = append(w.notes, fmt.Sprintf("%s: %s", id, out.Notes[e.Index]))
		}
	}
}

// drainNotes returns what was noted since the last call, without what match does not want.
func (w *world) drainNotes(kinds ...string) []string {
	var list []string
	for _, note := range w.notes {
		for _, kind := range kinds {
			if strings.Contains(note, ": "+kind+" ") {
				list = append(list, note)
			}
		}
	}
	w.notes = nil
	return list
}

func (w *world) requireNotes(want []string, kinds ...string) {
	require.Equal(w.t, want, w.drainNotes(kinds...))
}
