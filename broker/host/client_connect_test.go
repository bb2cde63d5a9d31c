package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
)

// connectWorker are the settings that all workers of Connect have here.
const connectWorker = `
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.flush.interval.ms=200
plugin.discovery=service_load
consumer.heartbeat.interval.ms=200
`

// filePipe is a line of Connect: a file that is read into a topic, and the topic into a file.
type filePipe struct{ from, to string }

func newFilePipe(t *testing.T) filePipe {
	dir := t.TempDir()
	return filePipe{filepath.Join(dir, "from.txt"), filepath.Join(dir, "to.txt")}
}

func (p filePipe) source() map[string]string {
	return map[string]string{"name": "source", "tasks.max": "1", "topic": "orders", "file": p.from,
		"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector"}
}

func (p filePipe) sink() map[string]string {
	return map[string]string{"name": "sink", "tasks.max": "2", "topics": "orders", "file": p.to,
		"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector"}
}

// arrives waits until these lines, and no others, have come out, in any order.
func (p filePipe) arrives(t *testing.T, lines []string) {
	var last string
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(p.to)
		last = string(text)
		return strings.Count(last, "\n") >= len(lines)
	}, 120*time.Second, 100*time.Millisecond, "%d lines of %s", len(lines), p.to)
	got := strings.Split(strings.TrimSuffix(last, "\n"), "\n")
	slices.Sort(got)
	want := slices.Sorted(slices.Values(lines))
	require.Equal(t, want, got)
}

func lines(from, to int) (list []string) {
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf("line %d", i))
	}
	return list
}

// properties writes a file of Java's settings.
func properties(t *testing.T, common string, settings map[string]string) string {
	f, err := os.CreateTemp(t.TempDir(), "*.properties")
	require.NoError(t, err)
	defer f.Close()
	fmt.Fprint(f, common)
	for name, value := range settings {
		fmt.Fprintf(f, "%s=%s\n", name, value)
	}
	return f.Name()
}

// A worker of Connect carries a file into a topic and the topic into a file, and goes on where it
// stopped when it is started again.
func TestConnectStandalone(t *testing.T) {
	p := javaClass(t, "192M", "org.apache.kafka.connect.cli.ConnectStandalone")
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	addrs := c.Addrs()
	admin := newAdmin(t, addrs)
	pipe := newFilePipe(t)
	worker := properties(t, connectWorker, map[string]string{
		"bootstrap.servers": strings.Join(addrs, ","), "listeners": "http://127.0.0.1:0",
		"offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets"),
	})
	work := func() (leave func()) {
		return runMember(t, p.command(addrs, worker, properties(t, "", pipe.source()),
			properties(t, "", pipe.sink())), func(string) {})
	}

	writeLines(t, pipe.from, lines(0, 50)...)
	leave := work()
	pipe.arrives(t, lines(0, 50))
	writeLines(t, pipe.from, lines(50, 60)...)
	pipe.arrives(t, lines(0, 60))
	committedAll(t, admin, "connect-sink", "orders")
	leave()
	awaitState(t, admin, "connect-sink", "Empty")

	writeLines(t, pipe.from, lines(60, 70)...)
	leave = work()
	pipe.arrives(t, lines(0, 70))
	leave()
	requireLines(t, addrs, 70)
}

// requireLines requires the first n lines in the topic, each once.
func requireLines(t *testing.T, addrs []string, n int) {
	var got []string
	for _, r := range recordsOf(t, addrs, "orders", n) {
		got = append(got, string(r.Value))
	}
	slices.Sort(got)
	require.Equal(t, slices.Sorted(slices.Values(lines(0, n))), got)
}

