package serve

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/config"
	"sandcastle/broker/host"
	"sandcastle/model"
)

// planned is the plan of serve with these flags and this environment.
func planned(t *testing.T, environ []string, args ...string) (*Plan, error) {
	o := Options{Brokers: 1, Port: 9092, ZooKeeperPort: 2181, Advertised: "localhost"}
	supplied := map[string]bool{}
	for i := 0; i < len(args); i += 2 {
		name, value := strings.TrimPrefix(args[i], "--"), args[i+1]
		supplied[name] = true
		number, _ := strconv.Atoi(value)
		switch name {
		case "brokers":
			o.Brokers = number
		case "broker-id":
			o.BrokerID = number
		case "zookeeper-only":
			o.ZooKeeperOnly = value == "true"
		case "zookeeper":
			o.ZooKeeper = value
		case "advertised":
			o.Advertised = value
		case "bind":
			o.Bind = value
		case "data":
			o.Data = value
		case "config":
			o.ConfigFile = value
		case "topic":
			o.Topics = append(o.Topics, value)
		case "set":
			o.Settings = append(o.Settings, value)
		default:
			t.Fatal("no flag of this test: ", name)
		}
	}
	return NewPlan(&o, func(name string) bool { return supplied[name] }, environ)
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
	require.Equal(t, "localhost:2181", p.zkListen)
	require.Len(t, p.Brokers, 1)
	require.Equal(t, []host.ListenAt{{Name: "PLAINTEXT", Bind: "localhost:9092", Host: "localhost", Port: 9092}},
		p.Brokers[0].Listeners)
	require.EqualValues(t, 1, p.Brokers[0].Config.OffsetsTopicReplication)
	require.Zero(t, p.Brokers[0].Config.GroupInitialRebalanceDelay)

	p, err = planned(t, nil, "--brokers", "3", "--advertised", "here")
	require.NoError(t, err)
	require.Equal(t, host.ListenAt{Name: "PLAINTEXT", Bind: "localhost:9094", Host: "here", Port: 9094},
		p.Brokers[2].Listeners[0])
	require.EqualValues(t, 3, p.Brokers[0].Config.OffsetsTopicReplication)

	for _, loopback := range []string{"::1", "[::1]"} {
		p, err = planned(t, nil, "--bind", loopback, "--advertised", loopback)
		require.NoError(t, err)
		require.Equal(t, "[::1]:2181", p.zkListen)
		require.Equal(t, []host.ListenAt{
			{Name: "PLAINTEXT", Bind: "[::1]:9092", Host: "::1", Port: 9092},
		}, p.Brokers[0].Listeners)
	}
}

// The docker run of a crash course: ZooKeeper elsewhere, no id, one advertised listener.
func TestServeLikeTheImages(t *testing.T) {
	p, err := planned(t, []string{
		"SANDCASTLE_BIND=*",
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
	require.Equal(t, "10.0.0.7:2181", p.ZooKeeper)
	b := p.Brokers[0]
	require.EqualValues(t, 1001, b.Config.ID)
	require.EqualValues(t, 1, b.Config.OffsetsTopicReplication)
	require.EqualValues(t, 4, b.Config.NumPartitions)
	require.Equal(t, []host.ListenAt{{Name: "PLAINTEXT", Bind: ":9093", Host: "10.0.0.7", Port: 9093}},
		b.Listeners)
	require.Equal(t, "orders", p.Topics[0].Name)
	require.EqualValues(t, 2, p.Topics[1].Partitions)
	require.Equal(t, []string{"num.io.threads"}, p.Idle)
	require.Equal(t, "/d", p.Cluster().Brokers[0].Dir)
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
	b := p.Brokers[0]
	require.EqualValues(t, 2, b.Config.ID)
	require.Equal(t, "INTERNAL", b.Config.InterBrokerListener)
	require.Equal(t, []host.ListenAt{
		{Name: "INTERNAL", Bind: "0.0.0.0:29092", Host: "kafka", Port: 29092},
		{Name: "EXTERNAL", Bind: "0.0.0.0:9092", Host: "localhost", Port: 9092},
	}, b.Listeners)
}

// The file counts least, then the environment, then --set, and a flag of its own the most.
func TestServeSettingsInOrder(t *testing.T) {
	path := file(t, "# a comment\nbroker.id=5\nnum.partitions = 2\nlog.retention.ms: 1\n"+
		"log.segment.bytes=\\\n  1048576\nlog.dirs=/var/kafka\nzookeeper.connect=a:1,b:2\n")
	p, err := planned(t, []string{"KAFKA_NUM_PARTITIONS=3", "KAFKA_LOG_RETENTION_MS=2"},
		"--config", path, "--set", "log.retention.ms=3", "--broker-id", "6")
	require.NoError(t, err)
	b := p.Brokers[0].Config
	require.EqualValues(t, 6, b.ID)
	require.EqualValues(t, 3, b.NumPartitions)
	require.EqualValues(t, 3, b.Topic.RetentionMs.Milliseconds())
	require.EqualValues(t, 1<<20, b.Topic.SegmentBytes)
	require.Equal(t, "/var/kafka", p.Data)
	require.Equal(t, "a:1,b:2", p.ZooKeeper)
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
		{nil, []string{"--zookeeper-only", "true", "--brokers", "2"}, "leave --brokers out"},
		{nil, []string{"--brokers", "0"}, "at least 1"},
		{nil, []string{"--config", "/no/such/file"}, "no such file"},
		{nil, []string{"--topic", "a:b"}, "want name[:partitions[:replicas]]"},
	} {
		_, err := planned(t, c.environ, c.args...)
		require.ErrorContains(t, err, c.says, "%v %v", c.environ, c.args)
		var input *model.InputError
		require.ErrorAs(t, err, &input)
	}
}

// Every setting that Kafka has is accepted with its default, of 4.x too; those of KRaft's nodes alone
// are refused, and what has no effect is said.
func TestServeKnowsEverySetting(t *testing.T) {
	for _, name := range append(config.BrokerProperties(),
		"listener.name.internal.ssl.keystore.location", "config.providers.file.class") {
		list := settings{{name, "", "server.properties:1"}}
		require.NoError(t, list.check(), name)
		require.Equal(t, !config.HasEffect(name), len(list.idle()) == 1, name)
	}
	p, err := planned(t, nil, "--config", file(t, "node.id=4\noffsets.retention.check.interval.ms=5\n"+
		"log.cleaner.io.buffer.size=5\nconnections.max.reauth.ms=5\nlog.cleaner.threads=2\n"))
	require.NoError(t, err)
	require.EqualValues(t, 4, p.Brokers[0].Config.ID)
	require.Contains(t, p.Idle, "log.cleaner.threads")
	_, err = planned(t, nil, "--set", "replica.lag.time.max.ms=100")
	require.ErrorContains(t, err, "do not fit together")
	_, err = planned(t, nil, "--set", "process.roles=broker")
	require.ErrorContains(t, err, "KRaft")
}
