package brokertest

import (
	"encoding/binary"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// probe is a client process that sends the frames it is to send and keeps what comes back.
type probe struct {
	lines []*Line // line i has connection 2i+1
}

// Line is one connection of the probe.
type Line struct {
	Closed  bool
	Replies [][]byte // not yet taken

	c      *Cluster
	addr   string
	conn   model.ConnID
	open   bool
	unsent [][]byte
	next   int32 // correlation id of the next request
}

// probeCommand has the probe dial a line or send a frame on it.
type probeCommand struct {
	line  *Line
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
		p.lines[in.Conn/2].Closed = true
	case model.FrameReceived:
		l := p.lines[in.Conn/2]
		l.Replies = append(l.Replies, in.Data)
	}
}

func (p *probe) onCommand(cmd probeCommand, out *model.Effects) {
	l := cmd.line
	switch {
	case cmd.close:
		l.Closed = true
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

// Dial opens a connection of its own to broker id.
func (c *Cluster) Dial(id int) *Line {
	l := &Line{c: c, addr: Address(id)}
	c.Sim.Command(probeNode, probeCommand{line: l})
	return l
}

// SendFrame puts bytes on the line.
func (l *Line) SendFrame(frame []byte) {
	if frame == nil {
		frame = []byte{}
	}
	l.c.Sim.Command(probeNode, probeCommand{line: l, frame: frame})
}

// Close hangs up.
func (l *Line) Close() { l.c.Sim.Command(probeNode, probeCommand{line: l, close: true}) }

// Send puts req on the line, at the version set on it, and returns its correlation id.
func (l *Line) Send(req kmsg.Request) int32 {
	l.next++
	l.SendFrame(wire.EncodeRequest(req, l.next, "probe"))
	return l.next
}

// Receive waits for the next reply, which must answer req with the correlation id.
func (l *Line) Receive(req kmsg.Request, correlation int32) kmsg.Response {
	t := l.c.T
	t.Helper()
	l.c.Eventually(2*time.Minute, kmsg.NameForKey(req.Key())+" is answered", func() bool {
		return len(l.Replies) > 0 || l.Closed
	})
	require.NotEmpty(t, l.Replies, "%s v%d: connection closed", kmsg.NameForKey(req.Key()),
		req.GetVersion())
	resp := req.ResponseKind()
	resp.SetVersion(req.GetVersion())
	got, err := wire.DecodeResponse(l.Take(), resp)
	require.NoError(t, err)
	require.Equal(t, correlation, got, "replies come in the order of the requests")
	return resp
}

// Call is send and receive.
func (l *Line) Call(req kmsg.Request) kmsg.Response {
	l.c.T.Helper()
	return l.Receive(req, l.Send(req))
}

// Take takes the oldest reply off the line.
func (l *Line) Take() []byte {
	frame := l.Replies[0]
	l.Replies = l.Replies[1:]
	return frame
}

// CorrelationOf is the correlation id of a reply.
func CorrelationOf(frame []byte) int32 { return int32(binary.BigEndian.Uint32(frame)) }
