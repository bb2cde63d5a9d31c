package sim

import (
	"io"
	"time"

	"sandcastle/model"
)

// Config is what a world is made with.
type Config struct {
	// Seed is what every random choice follows from.
	Seed uint64
	// Trace receives the trace, one JSON object a line; nil keeps none. The run does not depend on it.
	Trace io.Writer
	// Describe completes the line of a frame with what its bytes say, in Text, Note and Empty, and
	// that of a timer, which has no bytes, with what it is for; nil leaves them out. It keeps neither
	// the line nor the bytes, and is asked only when somebody wants lines.
	Describe func(l *model.TraceLine, frame []byte)
	// MaxEvents ends the world: after so many events nothing more happens. 0 is no limit.
	MaxEvents uint64
	// Poison overwrites each frame that a process returns, so that whoever still uses it is found out:
	// the run is the same, unless somebody does.
	Poison bool
	// Unpacked is how many quarters of a megabyte of what was written long ago are kept as they are,
	// instead of compressed: 64 if 0.
	Unpacked int
	// CheckpointEvery is after how many events the rolling hash is remembered; 10,000 if not given.
	CheckpointEvery uint64
	// Audit has the world look after itself: Breaches are what it finds. The run does not depend on
	// it.
	Audit bool
}

// World is everything outside the processes: the clock, the network, the disks, and chance. It runs
// in one thread; nothing in it depends on anything but its Config and the calls made on it.
type World struct {
	cfg    Config
	kernel kernel
	digest digest
	events uint64 // executed so far; the seq of the trace

	nodes []*node
	byID  map[model.NodeID]*node

	*network

	flushes slab[pendingFlush]
	calls   slab[func()]
	timers  timers

	frames   frameMemory
	effects  model.Effects
	until    model.Time // when what is done to the world now is planned to end
	stepping bool       // a process takes a step, or its wishes are being done
	trace    tracer
	audit    *audit // nil if nobody wants it
	attic    *attic // of all disks

	onNote     func(*model.TraceLine)
	onLine     func(*model.TraceLine)
	onOp       func(model.NodeID, model.Time, model.Op)
	afterEvent func(model.NodeID)
	onFrame    func(f Frame)
	// spared are the nodes between which no filter acts, since HealAmong; nil for none.
	spared func(model.NodeID) bool
}

// Frame is one that a process takes, or one that it sends. Its Data lasts until the call returns.
type Frame struct {
	Node model.NodeID
	Conn model.ConnID
	Sent bool // by Node, which else has received it
	Data []byte
}

// New returns a world without nodes at time 0.
func New(cfg Config) *World {
	if cfg.CheckpointEvery == 0 {
		cfg.CheckpointEvery = 10_000
	}
	w := &World{cfg: cfg, byID: map[model.NodeID]*node{}, attic: newAttic(cfg.Unpacked)}
	if cfg.Audit {
		w.audit = newAudit(w)
	}
	w.network = &network{w: w, links: map[uint64]*link{}}
	w.digest = digest{sum: cfg.Seed, mark: cfg.CheckpointEvery}
	w.trace.out = cfg.Trace
	w.frames.poison = cfg.Poison
	w.effects.Frames = &w.frames
	return w
}

// OnNote has f called with every note of a process and every fault of the world.
func (w *World) OnNote(f func(*model.TraceLine)) { w.onNote = f }

// OnLine has f called with every line of the trace, in its order and before OnNote's function.
func (w *World) OnLine(f func(*model.TraceLine)) { w.onLine = f }

// OnOp has f called with every line of the history.
func (w *World) OnOp(f func(node model.NodeID, now model.Time, op model.Op)) { w.onOp = f }

// AfterEvent has f called after every executed event, with the node that took it; nil costs
// nothing.
func (w *World) AfterEvent(f func(model.NodeID)) { w.afterEvent = f }

// OnFrame has f called with every frame that a process is about to take, and with every one that it
// sends, in the order of its effects; nil costs nothing.
func (w *World) OnFrame(f func(Frame)) { w.onFrame = f }

// Now is the virtual time.
func (w *World) Now() model.Time { return w.kernel.now }

// Events counts the executed events.
func (w *World) Events() uint64 { return w.events }

// Hash is the rolling hash over everything executed so far.
func (w *World) Hash() uint64 { return w.digest.sum }

// Checkpoints are the hashes after every CheckpointEvery events.
func (w *World) Checkpoints() []uint64 { return w.digest.past }

// CheckpointEvery is the number of events between two checkpoints.
func (w *World) CheckpointEvery() uint64 { return w.cfg.CheckpointEvery }

// At has f called at a time, now if that is past. It is for the runner: f may do anything to the
// world.
func (w *World) At(at model.Time, f func()) {
	w.kernel.schedule(at, itemCall, -1, w.calls.put(f))
}

// Command gives a command to a running process, now.
func (w *World) Command(id model.NodeID, c model.Command) {
	w.arrive(w.node(id), arrival{ev: model.Event{Kind: model.Commanded, Command: c}})
}

// Exhausted tells whether Config.MaxEvents was reached.
func (w *World) Exhausted() bool { return w.cfg.MaxEvents > 0 && w.events >= w.cfg.MaxEvents }

