package host

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// javaClass runs a class of the Java programs, of Kafka's own jars or of scenarios/clients/java.
func javaClass(t *testing.T, heap, class string, args ...string) clientProgram {
	java := program(t, "java")
	jar := madeByClients(t, "java/clients-1.jar", "a JDK with Maven")
	return append(clientProgram{java, "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-cp", jar + ":" + filepath.Dir(jar) + "/libs/*", class}, args...)
}

func javaClient(t *testing.T) clientProgram { return javaClass(t, "96M", "sandcastle.Client") }

// Kafka's own client at its ordinary work; its producer is idempotent.
func TestJava(t *testing.T) {
	ordinaryWork(t, javaClient(t).library("none", "gzip", "snappy", "lz4", "zstd"))
}

// Kafka's own admin client: topics, their settings, offsets and records, groups, brokers.
func TestJavaAdmin(t *testing.T) {
	p := javaClient(t)
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	addrs := c.Addrs()
	admin := newAdmin(t, addrs)
	topicLife(t, p, addrs, admin, true)
	run := func(args ...string) string { return p.run(t, addrs, "", args...) }

	require.Equal(t, "2 partitions, 3 replicas, 36 settings\nmin.insync.replicas=2\n",
		run("create", "audit", "2", "3", "min.insync.replicas=2"))
	require.Equal(t, "audit\norders\n", run("list"))
	run("alter", "audit", "append:cleanup.policy=compact", "set:segment.ms=60000",
		"delete:min.insync.replicas")
	require.Equal(t, map[string]string{"cleanup.policy": "delete,compact", "segment.ms": "60000"},
		ownSettings(t, admin, "audit"))
	run("alter", "audit", "subtract:cleanup.policy=delete")
	require.Equal(t, "compact", ownSettings(t, admin, "audit")["cleanup.policy"])
	run("grow", "audit", "4")
	require.Equal(t, 4, strings.Count(run("describe", "audit"), "3 replicas, 3 in sync"))
	require.Contains(t, p.fails(t, addrs, "grow", "audit", "1"), "InvalidPartitionsException")

	cluster := run("cluster")
	require.Contains(t, cluster, "brokers 1,2,3\n")
	require.Equal(t, 3, strings.Count(cluster, "group.initial.rebalance.delay.ms=100\n"))
	p.send(t, addrs, "lz4", "1", numbered("lz4", 10))
	require.Equal(t, "0: 0 to 0\n1: 0 to 10\n", run("offsets", "orders"))
	require.Equal(t, "begins at 4\n", run("cut", "orders-1", "4"))
	require.Equal(t, "0: 0 to 0\n1: 4 to 10\n", run("offsets", "orders"))
	requireIdempotent(t, addrs, 4, 10)

	read := p.library().read(t, addrs, 6)
	require.Equal(t, numbered("lz4", 10)[4:], read)
	require.Regexp(t, `^Empty, 0 members, \n(orders-0 committed 0\n)?orders-1 committed 10\n$`,
		run("group", "reader"))
	run("forget", "reader")
	require.Contains(t, run("group", "reader"), "Dead")
	groups, err := admin.ListGroups(context.Background())
	require.NoError(t, err)
	require.NotContains(t, groups, "reader")
}

// requireIdempotent requires that the records of orders-1 have a producer id and follow each other
// in its sequence.
func requireIdempotent(t *testing.T, addrs []string, from, to int64) {
	for i, r := range recordsOf(t, addrs, "orders", int(to-from)) {
		require.Equal(t, from+int64(i), r.Offset)
		require.GreaterOrEqual(t, r.ProducerID, int64(0))
		require.Equal(t, int16(0), r.ProducerEpoch)
	}
}

// recordsOf are the first n records of a topic, in the order in which they are read.
func recordsOf(t *testing.T, addrs []string, topic string, n int) (list []*kgo.Record) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for len(list) < n {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err(), "%d of %d records of %s", len(list), n, topic)
		list = append(list, fetches.Records()...)
	}
	require.Len(t, list, n)
	return list
}

// ends are the offsets at which a topic's partitions end, by partition.
func ends(t *testing.T, admin *kadm.Client, topic string) map[int32]int64 {
	listed, err := admin.ListEndOffsets(context.Background(), topic)
	require.NoError(t, err)
	at := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		require.NoError(t, o.Err)
		at[o.Partition] = o.Offset
	})
	return at
}

// committedAll waits until a group has committed the end of every partition that has records.
func committedAll(t *testing.T, admin *kadm.Client, group, topic string) {
	want := ends(t, admin, topic)
	var last kadm.OffsetResponses
	require.Eventually(t, func() bool {
		told, err := admin.FetchOffsets(context.Background(), group)
		if last = told; err != nil {
			return false
		}
		for partition, end := range want {
			at, ok := told.Lookup(topic, partition)
			if end > 0 && (!ok || at.At != end) {
				return false
			}
		}
		return true
	}, 30*time.Second, 50*time.Millisecond, "%v, want %v", &last, want)
}

func writeLines(t *testing.T, path string, lines ...string) string {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
	require.NoError(t, err)
	return path
}
