package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// served is sandcastle serve with free ports, which ends by itself.
func served(t *testing.T, binary string, args ...string) (said string, code int) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{"serve", "--bind", "127.0.0.1", "--port",
		"0", "--zookeeper-port", "0"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // its exit code says more
	require.NoError(t, ctx.Err(), "it goes on: %s%s", &out, &errs)
	require.Empty(t, out.String())
	return errs.String(), cmd.ProcessState.ExitCode()
}

// refuses requires one sentence with these words, and exit code 3.
func refuses(t *testing.T, binary string, args []string, words ...string) {
	t.Helper()
	said, code := served(t, binary, args...)
	require.Equal(t, exitInput, code, said)
	last := said[strings.LastIndex(strings.TrimSuffix(said, "\n"), "\n")+1:]
	require.True(t, strings.HasPrefix(last, "sandcastle: "), "after the words of the start: %s", said)
	require.Equal(t, 1, strings.Count(said, "sandcastle: "), said)
	for _, w := range words {
		require.Contains(t, said, w)
	}
}

// What is in the way of a start is said in one sentence, with what helps.
func TestServeSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	binary := program(t)
	t.Run("ports", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		refuses(t, binary, []string{"--port", port}, "broker 1: 127.0.0.1:"+port+" is in use", "--port")
		refuses(t, binary, []string{"--zookeeper-port", port}, "ZooKeeper: 127.0.0.1:"+port+" is in use",
			"another --zookeeper-port")
		refuses(t, binary, []string{"--metrics", "127.0.0.1:" + port}, "--metrics", "is in use")
		refuses(t, binary, []string{"--bind", "192.0.2.1"}, "cannot listen on 192.0.2.1:0", "--bind")
		refuses(t, binary, []string{"--port", "65534", "--brokers", "3"}, "between 0 and 65535")
		refuses(t, binary, []string{"--zookeeper-port", "-1"}, "between 0 and 65535")
	})
	t.Run("directories", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "file")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		require.NoError(t, os.Mkdir(filepath.Join(dir, "half"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "half", "broker-1"), nil, 0o644))
		for _, data := range []string{file, filepath.Join(file, "below"), filepath.Join(dir, "half")} {
			refuses(t, binary, []string{"--data", data}, "cannot use "+dir, "not a directory",
				"another --data")
		}
	})
	t.Run("a directory in use", func(t *testing.T) {
		dir := t.TempDir()
		p := processes{t: t, binary: binary, dir: dir}
		stop := p.serve("first")
		refuses(t, binary, []string{"--data", filepath.Join(dir, "first")},
			"is in use by another process", "another --data")
		stop()
	})
	t.Run("a directory of another cluster", func(t *testing.T) {
		dir := t.TempDir()
		p := processes{t: t, binary: binary, dir: dir}
		p.serve("mine")()
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "mine", "zookeeper")))
		refuses(t, binary, []string{"--data", filepath.Join(dir, "mine")}, "broker-1: ",
			"belongs to the cluster", "or an empty one")
	})
}

// A disk that takes nothing, from the start or after its first bytes, ends serve with a sentence.
func TestServeOnDisksThatTakeNothing(t *testing.T) {
	t.Parallel()
	binary := program(t)
	t.Run("full", func(t *testing.T) {
		if _, err := os.Stat("/dev/full"); err != nil {
			t.Skip("there is no /dev/full, which is always full:", err)
		}
		data := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(data, "zookeeper"), 0o755))
		require.NoError(t, os.Symlink("/dev/full",
			filepath.Join(data, "zookeeper", "log.0000000000000000")))
		refuses(t, binary, []string{"--data", data}, "no space left on device", "make room")
	})
	t.Run("small", func(t *testing.T) {
		data := mounted(t, "size=16k")
		require.NoError(t, os.Mkdir(filepath.Join(data, "broker-1"), 0o755))
		require.NoError(t, os.Mkdir(filepath.Join(data, "zookeeper"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(data, "fill"), make([]byte, 12<<10), 0o644))
		refuses(t, binary, []string{"--data", data, "--topic", "orders:50:1"},
			"no space left on device", "make room")
	})
	t.Run("read-only", func(t *testing.T) {
		data := mounted(t, "ro")
		refuses(t, binary, []string{"--data", data}, "cannot use "+data, "read-only file system")
	})
	t.Run("not ours", func(t *testing.T) {
		if os.Getuid() == 0 {
			t.Skip("root may write anywhere")
		}
		data := t.TempDir()
		require.NoError(t, os.Chmod(data, 0o500))
		refuses(t, binary, []string{"--data", data}, "cannot use "+data, "permission denied")
	})
}

// mounted is a file system in memory, where one may be mounted.
func mounted(t *testing.T, options string) string {
	dir := t.TempDir()
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput()
	if err != nil {
		t.Skipf("no file system can be mounted here: %s %s", err, out)
	}
	t.Cleanup(func() { require.NoError(t, exec.Command("umount", dir).Run()) })
	return dir
}

// serve starts a cluster and returns when it is ready; stop ends it in good order.
func (p *processes) serve(name string) (stop func()) {
	cmd := p.start(name, "--bind", "127.0.0.1", "--port", "0", "--zookeeper-port", "0")
	require.Eventually(p.t, func() bool {
		text, err := os.ReadFile(filepath.Join(p.dir, name+".log"))
		return err == nil && strings.Contains(string(text), "bootstrap.servers=")
	}, 20*time.Second, 10*time.Millisecond)
	return func() {
		require.NoError(p.t, cmd.Process.Signal(os.Interrupt))
		require.NoError(p.t, cmd.Wait())
	}
}
