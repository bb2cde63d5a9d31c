package sim

import (
	"fmt"
	"time"

	"sandcastle/model"
)

// audit is a second account of what a world promises its processes, kept from what they ask for and
// what they are given, at the border between the two. It is not told how the world does what it
// does, so that a mistake there shows as a difference.
//
//	process ── effects ──▶ asked ┐
//	                             ├─ audit: what is given is what was asked for
//	process ◀── events ── given ─┘
//
// What faults have done is allowed for from the calls that did it. The promises are those of
// contract.go, contract_disk.go and contract_network.go.
type audit struct {
	w    *World
	last model.Time // of the event before
	// timers are those that are set, with when they are due.
	timers map[timerOf]model.Time
	// streams are what was sent and has not arrived, by who receives it.
	streams map[*end]*stream
	cut     map[[2]*node]bool
	latency map[[2]*node]time.Duration // where SetLatency has set it
	draws   map[uint64]string          // the first draw of each stream of random numbers
	durable map[*File]durable
	full    map[*Disk]int64 // bytes on disks that are full
	found   []Breach
}

// Breach is a promise that a world has broken.
type Breach struct {
	At   model.Time
	Node model.NodeID
	What string
}

const (
	// mostBreaches is how many are kept.
	mostBreaches = 8
	// frameTime is more than a frame takes beyond the latency of its link.
	frameTime = 5 * time.Minute
)

type timerOf struct {
	node  *node
	timer model.Timer
}

// stream is what is on its way to one side of a connection, oldest first.
type stream struct {
	frames []sentFrame
	// The process has taken those before first, and those before arrived are at its machine, or lost
	// by a fault. Invariant: first <= arrived.
	first, arrived int
}

// sentFrame is a frame as its sender gave it away.
type sentFrame struct {
	sum      uint64
	earliest model.Time // that it can arrive
	dropped  bool       // by a fault
}

func newAudit(w *World) *audit {
	return &audit{
		w: w, timers: map[timerOf]model.Time{}, streams: map[*end]*stream{},
		cut: map[[2]*node]bool{}, latency: map[[2]*node]time.Duration{},
		draws: map[uint64]string{}, durable: map[*File]durable{}, full: map[*Disk]int64{},
	}
}

// Breaches are the promises that the world has broken so far, where Config.Audit has it look; the
// first ones, if they are many.
func (w *World) Breaches() []Breach {
	if w.audit == nil {
		return nil
	}
	w.audit.rests()
	return w.audit.found
}

// demand notes a breach of what is promised to n unless it is kept.
func (a *audit) demand(kept bool, n *node, format string, args ...any) {
	if kept || len(a.found) == mostBreaches {
		return
	}
	b := Breach{At: a.w.kernel.now, What: fmt.Sprintf(format, args...)}
	if n != nil {
		b.Node = n.cfg.ID
	}
	a.found = append(a.found, b)
}

// gives looks at an event that a process is about to take.
func (a *audit) gives(n *node, x *arrival, wall model.Time) {
	now := a.w.kernel.now
	a.demand(now >= a.last, n, "time went back from %s to %s", a.last, now)
	a.last = max(a.last, now)
	a.demand(n.state == running && n.process != nil, n, "%s came to a process that is not running",
		x.ev.Kind)
	a.demand(x.starts == n.starts, n, "%s of an earlier life came to start %d", x.ev.Kind, n.starts)
	a.demand(wall == now || n.wall != (wallClock{}), n, "the wall clock shows %s at %s", wall, now)
	if x.ev.Kind == model.FrameReceived {
		a.receives(n, x)
	}
}

// receives looks whether a frame is the next one of its connection, whole and not too early.
func (a *audit) receives(n *node, x *arrival) {
	e := n.ends[x.ev.Conn]
	if e == nil {
		return // the process has closed it since
	}
	s := a.streams[e]
	for s != nil && s.first < len(s.frames) && s.frames[s.first].dropped {
		s.first++
	}
	if s == nil || s.first >= s.arrived {
		a.demand(false, n, "a frame came on connection %d that nobody sent", x.ev.Conn)
		return
	}
	f := s.frames[s.first]
	s.first++
	if s.first == len(s.frames) {
		*s = stream{frames: s.frames[:0]}
	}
	sum := model.Sum64(0, x.ev.Data)
	a.demand(sum == f.sum, n, "a %s of %d bytes from %s came on connection %d that is not what was "+
		"sent next there", x.label.Name, len(x.ev.Data), x.ev.Peer, x.ev.Conn)
	a.demand(a.w.kernel.now >= f.earliest, n, "a %s from %s came at %s; it takes until %s at least",
		x.label.Name, x.ev.Peer, a.w.kernel.now, f.earliest)
}