// Step executes the next item; false when there is none, or no more is to happen.
func (w *World) Step() bool {
	if w.stepping {
		panic("sim: the world is run from within a step; use At")
	}
	if w.Exhausted() {
		return false
	}
	it, ok := w.kernel.next()
	if !ok {
		return false
	}
	switch it.what {
	case itemPacket:
		w.onPacket(it.arg)
	case itemTimer:
		if timer, fires := w.fires(it.arg); fires {
			if w.audit != nil {
				w.audit.fires(w.nodes[it.node], timer)
			}
			w.arrive(w.nodes[it.node], arrival{ev: model.Event{Kind: model.TimerFired, Timer: timer}})
		}
	case itemReady:
		w.onReady(&it)
	case itemFlush:
		w.onFlush(it.arg)
	case itemCall:
		f := *w.calls.at(it.arg)
		w.calls.free(it.arg)
		f()
	default:
		panic("sim: unknown item")
	}
	return true
}

// Run executes everything that is due up to and at a time, and sets the clock to it.
func (w *World) Run(until model.Time) {
	for w.kernel.nextAt() <= until && w.Step() {
	}
	w.passTo(until)
}

// RunUntil executes until cond holds, which is asked before every item, or limit is reached. It
// returns whether cond holds.
func (w *World) RunUntil(cond func() bool, limit model.Time) bool {
	for !cond() {
		if w.kernel.nextAt() > limit || !w.Step() {
			w.passTo(limit)
			return cond()
		}
	}
	return true
}

// passTo lets time pass in which nothing happens. To the end of time nothing moves the clock.
func (w *World) passTo(at model.Time) {
	if at != model.Never {
		w.kernel.now = max(w.kernel.now, at)
	}
}

// execute lets the process of n take one event, and does what it wants.
func (w *World) execute(n *node, a arrival) {
	w.events++
	seq, now := w.events, w.kernel.now
	w.digest.add(uint64(now), seq, uint64(a.ev.Kind)|uint64(n.index)<<8, contentSum(&a.ev))
	w.traceEvent(n, &a, seq)
	out := &w.effects
	out.Reset()
	w.stepping = true
	if w.onFrame != nil && a.ev.Kind == model.FrameReceived {
		w.onFrame(Frame{Node: n.cfg.ID, Conn: a.ev.Conn, Data: a.ev.Data})
	}
	if n.disk != nil {
		n.disk.used = false
	}
	wall := n.wall.reads(now)
	if w.audit != nil {
		w.audit.gives(n, &a, wall)
	}
	n.process.Step(a.ev, out.At(now).WallAt(wall))
	took := n.cfg.Hardware.cpu(len(a.ev.Data)) + out.Work
	n.usage.CPU += took
	n.busy = now.Add(took)
	w.apply(n, out.List, stepEnd{n.busy, n.disk.waited()}, seq)
	w.digest.checkpoint(seq)
	if w.afterEvent != nil {
		w.afterEvent(n.cfg.ID)
	}
	w.stepping = false
}

// stepEnd is when a step ends, and how much later what it sends leaves.
type stepEnd struct {
	at   model.Time
	late time.Duration
}

// apply does what a step of n wants, at the time at which the step ends. It stops when the runner,
// told of a note or an operation, ends the process.
func (w *World) apply(n *node, list []model.Effect, end stepEnd, seq uint64) {
	turn, at := n.turn, end.at
	for i := range list {
		if n.turn != turn {
			return
		}
		eff := &list[i]
		switch eff.Kind {
		case model.EffectSend:
			took := n.cfg.Hardware.cpu(len(eff.Data)) - n.cfg.Hardware.PerEvent
			n.usage.CPU += took
			at = at.Add(took)
			if w.onFrame != nil {
				w.onFrame(Frame{Node: n.cfg.ID, Conn: eff.Conn, Sent: true, Data: eff.Data})
			}
			w.send(n, eff, stepEnd{at, end.late}, seq)
		case model.EffectDial:
			w.dial(n, eff.Conn, eff.Addr, at, seq)
		case model.EffectClose:
			w.close(n, eff.Conn, at, seq)
		case model.EffectSetTimer:
			if w.audit != nil {
				w.audit.setsTimer(n, eff.Timer, max(eff.At, at))
			}
			w.setTimer(n, eff.Timer, max(eff.At, at))
		case model.EffectCancelTimer:
			if w.audit != nil {
				w.audit.cancelsTimer(n, eff.Timer)
			}
			w.cancelTimer(n, eff.Timer)
		case model.EffectFlush:
			w.flush(n, eff.Flush, at, seq)
		case model.EffectNote:
			w.note(n, w.effects.Notes[eff.Index], seq)
		case model.EffectOp:
			w.op(n, w.effects.Ops[eff.Index])
		case model.EffectHalt:
			w.Fault(model.Fault{Verb: model.FaultHalt, Node: n.cfg.ID, Detail: eff.Reason})
			w.stop(n, stopped)
			return
		default:
			panic("sim: unknown effect")
		}
	}
	if n.turn == turn {
		n.busy = max(n.busy, at)
	}
}

// op reports a line of the history.
func (w *World) op(n *node, op model.Op) {
	w.digest.sum = op.Sum(w.digest.sum)
	if w.onOp != nil {
		w.onOp(n.cfg.ID, w.kernel.now, op)
	}
}

// HealAll ends every Cut and SetLatency, in the order in which the links came to be, removes every
// filter, releases every message that one holds, mends every disk, and sets every clock right.
func (w *World) HealAll() {
	for _, l := range w.linkList {
		w.healLink(l)
		if l.slow {
			w.ResetLatency(l.from.cfg.ID, l.to.cfg.ID)
		}
	}
	w.filters, w.spared = nil, nil
	w.Release()
	for _, n := range w.nodes {
		w.Clock(n.cfg.ID).SetRight()
		if n.disk != nil {
			w.MendDisk(n.cfg.ID)
			w.QuickenDisk(n.cfg.ID)
			w.DiskDamage(n.cfg.ID).Repair()
		}
	}
}
