package host

import (
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// mayOpen raises the number of files that this process may open, or skips the test.
func mayOpen(t *testing.T, files uint64) {
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if limit.Cur >= files {
		return
	}
	raised := syscall.Rlimit{Cur: files, Max: max(limit.Max, files)}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised); err != nil {
		t.Skipf("a process may open %d files here and %d are needed: %s", limit.Cur, files, err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) })
}

// crowd opens many connections, each of which sends bytes.
func crowd(t *testing.T, addr string, many int, bytes []byte) []net.Conn {
	conns := make([]net.Conn, many)
	var dials sync.WaitGroup
	for worker := range 8 {
		dials.Go(func() {
			for i := worker; i < many; i += 8 {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				conns[i] = conn
				_, _ = conn.Write(bytes)
			}
		})
	}
	dials.Wait()
	for i, conn := range conns {
		require.NotNil(t, conn, "connection %d", i)
		t.Cleanup(func() { conn.Close() })
	}
	return conns
}

// Thousands of connections that have said hello and then nothing cost a few kilobytes each, and
// others are served.
func TestManyConnections(t *testing.T) {
	const many = 5000
	mayOpen(t, 2*many+1000)
	c := startCluster(t, 1, t.TempDir())
	defer c.kill()
	before := heapInUse()
	undisturbed := standBy(t, c.Addrs()[0], 5*time.Second)
	began := time.Now()
	hello := framed(wire.EncodeRequest(kmsg.NewPtrApiVersionsRequest(), 1, "idler"))
	for i, conn := range crowd(t, c.Addrs()[0], many, hello) {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		_, err := conn.Read(make([]byte, 1))
		require.NoError(t, err, "connection %d is answered", i)
	}
	took := time.Since(began)
	undisturbed()
	each := (heapInUse() - before) / many
	t.Logf("%d connections answered in %s, %d bytes for each", many, took.Round(time.Millisecond), each)
	require.Less(t, each, uint64(20<<10), "both ends of a connection are in this process")
}

// Who says nothing, or promises a frame and sends none or half of it, is cut off when the idle time
// of connections.max.idle.ms is over. Who goes on talking is not.
func TestIdleConnectionsEnd(t *testing.T) {
	cfg := clusterConfig(t, 1, t.TempDir())
	require.NoError(t, cfg.Brokers[0].Broker.Set("connections.max.idle.ms", "400"))
	require.NoError(t, cfg.Brokers[0].Broker.Set("socket.request.max.bytes", "2147483647"))
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(1, 1)))
	undisturbed := standBy(t, c.Addrs()[0], 2*time.Second)
	before := heapInUse()
	var all []net.Conn
	for _, bytes := range []string{"", "\x00", "\x00\x00\x00\x40", "\x00\x00\x00\x40\x00\x12",
		"\x7f\xff\xff\xff", "\x7f\xff\xff\xff\x00\x12"} { // the last two announce 2 GiB
		all = append(all, crowd(t, c.Addrs()[0], 100, []byte(bytes))...)
	}
	require.Eventually(t, func() bool { return c.Meters()[0].Connections > len(all) },
		10*time.Second, 5*time.Millisecond)
	require.Less(t, heapInUse(), before+32<<20, "what is announced costs no memory")
	began := time.Now()
	for _, conn := range all {
		require.Zero(t, awaitEnd(t, conn))
	}
	require.Less(t, time.Since(began), 5*time.Second)
	undisturbed()
}

// A cluster whose connections end when they are idle for a moment serves on: brokers and clients
// dial anew.
func TestClusterOfIdleConnections(t *testing.T) {
	t.Parallel()
	cfg := clusterConfig(t, 3, t.TempDir())
	for i := range cfg.Brokers {
		require.NoError(t, cfg.Brokers[i].Broker.Set("connections.max.idle.ms", "100"))
	}
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(2, 3)))
	require.Len(t, acked(t, c, "a", "b"), 2)
	idler := dialTo(t, c.Addrs()[0])
	require.Zero(t, awaitEnd(t, idler)) // so much time is over
	require.Equal(t, map[string]kafka.Offset{"c": 2}, acked(t, c, "c"))
	require.Equal(t, []string{"0=a", "1=b", "2=c"}, read(t, c, 3))
}

// max.connections.per.ip bounds what one address may open; others come in.
func TestConnectionLimitOfAnAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := Start(Config{Name: "b", Listeners: []Listener{{Listener: l}}, MaxPerHost: 2,
		Make: func(model.Boot) model.Process { return idle{} }})
	defer n.Stop()
	stays := func(from string) bool {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := dialer.Dial("tcp", n.Addr())
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
		_, err = conn.Read(make([]byte, 1))
		return err != io.EOF
	}
	require.True(t, stays("127.0.0.2"))
	require.True(t, stays("127.0.0.2"))
	require.False(t, stays("127.0.0.2"))
	require.True(t, stays("127.0.0.3"))
}
