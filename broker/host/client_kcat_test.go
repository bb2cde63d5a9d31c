package host

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// kcat is librdkafka's own command.
func TestKcat(t *testing.T) {
	k := kcat{program(t, "kcat")}
	ordinaryWork(t, library{
		codecs:  []string{"none", "gzip", "snappy", "lz4", "zstd"},
		produce: k.produce, spread: k.spread, read: k.read, join: k.join,
	})
}

type kcat struct{ path string }

func (k kcat) send(t *testing.T, addrs []string, records []keyed, args ...string) {
	args = append([]string{"-b", strings.Join(addrs, ","), "-P", "-t", "orders", "-K", ":", "-X",
		"acks=all"}, args...)
	cmd := exec.Command(k.path, args...)
	var in strings.Builder
	for _, r := range records {
		in.WriteString(r.key + ":" + r.value + "\n")
	}
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func (k kcat) produce(t *testing.T, addrs []string, codec string, records []keyed) {
	k.send(t, addrs, records, "-p", "1", "-z", codec)
}

func (k kcat) spread(t *testing.T, addrs []string, records []keyed) { k.send(t, addrs, records) }

func (k kcat) read(t *testing.T, addrs []string, n int) (list []keyed) {
	cmd := exec.Command(k.path, "-b", strings.Join(addrs, ","), "-C", "-t", "orders", "-p", "1",
		"-o", "beginning", "-c", strconv.Itoa(n), "-q", "-f", "%k %s\n")
	out, err := cmd.Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		list = append(list, keyed{key, value})
	}
	return list
}

func (k kcat) join(t *testing.T, addrs []string, group string, received func(string)) func() {
	cmd := exec.Command(k.path, "-b", strings.Join(addrs, ","), "-G", group, "-q", "-u",
		"-X", "auto.offset.reset=earliest", "-X", "heartbeat.interval.ms=200",
		"-X", "auto.commit.interval.ms=100", "orders")
	return runMember(t, cmd, func(line string) { received(line) })
}

// runMember starts a program that prints what it receives, and ends it as a user does.
func runMember(t *testing.T, cmd *exec.Cmd, received func(line string)) (leave func()) {
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			received(lines.Text())
		}
	}()
	return func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
			t.Errorf("%s does not end: %s", cmd.Path, complaints.String())
		}
		cmd.Wait()
	}
}
