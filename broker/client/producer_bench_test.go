package client

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// bench is a producer with a leader that acknowledges everything, without a world: what is measured
// is the client alone. Each op is one record.
type bench struct {
	b    *testing.B
	p    *Producer
	out  model.Effects
	conn model.ConnID
	reqs [][]byte // not answered yet
	base int64
}

func newBench(b *testing.B, cfg ProducerConfig) *bench {
	cfg.Bootstrap = []string{"broker-1:9092"}
	x := &bench{b: b, p: NewProducer(model.Boot{Node: "client-1", Rand: model.NewRand(1, "c")}, cfg)}
	x.step(model.Event{Kind: model.Started})
	x.send(benchSend())
	for len(x.reqs) > 0 {
		x.answer()
	}
	return x
}

func benchSend() *Send {
	return &Send{Topic: "orders", Partition: AnyPartition, Value: []byte(
		"p1-123456                                                                                           ",
	)}
}

func (x *bench) send(c *Send) { x.step(model.Event{Kind: model.Commanded, Command: c}) }

func (x *bench) step(in model.Event) {
	x.out.Reset()
	x.p.Step(in, x.out.At(1))
	dialled := model.ConnID(0)
	for i := range x.out.List {
		switch e := &x.out.List[i]; e.Kind {
		case model.EffectDial:
			dialled = e.Conn
		case model.EffectSend:
			x.conn = e.Conn
			x.reqs = append(x.reqs, e.Data)
		}
	}
	if dialled != 0 {
		x.step(model.Event{Kind: model.ConnOpened, Conn: dialled})
	}
}

// answer answers the oldest request.
func (x *bench) answer() {
	frame := x.reqs[0]
	x.reqs = x.reqs[1:]
	req, err := decode(frame)
	if err != nil {
		x.b.Fatal(err)
	}
	var resp kmsg.Response
	switch body := req.Body.(type) {
	case *kmsg.ApiVersionsRequest:
		c := newCluster()
		resp = c.handle(nil, "", req).resp()
	case *kmsg.InitProducerIDRequest:
		c := newCluster()
		resp = c.handle(nil, "", req).resp()
	case *kmsg.MetadataRequest:
		c := newCluster()
		c.topic("orders", 1)
		resp = c.metadata(body)
	case *kmsg.ProduceRequest:
		h, _ := wire.ParseBatch(body.Topics[0].Partitions[0].Records)
		resp = produceReply(body, func(string, kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
			x.base += int64(h.Count)
			return wire.None, x.base - int64(h.Count)
		})
	}
	room := make([]byte, 0, wire.SizeHint(resp))
	resp.SetVersion(req.Version)
	x.step(model.Event{
		Kind: model.FrameReceived, Conn: x.conn, Data: wire.AppendResponse(room, resp, req.Correlation),
	})
}

// BenchmarkProducerBatches: records gather behind five requests in flight; one is answered per 150.
func BenchmarkProducerBatches(b *testing.B) {
	x := newBench(b, ProducerConfig{})
	c := benchSend()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.send(c)
		if i%150 == 149 {
			x.answer()
		}
	}
}

// BenchmarkProducerSingles: one record a request. The fake leader's own cost, decoding the request
// and building the answer, is measured along.
func BenchmarkProducerSingles(b *testing.B) {
	x := newBench(b, ProducerConfig{})
	c := benchSend()
	b.ReportAllocs()
	for b.Loop() {
		x.send(c)
		x.answer()
	}
}
