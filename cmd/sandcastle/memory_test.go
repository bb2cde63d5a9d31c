package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A broker holds no more memory when it has taken twenty million records than when it began: they are
// in files.
func TestMemory(t *testing.T) {
	if os.Getenv("SANDCASTLE_MEMORY") == "" {
		t.Skip("sends twenty million records: make soak-memory does")
	}
	const records, mostMiB = 20_000_000, 300
	p := processes{t: t, binary: program(t), dir: t.TempDir(), zooKeeper: freePort(t),
		ports: []string{freePort(t)}, metrics: []string{freePort(t)}}
	p.start("zookeeper", "--zookeeper-only", "--zookeeper-port", p.zooKeeper)
	started := time.Now()
	broker := p.broker(0)
	p.await(0)
	client, err := kgo.NewClient(kgo.SeedBrokers("localhost:"+p.ports[0]), kgo.AllowAutoTopicCreation(),
		kgo.DefaultProduceTopic("orders"), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.MaxBufferedRecords(1<<18), kgo.ConsumeTopics("orders"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	ctx := context.Background()
	require.NoError(t, client.ProduceSync(ctx, &kgo.Record{Value: []byte("first")}).FirstErr())
	t.Logf("first record acknowledged %d ms after the start", time.Since(started).Milliseconds())

	started = time.Now()
	value := make([]byte, 100)
	for range records {
		client.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	require.NoError(t, client.Flush(ctx))
	t.Logf("%.0f records/s written", records/time.Since(started).Seconds())
	written := resident(t, broker.Process.Pid)

	started = time.Now()
	for read := 0; read < records; {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		read += fetches.NumRecords()
	}
	t.Logf("%.0f records/s read", records/time.Since(started).Seconds())
	readToo := resident(t, broker.Process.Pid)
	t.Logf("resident: %d MiB when written, %d MiB when read too", written, readToo)
	require.LessOrEqual(t, max(written, readToo), mostMiB)
}

// resident is the memory of a process in MiB, at its peak (VmHWM of Linux).
func resident(t *testing.T, pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc here to read the resident memory from")
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	require.True(t, ok)
	var kB int
	_, err = fmt.Sscanf(rest, "%d kB", &kB)
	require.NoError(t, err)
	return kB / 1024
}
