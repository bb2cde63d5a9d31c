package client

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/world/wires"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const latency = time.Millisecond

const clientNode model.NodeID = "client-1"

// world is one client against a scripted cluster of three brokers, with bytes in between.
type world struct {
	*wires.Net
	t       testing.TB
	process model.Process // the client
	cluster *cluster
	silent  map[model.NodeID]bool // brokers that nothing reaches or leaves

	ops      []kafka.Op
	notes    []kafka.Note
	requests []wire.Request // in order of arrival
	at       []model.Time   // by request
	effects  uint64         // a hash of everything the client did
}

func newWorld(t testing.TB, make func(model.Boot) model.Process) *world {
	w := &world{
		Net: wires.New(), t: t, cluster: newCluster(), silent: map[model.NodeID]bool{},
	}
	w.Latency, w.OnStep = latency, w.onStep
	w.Lost = func(p *wires.Packet) bool { return w.silent[p.From] || w.silent[p.To] }
	for _, addr := range bootstrap {
		w.Add(wires.Node{ID: nodeAt(addr), Listens: true, Make: func(model.Boot) model.Process {
			return &fakeBroker{w: w, addr: addr, busy: map[model.ConnID]model.Time{}}
		}})
		w.Start(nodeAt(addr))
	}
	w.Add(wires.Node{ID: clientNode, Make: func(b model.Boot) model.Process {
		b.Rand = model.NewRand(7, "client")
		return make(b)
	}})
	w.Start(clientNode)
	w.process = w.Process(clientNode)
	return w
}

var bootstrap = []string{"broker-1:9092", "broker-2:9092", "broker-3:9092"}

// nodeAt is the broker at an address.
func nodeAt(addr string) model.NodeID {
	host, _, _ := strings.Cut(addr, ":")
	return model.NodeID(host)
}

func producerWorld(t testing.TB, cfg ProducerConfig) *world {
	cfg.Bootstrap = bootstrap
	return newWorld(t, func(b model.Boot) model.Process { return NewProducer(b, cfg) })
}

func consumerWorld(t testing.TB, cfg ConsumerConfig) *world {
	cfg.Bootstrap = bootstrap
	return newWorld(t, func(b model.Boot) model.Process { return NewConsumer(b, cfg) })
}

func (w *world) command(c model.Command) { w.After(0, func() { w.Command(clientNode, c) }) }

// onStep writes down what the client did.
func (w *world) onStep(id model.NodeID, _ model.Event, out *model.Effects) {
	if id != clientNode {
		return
	}
	for _, e := range out.List {
		w.effects = model.Sum64(model.SumUint(w.effects, uint64(e.Kind)<<32|uint64(out.Now)), e.Data)
		switch e.Kind {
		case model.EffectOp:
			op := *out.Ops[e.Index].(*kafka.Op)
			op.Time = out.Now
			w.ops = append(w.ops, op)
		case model.EffectNote:
			w.notes = append(w.notes, *out.Notes[e.Index].(*kafka.Note))
		case model.EffectFlush, model.EffectHalt:
			w.t.Fatalf("a client has no use for effect %d", e.Kind)
		}
	}
}

// cut breaks every connection to addr.
func (w *world) cut(addr string) { w.Break(clientNode, nodeAt(addr)) }

// refuse takes brokers down: nobody listens at their addresses.
func (w *world) refuse(addrs ...string) {
	for _, addr := range addrs {
		w.cut(addr)
		w.Kill(nodeAt(addr))
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

// fakeBroker hands what it receives to the cluster. Replies leave a connection in the order of its
// requests.
type fakeBroker struct {
	w    *world
	addr string
	busy map[model.ConnID]model.Time
}

// replyNow is the command to a fakeBroker to send a reply.
type replyNow func(out *model.Effects)

func (replyNow) String() string { return "reply" }
func (replyNow) Sum() uint64    { return 0 }

func (b *fakeBroker) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.FrameReceived:
		b.onRequest(in, out)
	case model.Commanded:
		in.Command.(replyNow)(out)
	}
}

func (b *fakeBroker) onRequest(in model.Event, out *model.Effects) {
	w := b.w
	req, err := wire.ParseRequest(in.Data, everything)
	require.NoError(w.t, err)
	if req.Key != 18 {
		w.requests = append(w.requests, req)
		w.at = append(w.at, out.Now)
	}
	answer := w.cluster.handle(w, b.addr, req)
	if answer.drop {
		return
	}
	at := max(out.Now, b.busy[in.Conn]) + model.Time(answer.delay)
	b.busy[in.Conn] = at
	w.After(at.Sub(out.Now), func() {
		if w.Process(nodeAt(b.addr)) != b {
			return
		}
		w.Command(nodeAt(b.addr), replyNow(func(out *model.Effects) {
			resp := answer.resp()
			resp.SetVersion(req.Version)
			out.Send(in.Conn, wire.AppendResponse(nil, resp, req.Correlation), model.Label{Reply: true})
		}))
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
