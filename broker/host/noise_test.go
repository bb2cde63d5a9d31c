package host

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// noisy is a peer that does anything at all with its connections.
type noisy struct {
	addr string
	draw *rand.Rand
	conn net.Conn
	sent int
}

// frame is a request with anything in it, whole, changed, cut short, or mere noise.
func (p *noisy) frame() []byte {
	req := kmsg.RequestForKey(int16(p.draw.IntN(62)))
	if req == nil {
		req = kmsg.NewPtrApiVersionsRequest()
	}
	ruling := controllers(req.Key())
	req.SetVersion(int16(p.draw.IntN(int(req.MaxVersion()) + 1)))
	switch p.draw.IntN(12) {
	case 0:
		ruling = false
		req = fetchFrom(0, time.Duration(p.draw.IntN(500))*time.Millisecond, 1<<20)
	case 1:
		ruling = false
		req = produceTo(int16(p.draw.IntN(3)-1), records(p.draw.IntN(100_000)))
	}
	bytes := framed(wire.EncodeRequest(req, p.draw.Int32(), "noisy"))
	if ruling {
		return bytes
	}
	switch p.draw.IntN(6) {
	case 0:
		for i := 4; i < len(bytes); i++ {
			bytes[i] = byte(p.draw.Uint32())
		}
	case 1:
		for range 1 + p.draw.IntN(4) {
			bytes[p.draw.IntN(len(bytes))] = byte(p.draw.Uint32())
		}
	case 2:
		bytes = bytes[:p.draw.IntN(len(bytes))]
	case 3:
		binary.BigEndian.PutUint32(bytes, p.draw.Uint32())
	}
	return bytes
}

// controllers reports whether a request is one by which brokers rule each other. As it stands, with
// the epochs of nobody, it is refused; with other bytes in it, among them an epoch above all that
// there are, it is obeyed, as by Apache Kafka without an authorizer: the broker is deaf to the true
// controller from then on. If it was an UpdateMetadata a follower has lost its leader's address for
// good, and who waits for all replicas is timed out (TestForgedMetadata in broker). Two runs of many
// minutes ended like that. So these come whole: one that is cut short takes its epochs from the
// bytes of what is sent behind it.
func controllers(key int16) bool {
	switch kmsg.Key(key) {
	case kmsg.LeaderAndISR, kmsg.StopReplica, kmsg.UpdateMetadata, kmsg.ControlledShutdown,
		kmsg.AlterPartition:
		return true
	default:
		return false
	}
}

// act dials, sends, reads a little, or hangs up in one way or another.
func (p *noisy) act() {
	if p.conn == nil {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			return
		}
		p.conn = conn
	}
	switch p.draw.IntN(8) {
	case 0:
		if p.draw.IntN(2) == 0 {
			_ = p.conn.(*net.TCPConn).SetLinger(0) // a reset
		}
		p.conn.Close()
		p.conn = nil
	case 1, 2:
		_ = p.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
		_, _ = io.CopyN(io.Discard, p.conn, int64(p.draw.IntN(1<<20)))
	case 3:
		_ = p.conn.(*net.TCPConn).CloseWrite() // half closed
	default:
		_ = p.conn.SetWriteDeadline(time.Now().Add(time.Millisecond))
		n, _ := p.conn.Write(p.frame())
		p.sent += n
	}
}

// Anything at all on many connections to three brokers: they live, others are served, and memory and
// goroutines come back. SANDCASTLE_NOISE is for how many seconds; make test-noise takes a minute.
func TestNoise(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv("SANDCASTLE_NOISE"))
	if seconds == 0 {
		t.Skip("sends noise for as many seconds as SANDCASTLE_NOISE says: make test-noise")
	}
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	require.Len(t, acked(t, c, "a"), 1)
	leader := leaderOf(t, c)
	undisturbed := standBy(t, leader, worstAmidNoise(t))
	before, goroutines := heapInUse(), runtime.NumGoroutine()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	var peers sync.WaitGroup
	total := make([]int, 16)
	for i := range total {
		peers.Go(func() {
			draw := rand.New(rand.NewPCG(seed, uint64(i)))
			crew := make([]noisy, 20)
			for j := range crew {
				crew[j] = noisy{addr: c.Addrs()[draw.IntN(3)], draw: draw}
			}
			for time.Now().Before(end) {
				crew[draw.IntN(len(crew))].act()
			}
			for j := range crew {
				total[i] += crew[j].sent
				if crew[j].conn != nil {
					crew[j].conn.Close()
				}
			}
		})
	}
	peers.Wait()
	undisturbed()
	sum := 0
	for _, n := range total {
		sum += n
	}
	for _, n := range c.brokers {
		require.True(t, n.Look(func(model.Process) {}), "%s has ended itself", n)
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() < goroutines+100 },
		30*time.Second, 10*time.Millisecond, "goroutines stay behind")
	after := heapInUse()
	t.Logf("%d MiB of noise; the heap went from %d to %d MiB", sum>>20, before>>20, after>>20)
	require.Less(t, after, before+maxUnread)
}

// worstAmidNoise is how long a good client may wait amid the noise: 250 ms on a machine that does
// nothing else. Where others are at work it is what they leave, and the test says so.
func worstAmidNoise(t *testing.T) time.Duration {
	const idle, busy = 250 * time.Millisecond, 5 * time.Second
	text, err := os.ReadFile("/proc/loadavg")
	var load float64
	if err == nil {
		_, err = fmt.Sscan(string(text), &load)
	}
	if err != nil || load > 0.5*float64(runtime.NumCPU()) {
		t.Logf("the machine is busy (load %.1f on %d processors) or cannot be asked: others may wait %s "+
			"instead of %s", load, runtime.NumCPU(), busy, idle)
		return busy
	}
	t.Logf("load %.1f on %d processors: others may wait %s", load, runtime.NumCPU(), idle)
	return idle
}

// leaderOf is the address of the broker that leads orders-0.
func leaderOf(t *testing.T, c *Cluster) string {
	for _, addr := range c.Addrs() {
		probe, err := newCaller(addr)
		require.NoError(t, err)
		defer probe.conn.Close()
		resp, err := probe.call(produceTo(-1, records(1)))
		require.NoError(t, err)
		if resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode == 0 {
			return addr
		}
	}
	require.Fail(t, "nobody leads orders-0")
	return ""
}