// Two workers of Connect keep their connectors, offsets and states in topics that they create, share
// the tasks in a group, and when one of them leaves, the other one takes over.
func TestConnectDistributed(t *testing.T) {
	p := javaClass(t, "192M", "org.apache.kafka.connect.cli.ConnectDistributed")
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	addrs := c.Addrs()
	admin := newAdmin(t, addrs)
	pipe := newFilePipe(t)
	work := func() (rest string, leave func()) {
		rest = "127.0.0.1:" + unusedPort(t)
		worker := properties(t, connectWorker, map[string]string{
			"bootstrap.servers": strings.Join(addrs, ","), "listeners": "http://" + rest,
			"group.id": "workers", "config.storage.topic": "connect-configs",
			"offset.storage.topic": "connect-offsets", "status.storage.topic": "connect-status",
			"offset.storage.partitions": "5", "scheduled.rebalance.max.delay.ms": "0",
			"heartbeat.interval.ms": "200",
		})
		return rest, runMember(t, p.command(addrs, worker), func(string) {})
	}

	first, leaveFirst := work()
	awaitStable(t, admin, "workers", 1)
	requireConnectTopics(t, admin)
	writeLines(t, pipe.from, lines(0, 50)...)
	createConnector(t, first, pipe.source())
	createConnector(t, first, pipe.sink())
	pipe.arrives(t, lines(0, 50))
	second, leaveSecond := work()
	awaitStable(t, admin, "workers", 2)
	awaitTasks(t, second, "sink", 2)
	writeLines(t, pipe.from, lines(50, 60)...)
	pipe.arrives(t, lines(0, 60))
	committedAll(t, admin, "connect-sink", "orders")

	leaveFirst()
	awaitStable(t, admin, "workers", 1)
	writeLines(t, pipe.from, lines(60, 70)...)
	pipe.arrives(t, lines(0, 70))
	awaitTasks(t, second, "sink", 1)
	leaveSecond()
	requireLines(t, addrs, 70)
}

func unusedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// requireConnectTopics requires the topics that Connect makes for itself, with its settings.
func requireConnectTopics(t *testing.T, admin *kadm.Client) {
	topics, err := admin.ListTopics(context.Background())
	require.NoError(t, err)
	for name, partitions := range map[string]int{
		"connect-configs": 1, "connect-offsets": 5, "connect-status": 5,
	} {
		require.Len(t, topics[name].Partitions, partitions, name)
		require.Equal(t, 3, topics[name].Partitions.NumReplicas(), name)
		require.Equal(t, map[string]string{"cleanup.policy": "compact"}, ownSettings(t, admin, name))
	}
}

// createConnector asks a worker for a connector, as soon as it answers.
func createConnector(t *testing.T, rest string, config map[string]string) {
	body, err := json.Marshal(map[string]any{"name": config["name"], "config": config})
	require.NoError(t, err)
	var last bytes.Buffer
	require.Eventually(t, func() bool {
		last.Reset()
		resp, err := http.Post("http://"+rest+"/connectors", "application/json", bytes.NewReader(body))
		if err != nil {
			last.WriteString(err.Error())
			return false
		}
		defer resp.Body.Close()
		_, _ = last.ReadFrom(resp.Body)
		return resp.StatusCode == http.StatusCreated
	}, 120*time.Second, 200*time.Millisecond, "%s", &last)
}

// awaitTasks waits until all tasks of a connector run, on so many workers.
func awaitTasks(t *testing.T, rest, connector string, workers int) {
	var last bytes.Buffer
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + rest + "/connectors/" + connector + "/status")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		last.Reset()
		_, _ = last.ReadFrom(resp.Body)
		var status struct {
			Tasks []struct {
				State    string
				WorkerID string `json:"worker_id"`
			}
		}
		if json.Unmarshal(last.Bytes(), &status) != nil {
			return false
		}
		on := map[string]bool{}
		for _, task := range status.Tasks {
			if task.State != "RUNNING" {
				return false
			}
			on[task.WorkerID] = true
		}
		return len(status.Tasks) == 2 && len(on) == workers
	}, 120*time.Second, 200*time.Millisecond, "%s", &last)
}
