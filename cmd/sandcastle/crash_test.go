package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crashScenario writes as fast as a small machine can without its clients being the bottleneck, and
// loses nothing that was acknowledged by all replicas in sync.
const crashScenario = `
claim: What all replicas in sync acknowledged survives kill -9.
duration: 14s
cluster: {brokers: 3}
topics: [{name: orders, partitions: 3, replicas: 3, config: {min.insync.replicas: 2}}]
producers:
  - {name: p1, topic: orders, rate: 1000/s, until: 12s, keys: 50, size: 100B}
  - {name: p2, topic: orders, rate: 500/s, until: 12s, size: 1KiB, compression: lz4}
consumers:
  - {group: billing, members: 2, topics: [orders], commit: each-poll, session: 6s}
expect: {findings: none}
`

// Brokers in processes of their own are killed with kill -9, one after the other, while franz-go
// writes with acks=all: nothing acknowledged is lost, no record fails for good, and the history is
// one that holds.
func TestCrashes(t *testing.T) {
	rounds, _ := strconv.Atoi(os.Getenv("SANDCASTLE_CRASHES"))
	if rounds == 0 {
		t.Skip("kills brokers for a quarter of a minute each time: make test-crash does it 20 times")
	}
	binary := program(t)
	for round := range rounds {
		t.Run(strconv.Itoa(round), func(t *testing.T) { crashRound(t, binary, uint64(round)) })
	}
}

func crashRound(t *testing.T, binary string, seed uint64) {
	dir := t.TempDir()
	chance := rand.New(rand.NewPCG(seed, 0))
	p := processes{t: t, binary: binary, dir: dir, zooKeeper: freePort(t)}
	p.start("zookeeper", "--zookeeper-only", "--zookeeper-port", p.zooKeeper)
	brokers := make([]*exec.Cmd, 3)
	var bootstrap []string
	for i := range brokers {
		p.ports = append(p.ports, freePort(t))
		p.metrics = append(p.metrics, freePort(t))
		bootstrap = append(bootstrap, "localhost:"+p.ports[i])
		brokers[i] = p.broker(i)
	}
	for i := range brokers {
		p.await(i)
	}

	file, history := filepath.Join(dir, "crash.yaml"), filepath.Join(dir, "history.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(crashScenario), 0o644))
	recorded := make(chan error, 1)
	var said bytes.Buffer
	record := exec.Command(binary, "record", file, "--out", history, "--bootstrap",
		bootstrap[0]+","+bootstrap[1]+","+bootstrap[2])
	record.Stdout, record.Stderr = &said, &said
	go func() { recorded <- record.Run() }()

	time.Sleep(2 * time.Second)
	for range 2 {
		victim := chance.IntN(3)
		require.NoError(t, brokers[victim].Process.Kill()) // SIGKILL
		brokers[victim].Wait()
		time.Sleep(time.Duration(chance.IntN(1500)) * time.Millisecond)
		brokers[victim] = p.broker(victim)
		time.Sleep(5 * time.Second) // its earlier session ends, it comes back and catches up
	}
	require.NoError(t, <-recorded, "%s", said.String())
	t.Log(said.String())
	judged, err := exec.Command(binary, "check", history).CombinedOutput()
	require.NoError(t, err, "%s", judged)
	require.Contains(t, string(judged), "verdict   ok")
	for _, line := range sends(t, history) {
		require.NotContains(t, line, `"type":"fail"`, "a record fails for good")
		require.NotContains(t, line, `"type":"info"`, "a record fails for good")
	}
}

// sends are the lines of a history that are about records sent.
func sends(t *testing.T, history string) []string {
	text, err := os.ReadFile(history)
	require.NoError(t, err)
	var list []string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `["send"`) {
			list = append(list, line)
		}
	}
	require.NotEmpty(t, list)
	return list
}

// processes starts sandcastle serve again and again, with the same ports and directories.
type processes struct {
	t              *testing.T
	binary, dir    string
	zooKeeper      string
	ports, metrics []string // of the brokers
}

func (p *processes) start(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.binary, append([]string{"serve", "--data", filepath.Join(p.dir, name)},
		args...)...)
	log, err := os.OpenFile(filepath.Join(p.dir, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	require.NoError(p.t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(p.t, cmd.Start())
	p.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

func (p *processes) broker(i int) *exec.Cmd {
	return p.start(fmt.Sprintf("broker-%d", i+1), "--broker-id", strconv.Itoa(i+1), "--port", p.ports[i],
		"--zookeeper", "localhost:"+p.zooKeeper, "--metrics", "localhost:"+p.metrics[i],
		"--set", "zookeeper.session.timeout.ms=4000", "--set", "group.initial.rebalance.delay.ms=0")
}

// await waits until a broker says that it serves.
func (p *processes) await(i int) {
	require.Eventually(p.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet,
			"http://localhost:"+p.metrics[i]+"/healthz", nil)
		require.NoError(p.t, err)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond)
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}
