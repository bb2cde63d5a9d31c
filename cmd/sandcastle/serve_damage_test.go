package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ended waits for a process and returns its exit code as a shell shows it.
func ended(t *testing.T, cmd *exec.Cmd) int {
	var exit *exec.ExitError
	err := cmd.Wait()
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return exitSignal + int(status.Signal()) // it came before anything was begun
	}
	return cmd.ProcessState.ExitCode()
}

// Damage in a middle segment after a clean stop is said without -v, costs no record behind it, and
// is kept; then damage of files that nothing can go on without ends serve with 3 and a hint.
func TestServeOnDamagedFiles(t *testing.T) {
	t.Parallel()
	binary, dir := program(t), t.TempDir()
	port := freePort(t)
	p := processes{t: t, binary: binary, dir: dir}
	start := func() *exec.Cmd {
		return p.start("data", "--port", port, "--zookeeper-port", "0", "--set", "log.segment.bytes=1000")
	}
	said := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "data.log"))
		require.NoError(t, err)
		return string(text)
	}
	ready := func(n int) {
		require.Eventually(t, func() bool { return strings.Count(said(), "bootstrap.servers=") == n },
			20*time.Second, 10*time.Millisecond)
	}
	tool := func(args ...string) string {
		out, err := exec.Command(binary, append(args, "--bootstrap", "localhost:"+port)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	cmd := start()
	ready(1)
	require.Contains(t, said(), "open to this machine alone (--bind ADDRESS lets others in)\n"+
		"nobody has to say who he is")
	tool("topic", "create", "orders")
	for i := range 30 {
		tool("produce", "orders", strings.Repeat("x", 100)+strconv.Itoa(i))
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Zero(t, ended(t, cmd), "that is how it is meant to end")

	segments, err := filepath.Glob(filepath.Join(dir, "data", "broker-1", "orders-0", "*.log"))
	require.NoError(t, err)
	require.Greater(t, len(segments), 3)
	middle, err := os.OpenFile(segments[1], os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = middle.WriteString("garbage")
	require.NoError(t, errors.Join(err, middle.Close()))
	cmd = start()
	ready(2)
	require.Eventually(t, func() bool {
		return strings.Contains(said(), "level=ERROR msg=\"found on the disk: 7 bytes of orders-0/")
	}, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, 30,
		strings.Count(tool("consume", "orders", "-e", "-q", "--from-beginning"), "\n"))
	left, err := filepath.Glob(segments[1] + ".*.aside")
	require.NoError(t, err)
	require.Len(t, left, 1)
	kept, err := os.ReadFile(left[0])
	require.NoError(t, err)
	require.Equal(t, "garbage", string(kept))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Zero(t, ended(t, cmd))

	meta := filepath.Join(dir, "data", "broker-1", "meta.properties")
	whole, err := os.ReadFile(meta)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(meta, nil, 0o644))
	refuses(t, binary, []string{"--data", filepath.Join(dir, "data")},
		"broker-1: meta.properties cannot be read", "or remove it")
	require.NoError(t, os.WriteFile(meta, whole, 0o644))
	log := filepath.Join(dir, "data", "zookeeper", "log.0000000000000000")
	data, err := os.ReadFile(log)
	require.NoError(t, err)
	data = slices.Clone(data)
	data[40] ^= 1
	require.NoError(t, os.WriteFile(log, data, 0o644))
	refuses(t, binary, []string{"--data", filepath.Join(dir, "data")},
		"zookeeper-1: log.0000000000000000 cannot be read: damaged at byte ", "put a copy of it back")
}

// A signal gives the exit code that a shell knows it by.
func TestSignalsHaveTheirCodes(t *testing.T) {
	t.Parallel()
	binary, dir := program(t), t.TempDir()
	for s, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		for _, args := range [][]string{
			{"run", "replication/leader-failover", "--set", "duration=3600s"},
			{"course", "--jobs", "1"},
		} {
			out := filepath.Join(dir, args[0]+strconv.Itoa(code))
			cmd := exec.Command(binary, append(args, "--out", filepath.Join(out, "run"))...)
			require.NoError(t, cmd.Start())
			require.Eventually(t, func() bool { // it has begun to write
				entries, err := os.ReadDir(out)
				return err == nil && len(entries) > 0
			}, 20*time.Second, 5*time.Millisecond, "%v", args)
			require.NoError(t, cmd.Process.Signal(s))
			require.Equal(t, code, ended(t, cmd), "%s by %s", args[0], s)
		}
	}
}
