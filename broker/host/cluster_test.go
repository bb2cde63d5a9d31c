package host

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// clusterConfig is a cluster of its own on free ports of this machine.
func clusterConfig(t testing.TB, brokers int, data string) ClusterConfig {
	cfg := ClusterConfig{ZooKeeperListen: "127.0.0.1:0", ZooKeeperDir: filepath.Join(data, "zookeeper")}
	for id := range brokers {
		b := config.NewBroker(kafka.BrokerID(id+1), "", 0, "")
		require.NoError(t, b.Set("offsets.topic.replication.factor", strconv.Itoa(min(3, brokers))))
		require.NoError(t, b.Set("group.initial.rebalance.delay.ms", "100"))
		cfg.Brokers = append(cfg.Brokers, BrokerConfig{
			Broker: b, Listeners: []ListenAt{{Bind: "127.0.0.1:0", Host: "127.0.0.1"}},
			Dir: filepath.Join(data, fmt.Sprintf("broker-%d", id+1)),
		})
	}
	return cfg
}

func startCluster(t *testing.T, brokers int, data string) *Cluster {
	c, err := StartCluster(clusterConfig(t, brokers, data))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	require.NoError(t, c.CreateTopics(ctx, ordersTopic(2, brokers)))
	return c
}

func ordersTopic(partitions, replicas int) []client.CreateTopic {
	return []client.CreateTopic{
		{Name: "orders", Partitions: int32(partitions), Replicas: int16(replicas)},
	}
}

// acked sends values and returns the offsets that they were acknowledged at.
func acked(t *testing.T, c *Cluster, values ...string) map[string]kafka.Offset {
	var mu sync.Mutex
	offsets := map[string]kafka.Offset{}
	p := Start(Config{
		Name: "producer-p1",
		Make: func(boot model.Boot) model.Process {
			return client.NewProducer(boot, client.ProducerConfig{Bootstrap: c.Addrs()})
		},
		OnOp: func(_ model.Time, op *kafka.Op) {
			mu.Lock()
			defer mu.Unlock()
			if op.Type == kafka.OK {
				offsets[op.Value[0].Value] = op.Value[0].Offset
			}
		},
	})
	defer p.Stop()
	for _, v := range values {
		p.Command(&client.Send{Topic: "orders", Partition: 0, Value: []byte(v)})
	}
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(offsets) == len(values)
	}, 20*time.Second, 5*time.Millisecond)
	return offsets
}

// read returns the values of orders-0 from the beginning, n of them.
func read(t *testing.T, c *Cluster, n int) []string {
	var mu sync.Mutex
	var values []string
	consumer := Start(Config{
		Name: "consumer-1",
		Make: func(boot model.Boot) model.Process {
			return client.NewConsumer(boot, client.ConsumerConfig{Bootstrap: c.Addrs(),
				Assign: []kafka.TopicPartition{{Topic: "orders"}}, AutoOffsetReset: "earliest"})
		},
		OnOp: func(_ model.Time, op *kafka.Op) {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range op.Value {
				for _, polled := range m.Polled {
					for _, r := range polled.Records {
						values = append(values, fmt.Sprint(r.Offset, "=", r.Value))
					}
				}
			}
		},
	})
	defer consumer.Stop()
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(values) >= n
	}, 20*time.Second, 5*time.Millisecond)
	return values
}

// What was acknowledged is there after an end in good order, and after one that left nobody time.
func TestClusterKeepsItsData(t *testing.T) {
	t.Parallel()
	for _, brokers := range []int{1, 3} {
		t.Run(fmt.Sprint(brokers, " brokers"), func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			c := startCluster(t, brokers, data)
			require.Equal(t, map[string]kafka.Offset{"a": 0, "b": 1}, acked(t, c, "a", "b"))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			c.Shutdown(ctx)
			require.NoError(t, ctx.Err(), "the cluster did not end by itself")

			c = startCluster(t, brokers, data)
			require.Equal(t, map[string]kafka.Offset{"c": 2}, acked(t, c, "c"))
			c.kill()

			c = startCluster(t, brokers, data)
			defer c.kill()
			require.Equal(t, []string{"0=a", "1=b", "2=c"}, read(t, c, 3))
		})
	}
}

func TestDirectoryInUse(t *testing.T) {
	data := t.TempDir()
	c := startCluster(t, 1, data)
	defer c.kill()
	_, err := StartCluster(clusterConfig(t, 1, data))
	var inUse *InUseError
	require.ErrorAs(t, err, &inUse)
	require.Contains(t, err.Error(), "is in use by another process")
}

// A directory belongs to one broker of one cluster.
func TestDirectoryOfAnotherCluster(t *testing.T) {
	data := t.TempDir()
	startCluster(t, 1, data).kill()
	for _, other := range []struct {
		change func(*ClusterConfig)
		says   string
	}{
		{func(cfg *ClusterConfig) { cfg.ZooKeeperDir = t.TempDir() }, "belongs to the cluster"},
		{func(cfg *ClusterConfig) { cfg.Brokers[0].Broker.ID = 7 },
			"the data directory belongs to broker 1, this is broker 7"},
	} {
		cfg := clusterConfig(t, 1, data)
		other.change(&cfg)
		c, err := StartCluster(cfg)
		require.NoError(t, err)
		err = c.Ready(t.Context())
		c.kill()
		var ended *EndedError
		require.ErrorAs(t, err, &ended)
		require.Contains(t, ended.Why, other.says)
	}
	startCluster(t, 1, data).kill() // nothing was lost
}

