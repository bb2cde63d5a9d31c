package wires

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sandcastle/model"
)

// stepLimit is how many steps one Run may take. More means that processes keep each other busy
// without any time going by.
const stepLimit = 2_000_000

// Disk is what a node's process is given as its disk. Sync makes durable what was written at or
// below path, Revert takes back everything that is not durable.
type Disk interface {
	model.Disk
	Sync(path string)
	Revert()
}

// Node says how to make a process.
type Node struct {
	ID      model.NodeID
	Make    func(model.Boot) model.Process
	Listens bool
	Disk    Disk // nil for none
}

// Net is a few processes, the connections between them and a clock.
type Net struct {
	// Latency is how long a packet takes from node to node when Run delivers it.
	Latency time.Duration
	// OnStep sees every step after it was made; out is used again for the next.
	OnStep func(id model.NodeID, in model.Event, out *model.Effects)
	// OnSend sees every packet when it is sent.
	OnSend func(p *Packet)
	// Lost says which packets never arrive. It is asked when their time has come.
	Lost func(p *Packet) bool

	now     model.Time
	seq     int
	nodes   []*node // in the order of Add
	packets []*Packet
	holds   []func(p *Packet) bool
	cuts    map[[2]model.NodeID]bool
	out     model.Effects
}

// node is a Node with what has become of it.
type node struct {
	Node
	order    int
	starts   uint64
	process  model.Process // nil while it is down
	paused   bool
	accepted model.ConnID // the id of the next connection that it accepts
	conns    map[model.ConnID]*end
	timers   map[model.Timer]model.Time
}

// New returns a net without nodes at time 0.
func New() *Net { return &Net{cuts: map[[2]model.NodeID]bool{}} }

// Now is the time.
func (n *Net) Now() model.Time { return n.now }

// Add makes a node known. It is down.
func (n *Net) Add(c Node) {
	if n.find(c.ID) != nil {
		panic(fmt.Sprintf("wires: two nodes are called %s", c.ID))
	}
	n.nodes = append(n.nodes, &node{Node: c, order: len(n.nodes), accepted: 2})
}

func (n *Net) find(id model.NodeID) *node {
	for _, x := range n.nodes {
		if x.ID == id {
			return x
		}
	}
	return nil
}

func (n *Net) mustFind(id model.NodeID) *node {
	if x := n.find(id); x != nil {
		return x
	}
	panic(fmt.Sprintf("wires: there is no node %s", id))
}

// Nodes are the ids of all nodes, in the order of Add.
func (n *Net) Nodes() []model.NodeID {
	var ids []model.NodeID
	for _, x := range n.nodes {
		ids = append(ids, x.ID)
	}
	return ids
}

// Process is the running process of a node, nil if there is none.
func (n *Net) Process(id model.NodeID) model.Process {
	if x := n.find(id); x != nil {
		return x.process
	}
	return nil
}

// Conns counts the connections that a node has open or is opening.
func (n *Net) Conns(id model.NodeID) int { return len(n.mustFind(id).conns) }

// Start makes the node's process from what is on its disk and gives it its first event.
func (n *Net) Start(id model.NodeID) {
	x := n.mustFind(id)
	if x.process != nil {
		panic(fmt.Sprintf("wires: %s runs already", id))
	}
	x.starts++
	x.conns, x.timers = map[model.ConnID]*end{}, map[model.Timer]model.Time{}
	boot := model.Boot{
		Node: id, Incarnation: x.starts, Rand: model.NewRand(x.starts, string(id)),
	}
	if x.Disk != nil {
		boot.Disk = x.Disk
	}
	x.process = x.Make(boot)
	n.step(x, model.Event{Kind: model.Started})
}

// Command gives a running process a command.
func (n *Net) Command(id model.NodeID, c model.Command) {
	n.step(n.mustFind(id), model.Event{Kind: model.Commanded, Command: c})
}

// Kill ends a node's process; peers see their connections reset. Its disk keeps what was written.
func (n *Net) Kill(id model.NodeID) {
	x := n.mustFind(id)
	x.process, x.paused, x.timers = nil, false, nil
	for _, e := range x.ends() {
		n.close(e, "connection reset by peer")
	}
	n.forget(func(p *Packet) bool { return p.Kind == FlushDone && p.To == id })
}

// PowerLoss is Kill, and the disk keeps only what is durable.
func (n *Net) PowerLoss(id model.NodeID) {
	n.Kill(id)
	n.mustFind(id).Disk.Revert()
}

// Pause stops a process: nothing arrives and no timer fires until Resume.
func (n *Net) Pause(id model.NodeID) { n.mustFind(id).paused = true }

// Resume ends a Pause. What has become due happens with the next Run.
func (n *Net) Resume(id model.NodeID) { n.mustFind(id).paused = false }

// Cut keeps everything between two nodes back, both ways, until Heal.
func (n *Net) Cut(a, b model.NodeID) { n.cuts[pair(a, b)] = true }

// Heal ends a Cut.
func (n *Net) Heal(a, b model.NodeID) { delete(n.cuts, pair(a, b)) }

func pair(a, b model.NodeID) [2]model.NodeID { return [2]model.NodeID{min(a, b), max(a, b)} }

// Run lets everything take its course for d: packets arrive and timers fire in the order of time.
// With 0 what is due now happens, and what follows from it at once.
func (n *Net) Run(d time.Duration) {
	until := n.now.Add(d)
	for steps := 0; ; steps++ {
		if steps == stepLimit {
			panic("wires: the processes keep each other busy without end")
		}
		p := n.Next()
		x, timer, at := n.nextTimer()
		switch {
		case p != nil && p.At <= min(at, until): // packets before timers of the same moment
			n.now = max(n.now, p.At)
			n.Deliver(p)
		case at <= until:
			n.now = max(n.now, at)
			delete(x.timers, timer)
			n.step(x, model.Event{Kind: model.TimerFired, Timer: timer})
		default:
			n.now = until
			return
		}
	}
}

// nextTimer is the timer that fires next: by time, then by node, kind and id.
func (n *Net) nextTimer() (of *node, first model.Timer, at model.Time) {
	at = model.Never
	for _, x := range n.nodes {
		if x.paused {
			continue
		}
		for timer, due := range x.timers { //unordered: the least of an order without ties is chosen
			sooner := due < at
			if due == at && of == x {
				sooner = timer.Kind < first.Kind || timer.Kind == first.Kind && timer.ID < first.ID
			}
			if sooner {
				of, first, at = x, timer, due
			}
		}
	}
	return of, first, at
}

// After lets f happen in d, as part of Run.
func (n *Net) After(d time.Duration, f func()) {
	n.push(&Packet{Kind: Call, At: n.now.Add(d), call: f})
}

// ends are the node's connections, oldest first.
func (x *node) ends() []*end {
	ends := make([]*end, 0, len(x.conns))
	for _, e := range x.conns { //unordered: they are sorted below
		ends = append(ends, e)
	}
	slices.SortFunc(ends, func(a, b *end) int { return cmp.Compare(a.id, b.id) })
	return ends
}
