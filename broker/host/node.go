package host

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Config says what a Node runs and where.
type Config struct {
	// Name is the process's name in its boot and in log lines.
	Name model.NodeID
	// Listeners accept the process's connections; none for one that only dials. The node closes
	// them.
	Listeners []Listener
	// Disk is the process's; nil for one that has none.
	Disk *Dir
	// Make makes the process.
	Make func(model.Boot) model.Process
	// MaxFrame bounds a frame in bytes (socket.request.max.bytes); 100 MiB if 0.
	MaxFrame int
	// MaxConnections bounds the accepted connections at one time (max.connections); no bound if 0.
	MaxConnections int
	// MaxPerHost bounds those from one address (max.connections.per.ip); no bound if 0.
	MaxPerHost int
	// MaxIdle ends an accepted connection that nobody used for so long (connections.max.idle.ms); 0
	// for never.
	MaxIdle time.Duration
	// MaxDescriptors is how many the whole program may have open; no bound if 0. Connections leave
	// some of them to files.
	MaxDescriptors int
	// Log receives what the host has to say, and the notes of the process; nothing is said if it is
	// nil.
	Log *slog.Logger
	// OnNote sees every note of the process and OnOp every operation, on the process's goroutine.
	OnNote func(now model.Time, n *kafka.Note)
	OnOp   func(now model.Time, op *kafka.Op)
}

// Listener accepts connections. The process hears its name with each of them.
type Listener struct {
	// Listener is nil where Bind, "host:port", says where to listen when the process accepts
	// connections. One that listens before keeps those that come waiting.
	net.Listener
	Bind string
	Name string
}

// Node is one running process.
type Node struct {
	cfg     Config
	log     *slog.Logger
	notes   noteLog
	process model.Process
	inbox   *inbox
	clock   clock
	timers  timers
	flusher flusher
	out     model.Effects
	frames  frames

	conns    map[model.ConnID]*connection
	doors    doors
	accepted int
	perHost  map[model.NodeID]int // accepted ones
	unread   atomic.Int64         // bytes that wait for peers to read them
	nextID   model.ConnID         // of the next accepted connection: even
	blamed   complaints

	halted   string // why the process ended itself
	stopping chan struct{}
	stopOnce sync.Once
	done     chan struct{} // closed when the process has ended
	others   sync.WaitGroup
}

// DefaultMaxFrame is Kafka's socket.request.max.bytes.
const DefaultMaxFrame = 100 << 20

// Start makes the process and runs it until Stop, or until it ends itself.
func Start(cfg Config) *Node {
	n := &Node{
		cfg: cfg, log: cfg.Log, inbox: newInbox(), clock: newClock(), timers: newTimers(),
		flusher: newFlusher(),
		conns:   map[model.ConnID]*connection{}, perHost: map[model.NodeID]int{}, nextID: 2,
		stopping: make(chan struct{}), done: make(chan struct{}),
	}
	if n.cfg.MaxFrame == 0 {
		n.cfg.MaxFrame = DefaultMaxFrame
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.log = n.log.With("node", string(cfg.Name))
	n.notes = newNoteLog(n.log)
	boot := model.Boot{Node: cfg.Name, Incarnation: 1, Rand: newRand(string(cfg.Name))}
	if cfg.Disk != nil {
		boot.Disk = cfg.Disk
	}
	n.out.Frames = &n.frames
	n.process = cfg.Make(boot)
	n.inbox.put(message{event: model.Event{Kind: model.Started}})
	n.doors = newDoors(n, cfg.Listeners)
	go n.run()
	return n
}

// newRand is a stream that nobody can foresee: ids of members and topics come from it.
func newRand(name string) *model.Rand {
	var seed [8]byte
	rand.Read(seed[:]) // never fails (crypto/rand, Go 1.24)
	return model.NewRand(binary.LittleEndian.Uint64(seed[:]), name)
}

// Addr is where the process listens first, "" if it does not.
func (n *Node) Addr() string {
	if len(n.cfg.Listeners) == 0 {
		return ""
	}
	if first := n.cfg.Listeners[0]; first.Listener == nil {
		return first.Bind
	}
	return n.cfg.Listeners[0].Addr().String()
}

// Command hands the process an instruction.
func (n *Node) Command(c model.Command) {
	n.inbox.put(message{event: model.Event{Kind: model.Commanded, Command: c}})
}

// Look calls look on the process's goroutine, between two steps, and waits until it is done. It
// returns false if the process has ended.
func (n *Node) Look(look func(model.Process)) bool {
	looked := make(chan struct{})
	n.inbox.put(message{look: func() { look(n.process); close(looked) }})
	select {
	case <-looked:
		return true
	case <-n.done:
		return false
	}
}

// Done is closed when the process has ended.
func (n *Node) Done() <-chan struct{} { return n.done }

// Halted says why the process ended itself, "" if it did not. Ask when Done is closed.
func (n *Node) Halted() string { return n.halted }

// Stop ends the process at once, as a kill does, and waits for what it left behind. To end in good
// order a broker is sent broker.Shutdown as a command, and ends itself.
func (n *Node) Stop() {
	n.stopOnce.Do(func() { close(n.stopping) })
	<-n.done
	n.others.Wait()
}

// run is the process's goroutine.
func (n *Node) run() {
	defer close(n.done)
	defer n.end()
	for n.halted == "" {
		wait := n.timers.wait(n.clock.now())
		batch, ok := n.inbox.drain(wait, n.stopping)
		if !ok {
			return
		}
		n.fire()
		for i := range batch {
			n.handle(&batch[i])
			batch[i] = message{}
			if n.halted != "" {
				return
			}
		}
		n.inbox.recycle(batch)
	}
}

// handle takes one message from the inbox.
func (n *Node) handle(m *message) {
	switch {
	case m.look != nil:
		m.look()
	case m.flush != nil:
		n.onFlushed(m.flush)
	case m.conn != nil:
		n.onConnection(m)
	default:
		n.step(m.event)
	}
}

// fire has the process handle the timers that are due. Those that it sets meanwhile wait until it
// has looked into its inbox: so it lets others have their turn within long work.
func (n *Node) fire() {
	now := n.clock.now()
	for n.halted == "" {
		t, ok := n.timers.due(now)
		if !ok {
			return
		}
		n.step(model.Event{Kind: model.TimerFired, Timer: t})
	}
}

// end closes what the process had open.
func (n *Node) end() {
	n.notes.end()
	n.stopOnce.Do(func() { close(n.stopping) })
	n.doors.close()
	n.inbox.close()
	//unordered: each is closed, in whatever order
	for _, c := range n.conns {
		c.close()
	}
}

// clock is a clock that starts at what the wall clock shows and that nobody sets.
type clock struct {
	start time.Time
	base  int64
}

func newClock() clock {
	start := time.Now()
	return clock{start: start, base: start.UnixNano()}
}

func (c clock) now() model.Time { return model.Time(c.base + int64(time.Since(c.start))) }

// wallClock is what the machine's clock shows; whoever sets that clock makes it jump.
func wallClock() model.Time { return model.Time(time.Now().UnixNano()) }

// String names the node and where it listens.
func (n *Node) String() string { return fmt.Sprintf("%s (%s)", n.cfg.Name, n.Addr()) }
