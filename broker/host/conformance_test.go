package host

import (
	"bufio"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/conformance"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// onSockets is a cluster here as the contract of brokers wants it.
type onSockets struct {
	t *testing.T
	c *Cluster
}

// Brokers implements conformance.Cluster.
func (s onSockets) Brokers() []kafka.BrokerID { return []kafka.BrokerID{1, 2, 3} }

// Now implements conformance.Cluster.
func (s onSockets) Now() model.Time { return s.c.brokers[0].clock.now() }

// Wait implements conformance.Cluster.
func (s onSockets) Wait(d time.Duration) { time.Sleep(d) }

// Dial implements conformance.Cluster.
func (s onSockets) Dial(id kafka.BrokerID) conformance.Line {
	conn := dialTo(s.t, s.c.Addrs()[id-1])
	return &socketLine{s.t, conn, bufio.NewReader(conn)}
}

type socketLine struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// Send implements conformance.Line. That nobody takes it any more shows when nothing comes back.
func (l *socketLine) Send(frame []byte) { _, _ = l.conn.Write(framed(frame)) }

// Receive implements conformance.Line.
func (l *socketLine) Receive() ([]byte, bool) {
	require.NoError(l.t, l.conn.SetReadDeadline(time.Now().Add(time.Minute)))
	frame, err := readFrame(l.in, DefaultMaxFrame)
	require.False(l.t, errors.Is(err, os.ErrDeadlineExceeded), "nothing comes for a minute")
	return frame, err == nil
}

// Close implements conformance.Line.
func (l *socketLine) Close() { l.conn.Close() }

// Brokers on real sockets do what every client relies on, as they do in the simulator.
func TestBrokersOnSockets(t *testing.T) {
	t.Parallel()
	c, err := StartCluster(clusterConfig(t, 3, t.TempDir()))
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	conformance.Contract(t, onSockets{t, c})
}