// Whoever comes in by a listener is told of the addresses of that one.
func TestListeners(t *testing.T) {
	cfg := clusterConfig(t, 2, t.TempDir())
	for i := range cfg.Brokers {
		b := &cfg.Brokers[i]
		b.Broker.InterBrokerListener = "INTERNAL"
		b.Listeners = []ListenAt{
			{Name: "EXTERNAL", Bind: "127.0.0.1:0", Host: "127.0.0.1"},
			{Name: "INTERNAL", Bind: "127.0.0.2:0", Host: "127.0.0.2"},
		}
	}
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	require.NoError(t, c.CreateTopics(ctx, []client.CreateTopic{
		{Name: "orders", Partitions: 1, Replicas: 2},
	}))
	require.Equal(t, map[string]kafka.Offset{"a": 0}, acked(t, c, "a")) // acks=all: they reach each other
	for i, host := range []string{"127.0.0.1", "127.0.0.2"} {
		at := c.brokers[0].cfg.Listeners[i].Addr().String()
		require.Contains(t, at, host)
		for _, b := range metadata(t, at).Brokers {
			require.Equal(t, host, b.Host)
		}
		require.Len(t, metadata(t, at).Brokers, 2)
	}
}

// metadata asks the broker at addr.
func metadata(t *testing.T, addr string) *kmsg.MetadataResponse {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(9)
	frame := wire.EncodeRequest(req, 1, "test")
	_, err = conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...))
	require.NoError(t, err)
	answer, err := readFrame(bufio.NewReader(conn), 1<<20)
	require.NoError(t, err)
	resp := kmsg.NewPtrMetadataResponse()
	resp.SetVersion(9)
	require.NoError(t, resp.ReadFrom(answer[5:])) // behind the correlation id and no tags
	return resp
}

// What is no Kafka frame costs its sender the connection, and nobody else anything.
func TestStrangeFrames(t *testing.T) {
	c := startCluster(t, 1, t.TempDir())
	defer c.kill()
	for _, bytes := range []string{"\xff\xff\xff\xff", "\x7f\xff\xff\xff", "GET / HTTP/1.1\r\n\r\n",
		"\x00\x00\x00\x00", "\x00\x00\x00\x04\x00\x03\x00\x63", "\x00\x00\x00\x10ab"} {
		conn, err := net.Dial("tcp", c.Addrs()[0])
		require.NoError(t, err)
		_, err = conn.Write([]byte(bytes))
		require.NoError(t, err)
		if strings.HasSuffix(bytes, "ab") {
			require.NoError(t, conn.Close()) // cut short
			continue
		}
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		_, err = conn.Read(make([]byte, 1))
		require.Error(t, err, "%q was answered", bytes)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	}
	require.Equal(t, map[string]kafka.Offset{"a": 0}, acked(t, c, "a"))
}

func TestConnectionLimit(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := Start(Config{Name: "b", Listeners: []Listener{{Listener: l}}, MaxConnections: 2,
		Make: func(model.Boot) model.Process { return idle{} }})
	defer n.Stop()
	var open []net.Conn
	for range 2 {
		conn, err := net.Dial("tcp", n.Addr())
		require.NoError(t, err)
		open = append(open, conn)
	}
	third, err := net.Dial("tcp", n.Addr())
	require.NoError(t, err)
	require.NoError(t, third.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err = third.Read(make([]byte, 1))
	require.ErrorContains(t, err, "EOF")
	require.NoError(t, open[0].Close())
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", n.Addr())
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		_, err = conn.Read(make([]byte, 1))
		timeout, ok := err.(net.Error)
		return ok && timeout.Timeout()
	}, 10*time.Second, 5*time.Millisecond)
}

// idle is a process that does nothing.
type idle struct{}

func (idle) Step(model.Event, *model.Effects) {}

// A broker that cannot read its disk ends itself and says why.
func TestNodeSaysWhyItHalted(t *testing.T) {
	n := Start(Config{Name: "b", Make: func(model.Boot) model.Process { return halting{} }})
	<-n.Done()
	require.Equal(t, "enough", n.Halted())
	require.False(t, n.Look(func(model.Process) {}))
}

type halting struct{}

func (halting) Step(_ model.Event, out *model.Effects) { out.Halt("enough") }

// A cluster that its clients reach by an address of IPv6 alone.
func TestClusterOnIPv6(t *testing.T) {
	free, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6: ", err)
	}
	free.Close()
	cfg := clusterConfig(t, 2, t.TempDir())
	cfg.ZooKeeperListen = "[::1]:0"
	for i := range cfg.Brokers {
		cfg.Brokers[i].Listeners = []ListenAt{{Bind: "[::1]:0", Host: "::1"}}
	}
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	require.NoError(t, c.CreateTopics(ctx, ordersTopic(1, 2)))
	require.Contains(t, c.Addrs()[0], "[::1]:")
	require.Len(t, acked(t, c, "a", "b"), 2)
}
