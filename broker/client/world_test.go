package client

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const latency = model.Time(time.Millisecond)

// world is one client against a scripted cluster, with bytes in between and a clock of its own.
type world struct {
	t       testing.TB
	now     model.Time
	seq     int
	queue   []scheduled
	timers  map[model.Timer]model.Time
	process model.Process
	out     model.Effects
	cluster *cluster

	conns map[model.ConnID]string // open ones, with their address
	busy  map[model.ConnID]model.Time
	down  map[string]string // addresses that refuse ("refuse") or say nothing ("silent")

	ops      []kafka.Op
	notes    []kafka.Note
	requests []wire.Request // in order of arrival
	at       []model.Time   // by request
	effects  uint64         // a hash of everything the client did
}

type scheduled struct {
	at  model.Time
	seq int
	do  func()
}

func newWorld(t testing.TB, make func(model.Boot) model.Process) *world {
	w := &world{
		t: t, timers: map[model.Timer]model.Time{}, conns: map[model.ConnID]string{},
		busy: map[model.ConnID]model.Time{}, down: map[string]string{}, cluster: newCluster(),
	}
	w.process = make(model.Boot{Node: "client-1", Incarnation: 1, Rand: model.NewRand(7, "client")})
	w.after(0, func() { w.step(model.Event{Kind: model.Started}) })
	return w
}

var bootstrap = []string{"broker-1:9092", "broker-2:9092", "broker-3:9092"}

func producerWorld(t testing.TB, cfg ProducerConfig) *world {
	cfg.Bootstrap = bootstrap
	return newWorld(t, func(b model.Boot) model.Process { return NewProducer(b, cfg) })
}

func consumerWorld(t testing.TB, cfg ConsumerConfig) *world {
	cfg.Bootstrap = bootstrap
	return newWorld(t, func(b model.Boot) model.Process { return NewConsumer(b, cfg) })
}

func (w *world) after(d model.Time, do func()) {
	w.seq++
	w.queue = append(w.queue, scheduled{w.now + d, w.seq, do})
}

func (w *world) command(c model.Command) {
	w.after(0, func() { w.step(model.Event{Kind: model.Commanded, Command: c}) })
}

// run plays for d.
func (w *world) run(d time.Duration) {
	end := w.now.Add(d)
	for n := 0; ; n++ {
		require.Less(w.t, n, 2_000_000, "the client never rests")
		at, do := w.next()
		if at > end {
			break
		}
		w.now = max(w.now, at)
		do()
	}
	w.now = end
}

func (w *world) next() (model.Time, func()) {
	best := -1
	for i, s := range w.queue {
		if best < 0 || s.at < w.queue[best].at || s.at == w.queue[best].at && s.seq < w.queue[best].seq {
			best = i
		}
	}
	at := model.Never
	if best >= 0 {
		at = w.queue[best].at
	}
	// Frames come before timers of the same moment, timers by kind and id: all is in one order.
	var first model.Timer
	for timer, due := range w.timers {
		earlier := due < at
		if due == at && first != (model.Timer{}) {
			earlier = timer.Kind < first.Kind || timer.Kind == first.Kind && timer.ID < first.ID
		}
		if earlier {
			at, first, best = due, timer, -1
		}
	}
	if best >= 0 {
		do := w.queue[best].do
		return at, func() { w.queue = slices.Delete(w.queue, best, best+1); do() }
	}
	return at, func() {
		delete(w.timers, first)
		w.step(model.Event{Kind: model.TimerFired, Timer: first})
	}
}

func (w *world) step(in model.Event) {
	w.out.Reset()
	w.process.Step(in, w.out.At(w.now))
	for _, e := range w.out.List {
		w.effects = model.Sum64(model.SumUint(w.effects, uint64(e.Kind)<<32|uint64(w.now)), e.Data)
		switch e.Kind {
		case model.EffectDial:
			w.dial(e.Conn, e.Addr)
		case model.EffectClose:
			delete(w.conns, e.Conn)
		case model.EffectSend:
			if addr, open := w.conns[e.Conn]; open && w.down[addr] == "" {
				data := slices.Clone(e.Data)
				w.after(latency, func() { w.arrive(e.Conn, addr, data) })
			}
		case model.EffectSetTimer:
			w.timers[e.Timer] = e.At
		case model.EffectCancelTimer:
			delete(w.timers, e.Timer)
		case model.EffectOp:
			op := *w.out.Ops[e.Index].(*kafka.Op)
			op.Time = w.now
			w.ops = append(w.ops, op)
		case model.EffectNote:
			w.notes = append(w.notes, *w.out.Notes[e.Index].(*kafka.Note))
		default:
			w.t.Fatalf("a client has no use for effect %d", e.Kind)
		}
	}
}

func (w *world) dial(conn model.ConnID, addr string) {
	switch w.down[addr] {
	case "silent":
	case "refuse":
		w.after(
			latency,
			func() { w.step(model.Event{Kind: model.ConnClosed, Conn: conn, Text: "refused"}) },
		)
	default:
		w.conns[conn] = addr
		w.after(latency, func() {
			if w.conns[conn] != "" {
				w.step(model.Event{Kind: model.ConnOpened, Conn: conn})
			}
		})
	}
}

