package controller

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// world runs processes with a fixed latency and no losses: just enough of a simulator for this
// package.
type world struct {
	t     require.TestingT
	now   model.Time
	seq   uint64
	queue happenings
	nodes map[model.NodeID]*node
	notes []string // "node: note", without brokers' registrations
	// Of every leader epoch: the leader, who was ever in its ISR, and who was to delete its log.
	leaders         map[announced]int32
	inSync, deleted map[announced][]int32
}

const latency = time.Millisecond

type node struct {
	id       model.NodeID
	process  model.Process
	up       bool
	conns    map[model.ConnID]end
	accepted model.ConnID
	timers   map[model.Timer]uint64 // to the seq of the setting that counts
	cut      bool                   // cut off from everybody
}

type end struct {
	peer *node
	conn model.ConnID
}

type happening struct {
	at  model.Time
	seq uint64
	to  *node
	in  model.Event
}

type happenings []happening

func (h happenings) Len() int { return len(h) }
func (h happenings) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h happenings) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *happenings) Push(x any)   { *h = append(*h, x.(happening)) }
func (h *happenings) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func newWorld(t require.TestingT) *world {
	return &world{
		t: t, nodes: map[model.NodeID]*node{}, leaders: map[announced]int32{},
		inSync: map[announced][]int32{}, deleted: map[announced][]int32{},
	}
}

func (w *world) start(id model.NodeID, p model.Process) *node {
	n := &node{id: id, process: p, up: true, conns: map[model.ConnID]end{}, accepted: 2,
		timers: map[model.Timer]uint64{}}
	w.nodes[id] = n
	w.post(n, 0, model.Event{Kind: model.Started})
	return n
}

func (w *world) post(to *node, after time.Duration, in model.Event) uint64 {
	w.seq++
	heap.Push(&w.queue, happening{w.now.Add(after), w.seq, to, in})
	return w.seq
}

// kill ends a node; its peers see their connections closed.
func (w *world) kill(id model.NodeID) {
	n := w.nodes[id]
	n.up = false
	for _, conn := range sortedConns(n) {
		w.close(n, conn)
	}
}

func sortedConns(n *node) []model.ConnID {
	var list []model.ConnID
	for conn := range n.conns {
		list = append(list, conn)
	}
	slices.Sort(list)
	return list
}

func (w *world) close(n *node, conn model.ConnID) {
	e, ok := n.conns[conn]
	if !ok {
		return
	}
	delete(n.conns, conn)
	// The peer's end stays open until it hears of it, for frames that are on their way.
	if !n.cut && !e.peer.cut {
		w.post(e.peer, latency, model.Event{Kind: model.ConnClosed, Conn: e.conn, Text: "closed"})
	}
}

// mend ends a cut. Connections that have lost frames break.
func (w *world) mend(n *node) {
	if !n.cut {
		return
	}
	n.cut = false
	for _, conn := range sortedConns(n) {
		w.post(n, latency, model.Event{Kind: model.ConnClosed, Conn: conn, Text: "closed"})
		e := n.conns[conn]
		w.post(e.peer, latency, model.Event{Kind: model.ConnClosed, Conn: e.conn, Text: "closed"})
	}
}

// run executes everything that happens in the next d.
func (w *world) run(d time.Duration) {
	until := w.now.Add(d)
	for len(w.queue) > 0 && w.queue[0].at <= until {
		h := heap.Pop(&w.queue).(happening)
		w.now = h.at
		w.step(h)
	}
	w.now = until
}

func (w *world) step(h happening) {
	if !h.to.up {
		return
	}
	if h.in.Kind == model.TimerFired {
		if h.to.timers[h.in.Timer] != h.seq {
			return
		}
		delete(h.to.timers, h.in.Timer)
	}
	_, open := h.to.conns[h.in.Conn]
	closed := h.in.Kind == model.ConnClosed && h.in.Text == "closed"
	if !open && (closed || h.in.Kind == model.FrameReceived) {
		return
	}
	if closed {
		delete(h.to.conns, h.in.Conn)
	}
	w.apply(h.to, func(out *model.Effects) { h.to.process.Step(h.in, out.At(w.now)) })
}

// apply runs f as a step of n.
func (w *world) apply(n *node, f func(out *model.Effects)) {
	var out model.Effects
	f(&out)
	w.effects(n, out.List, &out)
}

func (w *world) effects(n *node, list []model.Effect, out *model.Effects) {
	for _, e := range list {
		switch e.Kind {
		case model.EffectSend:
			if to, ok := n.conns[e.Conn]; ok && !n.cut && !to.peer.cut {
				w.post(to.peer, latency, model.Event{Kind: model.FrameReceived, Conn: to.conn,
					Data: slices.Clone(e.Data)})
			}
		case model.EffectDial:
			w.dial(n, e)
		case model.EffectClose:
			w.close(n, e.Conn)
		case model.EffectSetTimer:
			n.timers[e.Timer] = w.post(n, max(0, e.At.Sub(w.now)),
				model.Event{Kind: model.TimerFired, Timer: e.Timer})
		case model.EffectCancelTimer:
			delete(n.timers, e.Timer)
		case model.EffectFlush:
			w.effects(n, e.Flush.Release, out)
			if e.Flush.Token != 0 {
				w.post(n, latency, model.Event{Kind: model.Flushed, Token: e.Flush.Token})
			}
		case model.EffectNote:
			w.notes = append(w.notes, fmt.Sprintf("%s: %s", n.id, out.Notes[e.Index]))
		default:
			panic(fmt.Sprintf("%s: effect %d", n.id, e.Kind))
		}
	}
}

func (w *world) dial(n *node, e model.Effect) {
	host, _, _ := strings.Cut(e.Addr, ":")
	peer := w.nodes[model.NodeID(host)]
	if peer == nil || !peer.up || peer.cut || n.cut {
		w.post(n, latency, model.Event{Kind: model.ConnClosed, Conn: e.Conn, Text: "refused"})
		return
	}
	conn := peer.accepted
	peer.accepted += 2
	n.conns[e.Conn], peer.conns[conn] = end{peer, conn}, end{n, e.Conn}
	w.post(peer, latency, model.Event{Kind: model.ConnOpened, Conn: conn, Peer: n.id})
	w.post(n, 2*latency, model.Event{Kind: model.ConnOpened, Conn: e.Conn})
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
