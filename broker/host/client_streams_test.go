package host

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka Streams counts words through two topics that it creates, and goes on where it was when it is
// started again without its local state, which it then reads from its changelog.
func TestStreams(t *testing.T) {
	p := javaClass(t, "192M", "sandcastle.Client")
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	addrs := c.Addrs()
	admin := newAdmin(t, addrs)
	_, err := admin.CreateTopics(context.Background(), 2, 3, nil, "lines", "counts")
	require.NoError(t, err)
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...))
	require.NoError(t, err)
	defer client.Close()
	count := func(lines ...string) {
		for i, line := range lines {
			r := kgo.Record{Topic: "lines", Key: []byte{byte(i)}, Value: []byte(line)}
			require.NoError(t, client.ProduceSync(context.Background(), &r).FirstErr())
		}
	}
	start := func(state string) (leave func()) {
		dir := filepath.Join(t.TempDir(), state)
		leave = runMember(t, p.command(addrs, "words", "app", "lines", "counts", dir), func(string) {})
		awaitStable(t, admin, "app", 2)
		return leave
	}

	count("one two three", "two three", "three")
	leave := start("first")
	require.Equal(t, map[string]int64{"one": 1, "two": 2, "three": 3}, wordCounts(t, addrs, 6))
	requireStreamsTopics(t, admin)
	count("two four")
	require.Equal(t, map[string]int64{"one": 1, "two": 3, "three": 3, "four": 1}, wordCounts(t, addrs, 8))
	committedAll(t, admin, "app", "lines")
	leave()
	awaitState(t, admin, "app", "Empty")

	count("four three one")
	leave = start("second")
	require.Equal(t, map[string]int64{"one": 2, "two": 3, "three": 4, "four": 2},
		wordCounts(t, addrs, 11), "nothing is counted twice or anew")
	committedAll(t, admin, "app", "lines")
	leave()
}

// requireStreamsTopics requires the topics that Streams makes for itself, with its settings.
func requireStreamsTopics(t *testing.T, admin *kadm.Client) {
	topics, err := admin.ListTopics(context.Background())
	require.NoError(t, err)
	for name, want := range map[string]map[string]string{
		"app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog": {"cleanup.policy": "compact",
			"message.timestamp.type": "CreateTime"},
		"app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition": {"cleanup.policy": "delete",
			"message.timestamp.type": "CreateTime", "retention.ms": "-1", "segment.bytes": "52428800"},
	} {
		require.True(t, topics.Has(name), "%v", topics.Names())
		require.Equal(t, 3, topics[name].Partitions.NumReplicas(), name)
		require.Equal(t, want, ownSettings(t, admin, name), name)
	}
}

// wordCounts reads n results and returns the last of each word, none of which ever falls back.
func wordCounts(t *testing.T, addrs []string, n int) map[string]int64 {
	counts := map[string]int64{}
	for _, r := range recordsOf(t, addrs, "counts", n) {
		word, now := string(r.Key), int64(binary.BigEndian.Uint64(r.Value))
		require.Equal(t, counts[word]+1, now, word)
		counts[word] = now
	}
	return counts
}

func awaitStable(t *testing.T, admin *kadm.Client, group string, members int) {
	var last kadm.DescribedGroup
	require.Eventually(t, func() bool {
		groups, err := admin.DescribeGroups(context.Background(), group)
		last = groups[group]
		return err == nil && last.State == "Stable" && len(last.Members) == members
	}, 60*time.Second, 50*time.Millisecond, "%v", &last)
}

func awaitState(t *testing.T, admin *kadm.Client, group, state string) {
	var last kadm.DescribedGroup
	require.Eventually(t, func() bool {
		groups, err := admin.DescribeGroups(context.Background(), group)
		last = groups[group]
		return err == nil && last.State == state
	}, 60*time.Second, 50*time.Millisecond, "%v", &last)
}
