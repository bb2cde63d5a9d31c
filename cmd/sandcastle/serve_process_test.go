package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A ZooKeeper and a broker in processes of their own find each other; both end when told.
func TestServeInSeveralProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := processes{t: t, binary: program(t), dir: dir, zooKeeper: freePort(t),
		ports: []string{freePort(t)}, metrics: []string{freePort(t)}}
	zooKeeper := p.start("zookeeper", "--zookeeper-only", "--zookeeper-port", p.zooKeeper)
	b := p.broker(0)
	log := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "broker-1.log"))
		require.NoError(t, err)
		return string(text)
	}
	require.Eventually(t, func() bool {
		return strings.Contains(log(), "bootstrap.servers=localhost:"+p.ports[0])
	}, 20*time.Second, 10*time.Millisecond)
	p.await(0)
	for _, cmd := range []*exec.Cmd{b, zooKeeper} {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait())
	}
	require.Contains(t, log(), "stopping; once more ends at once")
}
