package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios/rundir"
)

const liveScenario = `
claim: What is acknowledged is read.
duration: 2s
cluster: {brokers: 3}
topics: [{name: orders, partitions: 2, replicas: 3, config: {min.insync.replicas: 2}}]
producers:
  - {name: p1, topic: orders, rate: 200/s, until: 1500ms, keys: 5, size: 100B, compression: lz4}
consumers:
  - {group: billing, members: 2, topics: [orders], commit: each-poll}
  - {group: audit, topics: [orders], commit: before}
timeline:
  - {at: 500ms, kill: leader(orders-0), for: 1s}
  - {at: 600ms, close: consumer-3}
  - {at: 1100ms, restart: consumer-3}
expect: {findings: none}
`

// A scenario's clients play against brokers on real sockets, and what they write is a history that
// holds everything that was sent, acknowledged and read.
func TestRecord(t *testing.T) {
	t.Parallel()
	addr := strings.Join(liveCluster(t, "3").Addrs(), ",")
	dir := t.TempDir()
	file := filepath.Join(dir, "live.yaml")
	require.NoError(t, os.WriteFile(file, []byte(liveScenario), 0o644))
	history := filepath.Join(dir, "h.ndjson")
	var stdout, stderr bytes.Buffer
	args := []string{"record", file, "--bootstrap", addr, "--out", history, "--prefix", "x-"}
	require.Equal(t, 0, run(args, &stdout, &stderr), stderr.String())
	require.Contains(t, stdout.String(), "300 records sent, 300 acknowledged, 300 read at the end")
	require.Contains(t, stderr.String(), "0.5 s  the scenario would now: kill leader(orders-0) for 1s")
	require.Contains(t, stderr.String(), "0.6 s  close consumer-3")

	h, _, err := rundir.ReadHistory(history)
	require.NoError(t, err)
	polled, processed, joined := map[string]int{}, map[string]int{}, map[string]int{}
	for i := range h.Len() {
		op := h.At(i)
		if op.F == kafka.FSubscribe && op.Type == kafka.OK {
			joined[op.Client]++
		}
		if op.F == kafka.FProcess && op.Type == kafka.OK {
			processed[op.Client]++
		}
		require.Equal(t, i, op.Index)
		require.NotContains(t, strings.Join(op.Keys, " "), "x-")
		for _, m := range op.Value {
			require.NotContains(t, m.Key.Topic, "x-")
			for _, p := range m.Polled {
				polled[op.Client] += len(p.Records)
			}
		}
	}
	require.Equal(t, 300, polled["consumer-1"]+polled["consumer-2"])
	require.Equal(t, map[string]int{"consumer-1": 1, "consumer-2": 1, "consumer-3": 2}, joined)
	require.Equal(t, 300, polled["final-reader"])
	require.Equal(t, map[string]int{"consumer-3": polled["consumer-3"]}, processed)
	require.Greater(t, polled["consumer-3"], 150, "it goes on where it was closed")
	stdout.Reset()
	require.Equal(t, 0, run([]string{"check", history}, &stdout, &stderr), stdout.String())

	// A history from which the cluster took something back is not one that holds.
	lines := strings.SplitAfter(string(must(os.ReadFile(history))), "\n")
	var kept []string
	for _, line := range lines {
		if !strings.Contains(line, `"final":true`) {
			line = strings.ReplaceAll(line, `,"p1-299"]`, `,"p1-none"]`)
		}
		kept = append(kept, line)
	}
	require.NoError(t, os.WriteFile(history, []byte(strings.Join(kept, "")), 0o644))
	require.Equal(t, 1, run([]string{"check", history}, &stdout, &stderr), stdout.String())

	stderr.Reset()
	before := must(os.ReadFile(history))
	require.Equal(t, 3, run(args, &stdout, &stderr), "the topic is there now")
	require.Equal(t, before, must(os.ReadFile(history)), "nothing is lost")
	require.NoFileExists(t, history+".part")
	require.Contains(t, stderr.String(), "topic x-orders is there already: delete it, or give a --prefix")
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"replication/leader-failover", "--bootstrap", "localhost:x"}, "want HOST:PORT"},
		{[]string{"replication/leader-failover", "--bootstrap", "127.0.0.1:1"}, "no broker answers"},
		{[]string{"replication/leader-fialover"}, "leader-failover"},
		{[]string{"replication/leader-failover", "--for", "-1s"}, "want a time above 0"},
		{[]string{"replication/leader-failover", "--out", "/proc/none/x"}, "--out"},
		{nil, "name one lesson"},
	} {
		var stdout, stderr bytes.Buffer
		out := filepath.Join(t.TempDir(), "h.ndjson")
		args := append([]string{"record", "--out", out}, c.args...)
		require.Equal(t, 3, run(args, &stdout, &stderr), "%v", c.args)
		require.Contains(t, stderr.String(), c.says)
	}
}
