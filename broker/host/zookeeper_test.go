package host

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// apacheZooKeeper is Debian's package of Apache ZooKeeper.
const apacheZooKeeper = "/usr/share/zookeeper/bin"

// needZooKeeper skips a test where ZooKeeper is not installed, or nobody asked for it.
func needZooKeeper(t *testing.T) {
	if os.Getenv("SANDCASTLE_ZOOKEEPER") == "" {
		t.Skip("starts Apache ZooKeeper: make test-zookeeper installs it and runs this")
	}
	if _, err := os.Stat(apacheZooKeeper + "/zkCli.sh"); err != nil {
		t.Skip("Apache ZooKeeper is not installed: make test-zookeeper installs Debian's")
	}
}

// zkCli has ZooKeeper's own command line do one thing at addr, and returns what it printed.
func zkCli(t *testing.T, addr string, args ...string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, apacheZooKeeper+"/zkCli.sh",
		append([]string{"-server", addr}, args...)...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// startApacheZooKeeper starts a server on a free port and returns where, and what kills it.
func startApacheZooKeeper(t *testing.T, dir string, port int) (kill func()) {
	config := filepath.Join(dir, "zoo.cfg")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil,
		"tickTime=1000\ndataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n",
		filepath.Join(dir, "data"), port), 0o644))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data"), 0o755))
	cmd := exec.Command("java", "-cp", "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar",
		"org.apache.zookeeper.server.ZooKeeperServerMain", config)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	stopped := false
	kill = func() {
		if !stopped {
			stopped = true
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
	t.Cleanup(kill)
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 30*time.Second, 50*time.Millisecond, "%s", &said)
	return kill
}

// Our brokers keep their metadata in Apache ZooKeeper: a topic is created, its leader dies, another
// takes over, and the nodes hold what Kafka writes. A restart of ZooKeeper does not disturb them.
func TestApacheZooKeeper(t *testing.T) {
	needZooKeeper(t)
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := port(l)
	require.NoError(t, l.Close())
	kill := startApacheZooKeeper(t, dir, at)
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(at))

	cfg := clusterConfig(t, 3, filepath.Join(dir, "brokers"))
	cfg.ZooKeeper = addr
	for i := range cfg.Brokers {
		require.NoError(t, cfg.Brokers[i].Broker.Set("zookeeper.session.timeout.ms", "4000"))
	}
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	require.NoError(t, c.CreateTopics(ctx, []client.CreateTopic{
		{Name: "orders", Partitions: 1, Replicas: 3},
	}))
	require.Equal(t, map[string]kafka.Offset{"a": 0, "b": 1}, acked(t, c, "a", "b"))

	require.Contains(t, zkCli(t, addr, "ls", "/brokers/ids"), "[1, 2, 3]")
	require.Regexp(t, `"endpoints":\["PLAINTEXT://127.0.0.1:\d+"\]`, zkCli(t, addr, "get", "/brokers/ids/2"))
	require.Regexp(t, `"version":"1","id":"[\w-]{22}"`, zkCli(t, addr, "get", "/cluster/id"))
	require.Contains(t, zkCli(t, addr, "get", "/brokers/topics/orders"), `"partitions":{"0":[`)
	require.Contains(t, zkCli(t, addr, "get", "/controller"), `"brokerid":`)

	leader := leaderIn(t, addr)
	c.brokers[leader-1].Stop()
	for leaderIn(t, addr) == leader || leaderIn(t, addr) < 1 {
		require.NoError(t, ctx.Err(), "nobody took over")
	}
	require.Equal(t, map[string]kafka.Offset{"c": 2}, acked(t, c, "c"))
	require.Equal(t, []string{"0=a", "1=b", "2=c"}, read(t, c, 3))
	require.NotContains(t, zkCli(t, addr, "ls", "/brokers/ids"), "[1, 2, 3]")

	kill()
	kill = startApacheZooKeeper(t, dir, at)
	defer kill()
	require.Equal(t, map[string]kafka.Offset{"d": 3}, acked(t, c, "d"))
	require.NoError(t, c.CreateTopics(ctx, []client.CreateTopic{ // their sessions are taken up again
		{Name: "users", Partitions: 2, Replicas: 2},
	}))
	require.Contains(t, zkCli(t, addr, "ls", "/brokers/topics"), "users")
}

// leaderIn is the leader of orders-0 as ZooKeeper has it.
func leaderIn(t *testing.T, addr string) int {
	state := zkCli(t, addr, "get", "/brokers/topics/orders/partitions/0/state")
	m := regexp.MustCompile(`"leader":(-?\d+)`).FindStringSubmatch(state)
	require.Len(t, m, 2, state)
	leader, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	return leader
}

// ZooKeeper's own command line browses our server, and changes it.
func TestZkCli(t *testing.T) {
	needZooKeeper(t)
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	addr := c.ZooKeeperAddr()
	require.Contains(t, zkCli(t, addr, "ls", "/brokers/ids"), "[1, 2, 3]")
	require.Contains(t, zkCli(t, addr, "get", "/brokers/topics/orders"), `"partitions"`)
	require.Contains(t, zkCli(t, addr, "ls", "-R", "/brokers/topics"), "/brokers/topics/orders/partitions/1/state")
	stat := zkCli(t, addr, "stat", "/controller")
	require.Regexp(t, `ephemeralOwner = 0x[1-9a-f]`, stat)
	require.Contains(t, zkCli(t, addr, "create", "/hello", "world"), "Created /hello")
	require.Contains(t, lastLines(zkCli(t, addr, "get", "-s", "/hello")), "dataLength = 5")
	require.NotContains(t, zkCli(t, addr, "set", "/hello", "there"), "does not exist")
	require.Contains(t, zkCli(t, addr, "get", "/hello"), "there")
	zkCli(t, addr, "delete", "/hello")
	require.Contains(t, zkCli(t, addr, "ls", "/"), "brokers")
	require.NotContains(t, zkCli(t, addr, "ls", "/"), "hello")
	var leads bool
	c.brokers[0].Look(func(p model.Process) { leads = p.(*broker.Broker).Serving() })
	require.True(t, leads, "the brokers were not disturbed")
}

func lastLines(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