// arrives looks at what has come as far as the machine of to.
func (a *audit) arrives(p *packet, to *end) {
	from := p.from.node
	a.demand(!a.cut[[2]*node{from, to.node}], to.node, "something came over the cut link from %s",
		from.cfg.ID)
	if s := a.streams[to]; p.kind == packetFrame && s != nil && s.arrived < len(s.frames) {
		s.arrived++
	}
}

// sends notes a frame that a process sends, or that a fault sends again.
func (a *audit) sends(e *end, data []byte) {
	s := a.streams[e.peer]
	if s == nil {
		s = &stream{}
		a.streams[e.peer] = s
	}
	base, set := a.latency[[2]*node{e.node, e.peer.node}]
	if !set {
		base = e.node.cfg.Hardware.Latency
	}
	s.frames = append(s.frames, sentFrame{
		sum: model.Sum64(0, data), earliest: a.w.kernel.now.Add(base),
	})
}

// drops notes that a fault has lost the first frame on its way from an end that is not lost yet.
func (a *audit) drops(e *end) {
	s := a.streams[e.peer]
	if s != nil && s.arrived < len(s.frames) {
		s.frames[s.arrived].dropped = true
		s.arrived++
	}
}

// setsTimer and cancelsTimer note what a process asks for.
func (a *audit) setsTimer(n *node, t model.Timer, at model.Time) {
	a.timers[timerOf{n, t}] = max(at, a.w.kernel.now)
}

func (a *audit) cancelsTimer(n *node, t model.Timer) { delete(a.timers, timerOf{n, t}) }

// fires looks at a timer that has come due.
func (a *audit) fires(n *node, t model.Timer) {
	at, set := a.timers[timerOf{n, t}]
	delete(a.timers, timerOf{n, t})
	now := a.w.kernel.now
	a.demand(set, n, "timer %d/%d fired, and is not set", t.Kind, t.ID)
	a.demand(!set || at == now, n, "timer %d/%d fired at %s, and was set to %s", t.Kind, t.ID, now, at)
}

// ends forgets what belonged to a process that is gone.
func (a *audit) ends(n *node) {
	for t := range a.timers { //unordered: each goes by itself
		if t.node == n {
			delete(a.timers, t)
		}
	}
	for e := range a.streams { //unordered: each goes by itself
		if e.node == n {
			delete(a.streams, e)
		}
	}
}

// begins looks whether a stream of random numbers is one of its own. It draws from a copy.
func (a *audit) begins(name string, r model.Rand) {
	first := r.Uint64()
	other, taken := a.draws[first]
	a.demand(!taken, nil, "the random numbers of %s are those of %s", name, other)
	a.draws[first] = name
}

// rests looks, when the faults are over, for what a running process was promised and never given:
// timers that are overdue, and frames that lie about for longer than a link can take.
func (a *audit) rests() {
	if a.w.Exhausted() {
		return
	}
	now := a.w.kernel.now
	for t, at := range a.timers { //unordered: the first breaches are found in any order of time
		if t.node.state == running && t.node.inbox.n == 0 {
			a.demand(at >= now, t.node, "timer %d/%d was set to %s and never fired", t.timer.Kind,
				t.timer.ID, at)
		}
	}
	for e, s := range a.streams { //unordered: as with timers
		if e.open && e.peer.open && len(e.peer.stalled) == 0 && s.arrived < len(s.frames) &&
			!a.cut[[2]*node{e.peer.node, e.node}] {
			due := s.frames[s.arrived].earliest
			a.demand(now < due.Add(frameTime), e.node, "a frame from %s was to come at %s and never did",
				e.peer.node.cfg.ID, due)
		}
	}
	for _, l := range a.w.linkList {
		for _, e := range l.ends {
			a.demand(len(e.stalled) == 0 || a.cut[[2]*node{l.from, l.to}] || e.until >= now, l.to,
				"%d packets from %s wait since %s, and nothing holds them", len(e.stalled), l.from.cfg.ID,
				e.until)
		}
	}
}
