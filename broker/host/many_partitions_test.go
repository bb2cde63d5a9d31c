package host

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/client"
)

// openDescriptors is how many this process has.
func openDescriptors(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("descriptors are counted in /proc:", err)
	}
	return len(list)
}

// resident is the memory of this process, as the operating system counts it, in MiB.
func resident(t *testing.T) string {
	text, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// Three brokers start, serve and stop with as many topics of ten partitions, each on REPLICAS of
// them, as SANDCASTLE_TOPICS says, within 20,000 descriptors; make test-partitions takes 2,000.
func TestManyPartitions(t *testing.T) {
	var topics, replicas int
	fmt.Sscan(os.Getenv("SANDCASTLE_TOPICS"), &topics, &replicas)
	if topics == 0 {
		t.Skip("takes minutes: make test-partitions")
	}
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	mayOpen(t, 20_000)
	low := syscall.Rlimit{Cur: 20_000, Max: max(limit.Max, 20_000)}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low))
	data := t.TempDir()
	cfg := clusterConfig(t, 3, data)
	say := func(what string, since time.Time) {
		runtime.GC()
		t.Logf("%s in %s: %s resident, %d descriptors", what, time.Since(since).Round(10*time.Millisecond),
			resident(t), openDescriptors(t))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	began := time.Now()
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	require.NoError(t, c.Ready(ctx))
	t.Log(c.Descriptors())
	list := ordersTopic(2, 3)
	for i := range topics {
		list = append(list, client.CreateTopic{
			Name: fmt.Sprintf("topic-%d", i), Partitions: 10, Replicas: int16(replicas),
		})
	}
	for len(list) > 0 {
		n := min(len(list), 100)
		require.NoError(t, c.CreateTopics(ctx, list[:n]))
		list = list[n:]
	}
	say(fmt.Sprintf("created %d topics", topics), began)
	began = time.Now()
	require.Len(t, acked(t, c, "a", "b"), 2)
	say("served", began)
	began = time.Now()
	c.Shutdown(ctx)
	say("stopped", began)
	began = time.Now()
	c, err = StartCluster(cfg)
	require.NoError(t, err)
	require.NoError(t, c.Ready(ctx))
	say("started again", began)
	require.Len(t, acked(t, c, "c"), 1)
	say("serves", began)
	require.Less(t, openDescriptors(t), 20_000)
	c.Shutdown(ctx)
}
