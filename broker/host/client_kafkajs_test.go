package host

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kafkaJS runs JavaScript with kafkajs.
type kafkaJS struct{ node, modules string }

func newKafkaJS(t *testing.T) kafkaJS { return kafkaJS{program(t, "node"), modules(t)} }

// command runs a script of scenarios/clients/kafkajs against the brokers.
func (k kafkaJS) command(t *testing.T, addrs []string, script string, args ...string) *exec.Cmd {
	path, err := filepath.Abs("../../scenarios/clients/kafkajs/" + script)
	require.NoError(t, err)
	cmd := exec.Command(k.node, append([]string{path}, args...)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+k.modules, "KAFKAJS_NO_PARTITIONER_WARNING=1",
		"BROKERS="+strings.Join(addrs, ","))
	return cmd
}

func (k kafkaJS) run(t *testing.T, addrs []string, script string, args ...string) string {
	out, err := k.command(t, addrs, script, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	var said strings.Builder
	for line := range strings.Lines(string(out)) {
		if !logged(line) {
			said.WriteString(line)
		}
	}
	return said.String()
}

// logged is true of kafkajs's own log lines, which it prints among everything else.
func logged(line string) bool { return strings.HasPrefix(line, `{"level"`) }

// member runs a consumer of scenarios/clients/kafkajs until it is told to leave.
func (k kafkaJS) member(t *testing.T, cmd *exec.Cmd, received func(line string)) (leave func()) {
	return runMember(t, cmd, func(line string) {
		if !logged(line) {
			received(line)
		}
	})
}

// The three programs of a crash course, against one broker and against three: names from A to M go
// to partition 0, the others to partition 1, and of two consumers in a group the one that is left
// takes over.
func TestCrashCourse(t *testing.T) {
	k := newKafkaJS(t)
	for _, brokers := range []int{1, 3} {
		t.Run(fmt.Sprintf("%d brokers", brokers), func(t *testing.T) {
			c := startCluster(t, brokers, t.TempDir())
			defer c.kill()
			addrs := c.Addrs()
			require.Equal(t, "created\n", k.run(t, addrs, "topic.js"))
			require.Equal(t, "was there already\n", k.run(t, addrs, "topic.js"))
			require.JSONEq(t, `[{"topicName": "users", "partition": 0, "errorCode": 0,
				"baseOffset": "0", "logAppendTime": "-1", "logStartOffset": "0"}]`,
				k.run(t, addrs, "producer.js", "Alice"))
			var sent []struct{ Partition int }
			require.NoError(t, json.Unmarshal([]byte(k.run(t, addrs, "producer.js", "Zoe")), &sent))
			require.Equal(t, 1, sent[0].Partition)

			var got collected
			leaveA := k.member(t, k.command(t, addrs, "consumer.js"), got.add)
			require.Equal(t, []string{"Alice on partition 0", "Zoe on partition 1"}, got.take(t, 2))
			b := k.command(t, addrs, "consumer.js")
			k.member(t, b, got.add)
			admin := newAdmin(t, addrs)
			awaitBalance(t, admin, "group-1", 2)
			k.run(t, addrs, "producer.js", "Bob")
			k.run(t, addrs, "producer.js", "Yan")
			require.Equal(t, []string{"Bob on partition 0", "Yan on partition 1"}, got.take(t, 2))

			require.NoError(t, b.Process.Kill()) // its session has to expire
			awaitBalance(t, admin, "group-1", 1)
			k.run(t, addrs, "producer.js", "Carol")
			k.run(t, addrs, "producer.js", "Xenia")
			require.Subset(t, got.take(t, 2), []string{"Carol on partition 0", "Xenia on partition 1"})
			leaveA()
			b.Wait()
		})
	}
}

// kafkajs itself has gzip; other codecs are packages of their own.
func TestKafkaJS(t *testing.T) {
	k := newKafkaJS(t)
	send := func(t *testing.T, addrs []string, codec, partition string, records []keyed) {
		type message struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		}
		var list []message
		for _, r := range records {
			list = append(list, message{r.key, r.value})
		}
		text, err := json.Marshal(list)
		require.NoError(t, err)
		k.run(t, addrs, "send.js", "orders", codec, partition, string(text))
	}
	ordinaryWork(t, library{
		codecs: []string{"none", "gzip"},
		produce: func(t *testing.T, addrs []string, codec string, records []keyed) {
			send(t, addrs, codec, "1", records)
		},
		spread: func(t *testing.T, addrs []string, records []keyed) {
			send(t, addrs, "none", "by-key", records)
		},
		read: func(t *testing.T, addrs []string, n int) []keyed {
			return readAsMember(t, n, func(received func(line string)) func() {
				return k.member(t, k.command(t, addrs, "read.js", "orders", "reader"), received)
			})
		},
		join: func(t *testing.T, addrs []string, group string, received func(string)) func() {
			return k.member(t, k.command(t, addrs, "read.js", "orders", group), func(line string) {
				received(line[strings.LastIndexByte(line, ' ')+1:])
			})
		},
	})
}
