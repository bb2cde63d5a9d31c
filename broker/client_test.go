package broker

import (
	"encoding/binary"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// probe is a client process that sends the frames it is told to send and keeps what comes back.
type probe struct {
	lines []*line // line i has connection 2i+1
}

// line is one connection of the probe.
type line struct {
	c       *cluster
	addr    string
	conn    model.ConnID
	open    bool
	closed  bool
	unsent  [][]byte
	replies [][]byte // not yet taken
	next    int32    // correlation id of the next request
}

// probeCommand has the probe dial a line or send a frame on it.
type probeCommand struct {
	line  *line
	frame []byte // nil dials
	close bool
}

func (p probeCommand) String() string { return "probe " + p.line.addr }
func (p probeCommand) Sum() uint64    { return uint64(len(p.frame)) }

// Step implements model.Process.
func (p *probe) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Commanded:
		p.onCommand(in.Command.(probeCommand), out)
	case model.ConnOpened:
		l := p.lines[in.Conn/2]
		l.open = true
		for _, frame := range l.unsent {
			out.Send(l.conn, frame, model.Label{})
		}
		l.unsent = nil
	case model.ConnClosed:
		p.lines[in.Conn/2].closed = true
	case model.FrameReceived:
		l := p.lines[in.Conn/2]
		l.replies = append(l.replies, in.Data)
	}
}

func (p *probe) onCommand(cmd probeCommand, out *model.Effects) {
	l := cmd.line
	switch {
	case cmd.close:
		l.closed = true
		out.Close(l.conn)
	case cmd.frame == nil:
		l.conn = model.ConnID(2*len(p.lines) + 1)
		p.lines = append(p.lines, l)
		out.Dial(l.conn, l.addr)
	case l.open:
		out.Send(l.conn, cmd.frame, model.Label{})
	default:
		l.unsent = append(l.unsent, cmd.frame)
	}
}

// dial opens a connection of its own to broker id.
func (c *cluster) dial(id int) *line {
	l := &line{c: c, addr: address(id)}
	c.world.Command(probeNode, probeCommand{line: l})
	return l
}

// sendFrame puts bytes on the line.
func (l *line) sendFrame(frame []byte) {
	if frame == nil {
		frame = []byte{}
	}
	l.c.world.Command(probeNode, probeCommand{line: l, frame: frame})
}

// close hangs up.
func (l *line) close() { l.c.world.Command(probeNode, probeCommand{line: l, close: true}) }

// send puts req on the line, at the version set on it, and returns its correlation id.
func (l *line) send(req kmsg.Request) int32 {
	l.next++
	l.sendFrame(wire.EncodeRequest(req, l.next, "probe"))
	return l.next
}

// receive waits for the next reply, which must answer req with the correlation id.
func (l *line) receive(req kmsg.Request, correlation int32) kmsg.Response {
	t := l.c.t
	t.Helper()
	l.c.eventually(2*time.Minute, kmsg.NameForKey(req.Key())+" is answered", func() bool {
		return len(l.replies) > 0 || l.closed
	})
	require.NotEmpty(t, l.replies, "%s v%d: connection closed", kmsg.NameForKey(req.Key()),
		req.GetVersion())
	resp := req.ResponseKind()
	resp.SetVersion(req.GetVersion())
	got, err := wire.DecodeResponse(l.take(), resp)
	require.NoError(t, err)
	require.Equal(t, correlation, got, "replies come in the order of the requests")
	return resp
}

// call is send and receive.
func (l *line) call(req kmsg.Request) kmsg.Response {
	l.c.t.Helper()
	return l.receive(req, l.send(req))
}

func (l *line) take() []byte {
	frame := l.replies[0]
	l.replies = l.replies[1:]
	return frame
}

// correlationOf is the correlation id of a reply.
func correlationOf(frame []byte) int32 { return int32(binary.BigEndian.Uint32(frame)) }

// latest sets the newest version that the broker serves on req.
func latest[R kmsg.Request](req R) R {
	req.SetVersion(apisByKey()[req.Key()].max)
	return req
}

// batch is a record batch with these values.
func batch(values ...string) []byte {
	var b wire.BatchBuilder
	for i, v := range values {
		b.Append(int64(i), nil, []byte(v))
	}
	return b.Bytes()
}

// produceRequest writes records to tp and waits for 5 s at most.
func produceRequest(acks int16, tp kafka.TopicPartition, records []byte) *kmsg.ProduceRequest {
	req := latest(kmsg.NewPtrProduceRequest())
	req.Acks, req.TimeoutMillis = acks, 5000
	part := kmsg.NewProduceRequestTopicPartition()
	part.Partition, part.Records = tp.Partition, records
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic, topic.Partitions = tp.Topic, []kmsg.ProduceRequestTopicPartition{part}
	req.Topics = append(req.Topics, topic)
	return req
}

// produced takes the only partition out of a reply.
func produced(resp kmsg.Response) kmsg.ProduceResponseTopicPartition {
	return resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
}

// produce writes records to tp at broker id and returns code and base offset.
func (c *cluster) produce(id int, acks int16, tp kafka.TopicPartition, values ...string,
) (wire.Code, int64) {
	c.t.Helper()
	part := produced(c.request(id, produceRequest(acks, tp, batch(values...))))
	return wire.Code(part.ErrorCode), part.BaseOffset
}

// mustProduce writes records with acks=all to the leader of tp.
func (c *cluster) mustProduce(tp kafka.TopicPartition, values ...string) {
	c.t.Helper()
	code, _ := c.produce(c.leader(tp), -1, tp, values...)
	require.Equal(c.t, wire.None, code)
}

// fetchRequest reads tp from an offset on, without a session: at least 1 byte, waiting for 500 ms.
func fetchRequest(tp kafka.TopicPartition, from int64) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12) // the last that has names
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes = 500, 1, 1<<20
	req.SessionEpoch = finalEpoch
	addFetch(req, tp.Topic, fetchPartition(tp.Partition, from))
	return req
}

func fetchPartition(partition int32, from int64) kmsg.FetchRequestTopicPartition {
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes = partition, from, 1<<20
	return part
}

// fetchedPart takes the only partition out of a reply.
func fetchedPart(resp kmsg.Response) kmsg.FetchResponseTopicPartition {
	return resp.(*kmsg.FetchResponse).Topics[0].Partitions[0]
}

// values are the records of a Fetch answer.
func (c *cluster) values(part kmsg.FetchResponseTopicPartition) []string {
	c.t.Helper()
	out := []string{}
	for rec, err := range wire.AllRecords(part.RecordBatches) {
		require.NoError(c.t, err)
		out = append(out, string(rec.Value))
	}
	return out
}

// fetch reads tp at broker id from an offset on.
func (c *cluster) fetch(id int, tp kafka.TopicPartition, from int64) (wire.Code, []string) {
	c.t.Helper()
	part := fetchedPart(c.request(id, fetchRequest(tp, from)))
	return wire.Code(part.ErrorCode), c.values(part)
}
