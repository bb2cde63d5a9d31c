package sim

import (
	"fmt"

	"sandcastle/model"
)

// NodeConfig describes a node before it starts.
type NodeConfig struct {
	ID       model.NodeID
	Hardware Hardware
	// Listens says that others may dial it.
	Listens bool
	// HasDisk gives its processes a disk, which stays when they die.
	HasDisk bool
	// Make makes the process, each time the node starts.
	Make func(model.Boot) model.Process
}

// state is what a node is doing.
type state uint8

const (
	stopped state = iota // no process; the machine answers that nobody listens
	off                  // no power: nothing answers
	running              // a process takes events
	paused               // a process is there but takes none; its connections stay
)

// node is one machine with at most one process.
type node struct {
	cfg     NodeConfig
	index   int32
	state   state
	process model.Process
	starts  uint64 // how often it was started: the incarnation
	disk    *Disk
	wall    wallClock
	timers  map[model.Timer]uint32 // slots of World.timers
	sweepAt int                    // so many timers make it worth forgetting those that are not set

	ends map[model.ConnID]*end // open connections by this process's ids
	// the same in the order in which they were opened, with closed ones between
	ordered  []*end
	halfOpen []*end       // connections that a power loss broke and the peers still hold open
	accepted model.ConnID // the last even id given out

	inbox    queue
	busy     model.Time // its CPU is taken until then
	nicBusy  model.Time
	diskBusy model.Time
	usage    Usage
	turn     uint64         // voids the ready items of earlier turns
	ready    bool           // a ready item is scheduled
	flushed  []pendingFlush // that completed while the process was paused
}

// arrival is an event on its way into a process.
type arrival struct {
	ev    model.Event
	cause uint64
	sent  model.Time
	label model.Label
	// starts is the start of the process that it was meant for; kept for the audit.
	starts uint64
}

// queue is a ring of arrivals.
type queue struct {
	ring  []arrival
	first int
	n     int
}

func (q *queue) push(a arrival) {
	if q.n == len(q.ring) {
		bigger := make([]arrival, max(8, 2*len(q.ring)))
		for i := range q.n {
			bigger[i] = q.ring[(q.first+i)%len(q.ring)]
		}
		q.ring, q.first = bigger, 0
	}
	q.ring[(q.first+q.n)%len(q.ring)] = a
	q.n++
}

func (q *queue) pop() arrival {
	a := q.ring[q.first]
	q.ring[q.first] = arrival{}
	q.first = (q.first + 1) % len(q.ring)
	q.n--
	return a
}

func (q *queue) clear() { *q = queue{} }

// AddNode adds a node that is not started yet.
func (w *World) AddNode(cfg NodeConfig) {
	if w.byID[cfg.ID] != nil {
		panic("sim: node " + string(cfg.ID) + " was added twice")
	}
	n := &node{
		cfg: cfg, index: int32(len(w.nodes)), timers: map[model.Timer]uint32{},
		ends: map[model.ConnID]*end{},
	}
	if cfg.HasDisk {
		n.disk = NewDisk(model.NewRand(w.cfg.Seed, "disk "+string(cfg.ID)))
		n.disk.attic = w.attic
	}
	w.nodes = append(w.nodes, n)
	w.byID[cfg.ID] = n
}

func (w *World) node(id model.NodeID) *node {
	n := w.byID[id]
	if n == nil {
		panic("sim: there is no node " + string(id))
	}
	return n
}

// Start starts a node that is not running.
func (w *World) Start(id model.NodeID) {
	n := w.node(id)
	if n.state == running || n.state == paused {
		return
	}
	if n.starts > 0 {
		w.Fault(model.Fault{Verb: model.FaultStart, Node: id})
	}
	n.starts++
	n.accepted = 0
	boot := model.Boot{
		Node: id, Incarnation: n.starts,
		Rand: model.NewRand(w.cfg.Seed, fmt.Sprintf("node %s %d", id, n.starts)),
	}
	if n.disk != nil {
		boot.Disk = n.disk
	}
	if w.audit != nil {
		w.audit.begins(fmt.Sprintf("%s at start %d", id, n.starts), *boot.Rand)
	}
	n.state = running
	n.busy = max(n.busy, w.kernel.now)
	n.process = n.cfg.Make(boot)
	w.resetHalfOpen(n)
	w.arrive(n, arrival{ev: model.Event{Kind: model.Started}})
}

// Kill ends the process; the machine stays. Its peers see their connections reset. What it wrote is
// in the page cache and stays.
func (w *World) Kill(id model.NodeID) {
	n := w.node(id)
	if n.state != running && n.state != paused {
		return
	}
	w.Fault(model.Fault{Verb: model.FaultKill, Node: id})
	held := bytesOn(n.disk)
	w.stop(n, stopped)
	if w.audit != nil {
		w.audit.demand(bytesOn(n.disk) == held, n, "a kill changed what is on the disk")
	}
}

