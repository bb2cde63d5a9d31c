package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTopicCommands(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "3")
	require.Equal(t, "Created topic orders.\n", k.done(t, "", "topic", "create", "orders", "--partitions", "3",
		"--replication-factor", "2", "--config", "min.insync.replicas=2", "--config", "retention.ms=60000"))
	k.not(t, exitViolated, "topic orders: TOPIC_ALREADY_EXISTS", "topic", "create", "orders")
	require.Empty(t, k.done(t, "", "topic", "create", "orders", "--if-not-exists"))
	require.Equal(t, "Created topic users.\n", k.done(t, "", "topic", "create", "users"))
	lists := func(want string) { // every broker hears of it a little later
		require.Eventually(t, func() bool { return k.done(t, "", "topic", "list") == want },
			10*time.Second, 5*time.Millisecond)
		time.Sleep(100 * time.Millisecond)
	}
	lists("orders\nusers\n")

	lines := strings.Split(k.done(t, "", "topic", "describe", "orders"), "\n")
	require.Len(t, lines, 5)
	require.Regexp(t, `^Topic: orders  TopicId: [\w-]{22}  PartitionCount: 3  ReplicationFactor: 2  `+
		`Configs: min.insync.replicas=2,retention.ms=60000$`, lines[0])
	for n, line := range lines[1:4] {
		require.Regexp(t, `^  Topic: orders  Partition: \d  Leader: [123]  Replicas: [123],[123]  Isr: [123],[123]$`, line)
		require.Contains(t, line, "Partition: "+string(rune('0'+n)))
	}
	require.Contains(t, k.done(t, "", "topic", "describe"), "\n\nTopic: users")
	k.not(t, exitViolated, "topic nope: UNKNOWN_TOPIC_OR_PARTITION", "topic", "describe", "nope")

	k.not(t, exitViolated, "topic a: INVALID_CONFIG", "topic", "create", "a", "--config", "nonsense=1")
	k.not(t, exitViolated, "topic a: INVALID_REPLICATION_FACTOR", "topic", "create", "a", "-r", "4")
	k.not(t, exitViolated, "topic a b: INVALID_TOPIC_EXCEPTION", "topic", "create", "a b")
	k.not(t, exitInput, "want name=value", "topic", "create", "a", "--config", "nonsense")
	k.not(t, exitInput, "at least 1 partition", "topic", "create", "a", "--partitions", "0")
	k.not(t, exitInput, "topic create takes the NAME", "topic", "create")
	k.not(t, exitInput, "topic has no command \"drop\": want one of create, delete, describe, list", "topic", "drop")

	require.Equal(t, "Deleted topic users.\n", k.done(t, "", "topic", "delete", "users"))
	k.not(t, exitViolated, "topic nope: UNKNOWN_TOPIC_OR_PARTITION", "topic", "delete", "nope")
	require.Empty(t, k.done(t, "", "topic", "delete", "nope", "--if-exists"))
	lists("orders\n")
}

func TestClientCommandsShowExamples(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"topic", "topic create", "produce", "consume", "group", "group reset"} {
		help := nowhere.done(t, "", append(strings.Fields(command), "--help")...)
		require.Contains(t, help, "Examples:\n  sandcastle "+strings.Fields(command)[0])
		require.Contains(t, help, "--bootstrap")
	}
}
