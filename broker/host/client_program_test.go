package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
)

// clientProgram is a client in another language: a command that is given a verb and its arguments,
// and finds the brokers in $BROKERS. Its verbs are those of scenarios/clients/python.
type clientProgram []string

func (p clientProgram) command(addrs []string, args ...string) *exec.Cmd {
	cmd := exec.Command(p[0], append(p[1:len(p):len(p)], args...)...)
	cmd.Env = append(os.Environ(), "BROKERS="+strings.Join(addrs, ","))
	return cmd
}

// run returns what a verb prints, given its input.
func (p clientProgram) run(t *testing.T, addrs []string, in string, args ...string) string {
	cmd := p.command(addrs, args...)
	var said, complaints strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &said, &complaints
	require.NoError(t, cmd.Run(), "%v: %s%s", args, said.String(), complaints.String())
	return said.String()
}

// fails returns what a verb says that cannot be done.
func (p clientProgram) fails(t *testing.T, addrs []string, args ...string) string {
	said, err := p.command(addrs, args...).CombinedOutput()
	require.Error(t, err, "%v", args)
	return string(said)
}

// send sends records to a partition, or by-key.
func (p clientProgram) send(t *testing.T, addrs []string, codec, partition string, records []keyed) {
	var in strings.Builder
	for _, r := range records {
		fmt.Fprintln(&in, r.key, r.value)
	}
	told := p.run(t, addrs, in.String(), "send", "orders", codec, partition)
	require.Equal(t, len(records), strings.Count(told, "\n"), "each record has its partition and offset")
}

func (p clientProgram) library(codecs ...string) library {
	member := func(t *testing.T, addrs []string, group string, received func(line string)) func() {
		return runMember(t, p.command(addrs, "member", "orders", group), received)
	}
	return library{
		codecs: codecs,
		produce: func(t *testing.T, addrs []string, codec string, records []keyed) {
			p.send(t, addrs, codec, "1", records)
		},
		spread: func(t *testing.T, addrs []string, records []keyed) {
			p.send(t, addrs, "none", "by-key", records)
		},
		read: func(t *testing.T, addrs []string, n int) []keyed {
			return readAsMember(t, n, func(received func(line string)) func() {
				return member(t, addrs, "reader", received)
			})
		},
		join: func(t *testing.T, addrs []string, group string, received func(string)) func() {
			return member(t, addrs, group, func(line string) {
				received(line[strings.LastIndexByte(line, ' ')+1:])
			})
		},
	}
}

// readAsMember returns the first n records of partition 1 that a member prints, each as partition,
// key and value.
func readAsMember(t *testing.T, n int, join func(received func(line string)) (leave func())) (list []keyed) {
	done := make(chan struct{})
	leave := join(func(line string) {
		partition, rest, _ := strings.Cut(line, " ")
		key, value, _ := strings.Cut(rest, " ")
		if partition == "1" {
			if list = append(list, keyed{key, value}); len(list) == n {
				close(done)
			}
		}
	})
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Errorf("%d of %d records", len(list), n)
	}
	leave()
	return list
}

// topicLife creates, describes, alters and deletes a topic with the verbs that all programs have; an
// admin client of another make sees the same. Where altering is incremental, other settings stay.
func topicLife(t *testing.T, p clientProgram, addrs []string, admin *kadm.Client, incremental bool) {
	p.run(t, addrs, "", "create", "payments", "3", "2",
		"cleanup.policy=compact", "retention.ms=86400000")
	partitions := "partition 0, 2 replicas, 2 in sync\npartition 1, 2 replicas, 2 in sync\n" +
		"partition 2, 2 replicas, 2 in sync\n"
	require.Equal(t, partitions+"cleanup.policy=compact\nretention.ms=86400000\n",
		p.run(t, addrs, "", "describe", "payments"))
	require.Equal(t, map[string]string{"cleanup.policy": "compact", "retention.ms": "86400000"},
		ownSettings(t, admin, "payments"))
	require.Regexp(t, "(?i)already.?exists", p.fails(t, addrs, "create", "payments", "3", "2"))
	require.Contains(t, p.fails(t, addrs, "create", "wrong", "1", "1", "retention.ms=soon"), "soon")

	require.Empty(t, p.run(t, addrs, "", "alter", "payments", "retention.ms=3600000"))
	after := map[string]string{"retention.ms": "3600000"}
	if incremental {
		after["cleanup.policy"] = "compact"
	}
	require.Equal(t, after, ownSettings(t, admin, "payments"))
	require.Empty(t, p.run(t, addrs, "", "delete", "payments"))
	topics, err := admin.ListTopics(context.Background())
	require.NoError(t, err)
	require.False(t, topics.Has("payments"))
}

// ownSettings are the settings that a topic does not have from its brokers.
func ownSettings(t *testing.T, admin *kadm.Client, topic string) map[string]string {
	told, err := admin.DescribeTopicConfigs(context.Background(), topic)
	require.NoError(t, err)
	config, err := told.On(topic, nil)
	require.NoError(t, err)
	require.NoError(t, config.Err)
	own := map[string]string{}
	for _, c := range config.Configs {
		if c.Source.String() == "DYNAMIC_TOPIC_CONFIG" {
			own[c.Key] = *c.Value
		}
	}
	return own
}

// madeByClients is where `make test-clients` has put what it made for a client, or skips the test.
func madeByClients(t *testing.T, path, need string) string {
	path, err := filepath.Abs(filepath.Join("../../out/clients", path))
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there: make test-clients makes it where there is %s", path, need)
	}
	return path
}