// Exit takes away a process that has come to its own end, as a program that returned. That is no
// fault, and nothing is traced.
func (w *World) Exit(id model.NodeID) {
	if n := w.node(id); n.state == running {
		w.stop(n, stopped)
	}
}

// PowerLoss ends the process and the machine: its peers hear nothing, and what was not flushed is
// lost.
func (w *World) PowerLoss(id model.NodeID) {
	w.losePower(id, powerLoss{lose: (*Disk).PowerLoss})
}

// PowerLossNothingKept is a PowerLoss after which the disk has nothing that was not flushed.
func (w *World) PowerLossNothingKept(id model.NodeID) {
	w.losePower(id, powerLoss{lose: (*Disk).Revert, nothingKept: true})
}

// powerLoss is what a loss of power does to a disk.
type powerLoss struct {
	lose        func(*Disk)
	nothingKept bool   // of what was not flushed
	how         string // in the trace; "" needs no word
}

func (w *World) losePower(id model.NodeID, loss powerLoss) {
	n := w.node(id)
	if n.state == off {
		return
	}
	w.Fault(model.Fault{Verb: model.FaultPowerLoss, Node: id, Detail: loss.how})
	w.stop(n, off)
	if n.disk != nil {
		loss.lose(n.disk)
		if w.audit != nil {
			w.audit.losesPower(n, loss.nothingKept)
		}
	}
}

// stop ends the process of n, if there is one.
func (w *World) stop(n *node, after state) {
	n.state, n.process = after, nil
	n.inbox.clear()
	n.flushed = nil
	n.turn++
	n.ready = false
	n.busy = w.kernel.now
	if after == off {
		n.nicBusy, n.diskBusy = n.busy, n.busy
	}
	w.cancelAll(n)
	w.disconnect(n)
	if w.audit != nil {
		w.audit.ends(n)
	}
}

// Restart starts a node anew, killing its process first.
func (w *World) Restart(id model.NodeID) {
	w.Kill(id)
	w.Start(id)
}

// Pause keeps the process from taking events, as a stop-the-world garbage collection does.
func (w *World) Pause(id model.NodeID) {
	if n := w.node(id); n.state == running {
		w.Fault(model.Fault{Verb: model.FaultPause, Node: id})
		n.state = paused
	}
}

// Resume ends Pause; what arrived meanwhile is taken in order.
func (w *World) Resume(id model.NodeID) {
	n := w.node(id)
	if n.state != paused {
		return
	}
	w.FaultEnded(model.Fault{Verb: model.FaultResume, Node: id})
	n.state = running
	flushed := n.flushed
	n.flushed = nil
	w.wake(n)
	for i := range flushed {
		if n.state == running && n.starts == flushed[i].starts {
			w.complete(n, &flushed[i])
		}
	}
}

// Running tells whether the node has a process that takes events.
func (w *World) Running(id model.NodeID) bool { return w.node(id).state == running }

// Paused tells whether the node has a process that stands still.
func (w *World) Paused(id model.NodeID) bool { return w.node(id).state == paused }

// Powered tells whether the node's machine runs, with or without a process.
func (w *World) Powered(id model.NodeID) bool { return w.node(id).state != off }

// Process returns the node's process, nil when there is none. It is for looking, between events.
func (w *World) Process(id model.NodeID) model.Process {
	n := w.byID[id]
	if n == nil || n.process == nil {
		return nil
	}
	return n.process
}

// Incarnation counts the starts of a node.
func (w *World) Incarnation(id model.NodeID) uint64 { return w.node(id).starts }

// Nodes returns the ids of all nodes in the order in which they were added.
func (w *World) Nodes() []model.NodeID {
	ids := make([]model.NodeID, len(w.nodes))
	for i, n := range w.nodes {
		ids[i] = n.cfg.ID
	}
	return ids
}

// Disk returns the node's disk, nil when it has none.
func (w *World) Disk(id model.NodeID) *Disk { return w.node(id).disk }

// arrive brings an event to n: it is taken now if the node is free, else in its turn. What the
// runner does from within a step also waits its turn, for steps do not nest.
func (w *World) arrive(n *node, a arrival) {
	if n.state != running && n.state != paused {
		return
	}
	a.starts = n.starts
	if n.state == running && n.inbox.n == 0 && n.busy <= w.kernel.now && !w.stepping {
		w.execute(n, a)
		return
	}
	n.inbox.push(a)
	w.wake(n)
}

// wake schedules the moment at which n takes its next event.
func (w *World) wake(n *node) {
	if n.ready || n.state != running || n.inbox.n == 0 {
		return
	}
	n.ready = true
	w.kernel.schedule(n.busy, itemReady, n.index, n.turn)
}

// onReady takes the next event of n.
func (w *World) onReady(it *item) {
	n := w.nodes[it.node]
	if it.arg != n.turn {
		return
	}
	n.ready = false
	if n.state == running && n.inbox.n > 0 && n.busy <= w.kernel.now {
		w.execute(n, n.inbox.pop())
	}
	w.wake(n)
}
