package host

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// heapInUse is how many bytes are in use.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// framed is a frame behind its length.
func framed(frame []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)
}

// dialTo opens a connection that ends with the test.
func dialTo(t *testing.T, addr string) net.Conn {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// awaitEnd reads until the other side closes the connection and returns how many bytes came.
func awaitEnd(t *testing.T, conn net.Conn) int64 {
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	n, err := io.Copy(io.Discard, conn)
	if timeout, ok := err.(net.Error); ok {
		require.False(t, timeout.Timeout(), "the connection stays")
	}
	return n
}

// Peers that send noise, real frames with a few bytes changed or cut short, and lengths with nothing
// behind them, cost the others nothing and the broker little.
func TestHostilePeers(t *testing.T) {
	c := startCluster(t, 1, t.TempDir())
	defer c.kill()
	draw := rand.New(rand.NewPCG(1, 2))
	before := heapInUse()
	for i := range 400 {
		conn := dialTo(t, c.Addrs()[0])
		req := kmsg.RequestForKey(int16(draw.IntN(62)))
		if req == nil {
			continue
		}
		req.SetVersion(int16(draw.IntN(int(req.MaxVersion()) + 1)))
		bytes := framed(wire.EncodeRequest(req, int32(i), "stranger"))
		switch i % 4 {
		case 0: // noise behind a length that fits
			for j := 4; j < len(bytes); j++ {
				bytes[j] = byte(draw.Uint32())
			}
		case 1:
			bytes[4+draw.IntN(len(bytes)-4)] ^= byte(1 + draw.IntN(255))
		case 2: // half open: the rest never comes
			bytes = bytes[:4+draw.IntN(len(bytes)-4)]
		case 3: // 50 MB are promised
			binary.BigEndian.PutUint32(bytes, 50<<20)
		}
		_, err := conn.Write(bytes)
		require.NoError(t, err)
		if i%8 == 7 {
			conn.Close()
		}
	}
	require.Len(t, acked(t, c, "a", "b"), 2, "others are served")
	after := heapInUse()
	require.Less(t, after, before+400<<18, "a length alone takes no memory")
}

// What is longer than socket.request.max.bytes is not read, and the connection ends.
func TestFrameLimit(t *testing.T) {
	cfg := clusterConfig(t, 1, t.TempDir())
	require.NoError(t, cfg.Brokers[0].Broker.Set("socket.request.max.bytes", "2000"))
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	frame := wire.EncodeRequest(kmsg.NewPtrApiVersionsRequest(), 1, string(make([]byte, 1990)))
	require.Len(t, frame, 2000)
	conn := dialTo(t, c.Addrs()[0])
	_, err = conn.Write(framed(frame))
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err, "2000 bytes are allowed")
	conn = dialTo(t, c.Addrs()[0])
	_, err = conn.Write(binary.BigEndian.AppendUint32(nil, 2001))
	require.NoError(t, err)
	require.Zero(t, awaitEnd(t, conn))
}

// flood answers each frame with so many mebibytes, which are the same memory over and over.
type flood struct {
	answer    []byte
	mebibytes int
}

func (f flood) Step(in model.Event, out *model.Effects) {
	if in.Kind == model.FrameReceived {
		for range f.mebibytes {
			out.Send(in.Conn, f.answer, model.Label{Name: "flood"})
		}
	}
}

// Who asks and does not read is cut off before what waits for him fills the memory.
func TestSlowReaderIsCutOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := Start(Config{Name: "b", Listeners: []Listener{{Listener: l}},
		Make: func(model.Boot) model.Process { return flood{make([]byte, 1<<20), 400} }})
	defer n.Stop()
	conn := dialTo(t, n.Addr())
	_, err = conn.Write(framed([]byte("more")))
	require.NoError(t, err)
	time.Sleep(100 * time.Millisecond) // it does something else
	require.Less(t, awaitEnd(t, conn), int64(maxUnread))
}

// When several together leave more unread than there is room for, the one that has read nothing for
// longest goes first, and who comes later and reads gets everything.
func TestTheSlowestIsCutOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := Start(Config{Name: "b", Listeners: []Listener{{Listener: l}},
		Make: func(model.Boot) model.Process { return flood{make([]byte, 1<<20), 160} }})
	defer n.Stop()
	slow := dialTo(t, n.Addr())
	_, err = slow.Write(framed([]byte("more")))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return n.unread.Load() >= 150<<20 }, 10*time.Second,
		time.Millisecond)
	other := dialTo(t, n.Addr())
	_, err = other.Write(framed([]byte("more")))
	require.NoError(t, err)
	require.NoError(t, other.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = io.CopyN(io.Discard, other, 160*(4+1<<20))
	require.NoError(t, err)
	require.Less(t, awaitEnd(t, slow), int64(maxUnread)/2)
}
