package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/config"
	"sandcastle/broker/host"
)

// planned is the plan of serve with these arguments and this environment.
func planned(t *testing.T, environ []string, args ...string) (*servePlan, error) {
	var f serveFlags
	cmd := newServe()
	require.NoError(t, cmd.ParseFlags(args))
	flags := cmd.Flags()
	f.brokers, _ = flags.GetInt("brokers")
	f.brokerID, _ = flags.GetInt("broker-id")
	f.zooKeeperOnly, _ = flags.GetBool("zookeeper-only")
	f.port, _ = flags.GetInt("port")
	f.zooKeeperPort, _ = flags.GetInt("zookeeper-port")
	f.zooKeeper, _ = flags.GetString("zookeeper")
	f.advertised, _ = flags.GetString("advertised")
	f.bind, _ = flags.GetString("bind")
	f.data, _ = flags.GetString("data")
	f.configFile, _ = flags.GetString("config")
	f.topics, _ = flags.GetStringArray("topic")
	f.settings, _ = flags.GetStringArray("set")
	return newServePlan(&f, flags.Changed, environ)
}

func file(t *testing.T, content string) string {
	path := filepath.Join(t.TempDir(), "server.properties")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

func TestServeWithoutAnything(t *testing.T) {
	p, err := planned(t, nil)
	require.NoError(t, err)
	require.False(t, p.single)
	require.Equal(t, ":2181", p.zkListen)
	require.Len(t, p.brokers, 1)
	require.Equal(t, []host.ListenAt{{Name: "PLAINTEXT", Bind: ":9092", Host: "localhost", Port: 9092}},
		p.brokers[0].listeners)
	require.EqualValues(t, 1, p.brokers[0].config.OffsetsTopicReplication)
	require.Zero(t, p.brokers[0].config.GroupInitialRebalanceDelay)

	p, err = planned(t, nil, "--brokers", "3", "--advertised", "here")
	require.NoError(t, err)
	require.Equal(t, host.ListenAt{Name: "PLAINTEXT", Bind: ":9094", Host: "here", Port: 9094},
		p.brokers[2].listeners[0])
	require.EqualValues(t, 3, p.brokers[0].config.OffsetsTopicReplication)
}

// The docker run of a crash course: ZooKeeper elsewhere, no id, one advertised listener.
func TestServeLikeTheImages(t *testing.T) {
	p, err := planned(t, []string{
		"KAFKA_ZOOKEEPER_CONNECT=10.0.0.7:2181",
		"KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://10.0.0.7:9093",
		"KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1",
		"KAFKA_CFG_NUM_PARTITIONS=4",
		"KAFKA_CREATE_TOPICS=orders:3:1,users:2:1",
		"KAFKA_HEAP_OPTS=-Xmx1G",
		"KAFKA_PORT=tcp://10.0.0.1:9092",
		"KAFKA_NUM_IO_THREADS=8",
		"PATH=/bin",
	}, "--data", "/d")
	require.NoError(t, err)
	require.True(t, p.single)
	require.Equal(t, "10.0.0.7:2181", p.zooKeeper)
	b := p.brokers[0]
	require.EqualValues(t, 1001, b.config.ID)
	require.EqualValues(t, 1, b.config.OffsetsTopicReplication)
	require.EqualValues(t, 4, b.config.NumPartitions)
	require.Equal(t, []host.ListenAt{{Name: "PLAINTEXT", Bind: ":9093", Host: "10.0.0.7", Port: 9093}},
		b.listeners)
	require.Equal(t, "orders", p.topics[0].Name)
	require.EqualValues(t, 2, p.topics[1].Partitions)
	require.Equal(t, []string{"num.io.threads"}, p.idle)
	require.Equal(t, "/d", p.cluster().Brokers[0].Dir)
}

// Two listeners, as compose files have them: one for containers and one for the machine.
func TestServeWithTwoListeners(t *testing.T) {
	p, err := planned(t, []string{
		"KAFKA_BROKER_ID=2",
		"KAFKA_LISTENERS=INTERNAL://0.0.0.0:29092,EXTERNAL://0.0.0.0:9092",
		"KAFKA_ADVERTISED_LISTENERS=INTERNAL://kafka:29092,EXTERNAL://localhost:9092",
		"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT",
		"KAFKA_INTER_BROKER_LISTENER_NAME=INTERNAL",
	})
	require.NoError(t, err)
	b := p.brokers[0]
	require.EqualValues(t, 2, b.config.ID)
	require.Equal(t, "INTERNAL", b.config.InterBrokerListener)
	require.Equal(t, []host.ListenAt{
		{Name: "INTERNAL", Bind: "0.0.0.0:29092", Host: "kafka", Port: 29092},
		{Name: "EXTERNAL", Bind: "0.0.0.0:9092", Host: "localhost", Port: 9092},
	}, b.listeners)
}

// The file counts least, then the environment, then --set, and a flag of its own the most.
func TestServeSettingsInOrder(t *testing.T) {
	path := file(t, "# a comment\nbroker.id=5\nnum.partitions = 2\nlog.retention.ms: 1\n"+
		"log.segment.bytes=\\\n  1048576\nlog.dirs=/var/kafka\nzookeeper.connect=a:1,b:2\n")
	p, err := planned(t, []string{"KAFKA_NUM_PARTITIONS=3", "KAFKA_LOG_RETENTION_MS=2"},
		"--config", path, "--set", "log.retention.ms=3", "--broker-id", "6")
	require.NoError(t, err)
	b := p.brokers[0].config
	require.EqualValues(t, 6, b.ID)
	require.EqualValues(t, 3, b.NumPartitions)
	require.EqualValues(t, 3, b.Topic.RetentionMs.Milliseconds())
	require.EqualValues(t, 1<<20, b.Topic.SegmentBytes)
	require.Equal(t, "/var/kafka", p.data)
	require.Equal(t, "a:1,b:2", p.zooKeeper)
}

func TestServeRefuses(t *testing.T) {
	for _, c := range []struct {
		environ []string
		args    []string
		says    string
	}{
		{nil, []string{"--config", file(t, "broker.id=1\n\nlog.retentoin.ms=5\n")},
			`server.properties:3: Kafka has no broker setting "log.retentoin.ms"; did you mean "log.retention.ms"?`},
		{[]string{"KAFKA_NUM_PARTITIONS=many"}, nil, "KAFKA_NUM_PARTITIONS: "},
		{[]string{"KAFKA_PROCESS_ROLES=broker,controller"}, nil, "KRaft"},
		{[]string{"KAFKA_LISTENERS=SSL://:9093"}, nil, "SSL is not there yet"},
		{[]string{"KAFKA_LISTENERS=OUTSIDE://:9093"}, nil, "listener.security.protocol.map"},
		{[]string{"KAFKA_LISTENERS=localhost:9092"}, nil, "want NAME://host:port"},
		{[]string{"KAFKA_LISTENERS=PLAINTEXT://:9092,PLAINTEXT://:9093"}, nil, "stands there twice"},
		{[]string{"KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://0.0.0.0:9092"}, nil, "that clients can reach"},
		{[]string{"KAFKA_INTER_BROKER_LISTENER_NAME=X"}, nil, `no listener "X"`},
		{[]string{"KAFKA_BROKER_ID=one"}, nil, "want a number"},
		{[]string{"KAFKA_BROKER_ID=4"}, []string{"--brokers", "3"}, "for a single one"},
		{nil, []string{"--zookeeper", "zk:2181/kafka"}, "chroot"},
		{nil, []string{"--zookeeper", "zk"}, "want host:port"},
		{nil, []string{"--zookeeper-only", "--brokers", "2"}, "leave --brokers out"},
		{nil, []string{"--brokers", "0"}, "at least 1"},
		{nil, []string{"--config", "/no/such/file"}, "no such file"},
		{nil, []string{"--topic", "a:b"}, "want name[:partitions[:replicas]]"},
	} {
		_, err := planned(t, c.environ, c.args...)
		require.ErrorContains(t, err, c.says, "%v %v", c.environ, c.args)
		var exit *exitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, exitInput, exit.code)
	}
}

// Every name that serve sets apart is one that the broker does not know itself.
func TestSettingsHaveOneOwner(t *testing.T) {
	for _, name := range append(hostSettings(), idleSettings()...) {
		require.NotContains(t, config.BrokerProperties(), name)
	}
}

// A ZooKeeper and a broker in processes of their own find each other; both end when told.
func TestServeInSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	p := processes{t: t, binary: build(t), dir: dir, zooKeeper: freePort(t),
		ports: []string{freePort(t)}, metrics: []string{freePort(t)}}
	zooKeeper := p.start("zookeeper", "--zookeeper-only", "--zookeeper-port", p.zooKeeper)
	b := p.broker(0)
	log := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "broker-1.log"))
		require.NoError(t, err)
		return string(text)
	}
	require.Eventually(t, func() bool {
		return strings.Contains(log(), "bootstrap.servers=localhost:"+p.ports[0])
	}, 20*time.Second, 10*time.Millisecond)
	p.await(0)
	for _, cmd := range []*exec.Cmd{b, zooKeeper} {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait())
	}
	require.Contains(t, log(), "stopping; once more ends at once")
}
