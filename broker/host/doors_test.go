package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

// A broker that was killed and comes back refuses connections until the session of its earlier
// incarnation is over; the first that it accepts is answered, and tells who leads.
func TestRestartedBrokerListensWhenItServes(t *testing.T) {
	zk, err := StartCluster(ClusterConfig{ZooKeeperListen: "127.0.0.1:0",
		ZooKeeperDir: filepath.Join(t.TempDir(), "zookeeper")})
	require.NoError(t, err)
	defer zk.kill()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := l.Addr().(*net.TCPAddr)
	l.Close()
	cfg := clusterConfig(t, 1, t.TempDir())
	cfg.ZooKeeper = zk.ZooKeeperAddr()
	require.NoError(t, cfg.Brokers[0].Broker.Set("zookeeper.session.timeout.ms", "1500"))
	cfg.Brokers[0].Listeners = []ListenAt{{Bind: at.String(), Host: "127.0.0.1", Port: int32(at.Port)}}
	start := func() *Cluster {
		c, err := StartCluster(cfg)
		require.NoError(t, err)
		return c
	}
	c := start()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(2, 1)))
	c.kill()
	c = start()
	defer c.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	refused := 0
	for {
		answer, err := askMetadata(at.String())
		if err == nil {
			require.Len(t, answer.Topics, 1, "it knows its topics")
			require.NotEqual(t, int32(-1), answer.Topics[0].Partitions[0].Leader)
			break
		}
		require.ErrorIs(t, err, syscall.ECONNREFUSED, "accepted, and closed")
		require.NoError(t, ctx.Err())
		refused++
	}
	require.NotZero(t, refused)
	require.True(t, c.Meters()[0].Serving)
}

func askMetadata(addr string) (*kmsg.MetadataResponse, error) {
	c, err := newCaller(addr)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(9)
	resp, err := c.call(req)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w", errors.Unwrap(err))
	}
	return resp.(*kmsg.MetadataResponse), nil
}

// gate is a process that accepts connections when it was told to, and not when it was told again.
type gate struct{ open bool }

func (g *gate) Accepts() bool { return g.open }
func (g *gate) Step(in model.Event, _ *model.Effects) {
	g.open = g.open != (in.Kind == model.Commanded)
}

type turn struct{}

func (turn) String() string { return "turn" }
func (turn) Sum() uint64    { return 0 }

// Doors that were closed open again at the same place, whether that was named or was a free one.
func TestDoorsOpenAgain(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	named, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addrs := []string{free.Addr().String(), named.Addr().String()}
	named.Close()
	n := Start(Config{Name: "b", Listeners: []Listener{{Listener: free}, {Bind: addrs[1]}},
		Make: func(model.Boot) model.Process { return &gate{} }})
	defer n.Stop()
	for i := range 4 {
		n.Command(turn{})
		require.True(t, n.Look(func(model.Process) {}))
		for _, addr := range addrs {
			conn, err := net.Dial("tcp", addr)
			if i%2 == 1 {
				require.ErrorIs(t, err, syscall.ECONNREFUSED)
				continue
			}
			require.NoError(t, err)
			conn.Close()
		}
	}
}