// cut breaks every connection to addr.
func (w *world) cut(addr string) {
	var broken []model.ConnID
	for conn, a := range w.conns {
		if a == addr {
			broken = append(broken, conn)
		}
	}
	slices.Sort(broken)
	for _, conn := range broken {
		delete(w.conns, conn)
		w.step(model.Event{Kind: model.ConnClosed, Conn: conn, Text: "reset"})
	}
}

func everything(key int16) (wire.Range, bool) {
	limits := map[int16]int16{1: 13, 3: 12, 0: 11, 11: 9, 14: 5, 8: 9, 9: 8}
	if limit, ok := limits[key]; ok {
		return wire.Range{Min: 0, Max: limit}, true
	}
	req := kmsg.RequestForKey(key)
	return wire.Range{Min: 0, Max: req.MaxVersion()}, true
}

// decode reads a request frame by the protocol guide, with none of the code that wrote it but kmsg.
func decode(b []byte) (wire.Request, error) {
	req := wire.Request{Header: wire.Header{
		Key: int16(binary.BigEndian.Uint16(b)), Version: int16(binary.BigEndian.Uint16(b[2:])),
		Correlation: int32(binary.BigEndian.Uint32(b[4:])),
	}}
	n := int(binary.BigEndian.Uint16(b[8:]))
	req.ClientID, b = string(b[10:10+n]), b[10+n:]
	req.Body = kmsg.RequestForKey(req.Key)
	req.Body.SetVersion(req.Version)
	if req.Body.IsFlexible() {
		b = b[1:] // no tagged fields
	}
	return req, req.Body.ReadFrom(b)
}

// arrive hands a request to the cluster. Replies leave a connection in the order of its requests.
func (w *world) arrive(conn model.ConnID, addr string, data []byte) {
	if w.conns[conn] == "" || w.down[addr] != "" {
		return
	}
	req, err := wire.ParseRequest(data, everything, "")
	require.NoError(w.t, err)
	if req.Key != 18 {
		w.requests = append(w.requests, req)
		w.at = append(w.at, w.now)
	}
	at := max(w.now, w.busy[conn])
	answer := w.cluster.handle(w, addr, req)
	if answer.drop {
		return
	}
	at += model.Time(answer.delay)
	w.busy[conn] = at
	w.after(at-w.now+latency, func() {
		if w.conns[conn] == "" || w.down[addr] != "" {
			return
		}
		resp := answer.resp()
		resp.SetVersion(req.Version)
		w.step(model.Event{
			Kind: model.FrameReceived, Conn: conn, Data: wire.AppendResponse(nil, resp, req.Correlation),
		})
	})
}

// answer is what the cluster does with a request: resp is called when the reply leaves.
type answer struct {
	resp  func() kmsg.Response
	delay time.Duration
	drop  bool
}

func reply(resp kmsg.Response) answer {
	return answer{resp: func() kmsg.Response { return resp }}
}

// sent are the requests of one kind so far.
func sent[R kmsg.Request](w *world) []R {
	var list []R
	for _, r := range w.requests {
		if body, ok := r.Body.(R); ok {
			list = append(list, body)
		}
	}
	return list
}

// outcomes lists how the operations f ended, as "value type error offset".
func (w *world) outcomes(f kafka.Function) []string {
	var list []string
	for _, op := range w.ops {
		if op.F != f || op.Type == kafka.Invoke {
			continue
		}
		s := string(op.Type)
		if f == kafka.FSend {
			s = op.Value[0].Value + " " + s
			if op.Type == kafka.OK {
				s += fmt.Sprintf(" %s@%d", op.Value[0].Key, op.Value[0].Offset)
			}
		}
		if op.Error != "" {
			s += " " + op.Error
		}
		list = append(list, s)
	}
	return list
}

// read lists the values that polls returned, as "orders-0@5=v".
func (w *world) read() []string {
	var list []string
	for _, op := range w.ops {
		if op.F == kafka.FPoll && op.Type == kafka.OK {
			for _, pr := range op.Value[0].Polled {
				for _, r := range pr.Records {
					list = append(list, fmt.Sprintf("%s@%d=%s", pr.Key, r.Offset, r.Value))
				}
			}
		}
	}
	return list
}

// noted are the notes of one kind.
func (w *world) noted(kind kafka.NoteKind) []kafka.Note {
	var list []kafka.Note
	for _, n := range w.notes {
		if n.Kind == kind {
			list = append(list, n)
		}
	}
	return list
}

// checkHistory: each operation has one invocation and at most one completion, after it.
func (w *world) checkHistory() {
	open := map[uint64]bool{}
	seen := map[uint64]bool{}
	for _, op := range w.ops {
		if op.Type == kafka.Invoke {
			require.False(w.t, seen[op.ID], "operation %d begins twice", op.ID)
			open[op.ID], seen[op.ID] = true, true
			continue
		}
		require.True(w.t, open[op.ID], "operation %d ends without being open", op.ID)
		delete(open, op.ID)
	}
}
