package main

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"sandcastle/broker/host"
	"sandcastle/broker/serve"
)

// live is a cluster that serves, and the commands that are given to it.
type live struct {
	*host.Cluster
}

// liveCluster starts the cluster of serve on free ports. Groups begin without waiting for more
// members.
func liveCluster(t *testing.T, brokers string) *live {
	p, err := planned(t, nil, "--brokers", brokers, "--port", "0", "--zookeeper-port", "0",
		"--bind", "127.0.0.1", "--advertised", "127.0.0.1", "--data", t.TempDir(),
		"--set", "group.initial.rebalance.delay.ms=0", "--set", "message.max.bytes=100000")
	require.NoError(t, err)
	c, err := host.StartCluster(p.Cluster())
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		c.Shutdown(ctx)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	return &live{c}
}

// planned is the plan of serve with these arguments and this environment.
func planned(t *testing.T, environ []string, args ...string) (*serve.Plan, error) {
	var f serveFlags
	cmd := &cobra.Command{}
	f.add(cmd)
	require.NoError(t, cmd.ParseFlags(args))
	return serve.NewPlan(&f.Options, cmd.Flags().Changed, environ)
}

// args has a command talk to the cluster.
func (k *live) args(args []string) []string {
	if k == nil {
		return args
	}
	return append(slices.Clone(args), "--bootstrap", strings.Join(k.Addrs(), ","))
}

// answer is what a command said.
type answer struct {
	out, errs string
	code      int
}

// say runs a command with something on its standard input.
func (k *live) say(ctx context.Context, in string, args ...string) answer {
	ctx, cancel := context.WithTimeout(ctx, patience) // as ctrl-C does
	defer cancel()
	var out, errs bytes.Buffer
	root := newRoot(&out, &errs)
	root.SetIn(strings.NewReader(in))
	root.SetArgs(k.args(args))
	err := root.ExecuteContext(ctx)
	if err != nil {
		errs.WriteString("sandcastle: " + err.Error() + "\n")
	}
	return answer{out.String(), errs.String(), exitCode(err)}
}

// done runs a command that has to succeed, and returns what it printed.
func (k *live) done(t *testing.T, in string, args ...string) string {
	t.Helper()
	a := k.say(t.Context(), in, args...)
	require.Zero(t, a.code, "%v: %s", args, a.errs)
	return a.out
}

// not runs a command that has to fail with a code and a message.
func (k *live) not(t *testing.T, code int, message string, args ...string) {
	t.Helper()
	a := k.say(t.Context(), "", args...)
	require.Equal(t, code, a.code, "%v: %s", args, a.errs)
	require.Contains(t, a.errs, message, "%v", args)
}

// nowhere is no cluster: commands say themselves where it is.
var nowhere *live

func TestBadBootstrap(t *testing.T) {
	t.Parallel()
	for _, servers := range []string{"a:b", "a:0", "a:65536", ",", "http://a:1"} {
		nowhere.not(t, exitInput, "want HOST:PORT", "topic", "list", "--bootstrap", servers)
	}
	nowhere.not(t, exitInput, "give it some time", "topic", "list", "--timeout", "0s")
}

// Who ends a tool while it looks for its cluster has interrupted it: that is no internal error.
func TestInterruptedBeforeAClusterAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close() // it accepts, and says nothing
	ctx, interrupt := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer interrupt()
	a := nowhere.say(ctx, "", "produce", "users", "Anna", "--bootstrap", l.Addr().String())
	require.Equal(t, exitInterrupted, a.code, a.errs)
	require.Contains(t, a.errs, "interrupted")
}

// A cluster that is not there is named, with the reason, as soon as the time is over.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	for _, args := range [][]string{
		{"topic", "list"}, {"topic", "create", "users"}, {"produce", "users", "Anna"}, {"consume", "users"},
		{"group", "list"}, {"group", "describe", "group-1"},
	} {
		nowhere.not(t, exitViolated, "cannot reach "+addr+": connection refused (tried for 50ms)",
			append(args, "--bootstrap", addr, "--timeout", "50ms")...)
	}

	// One that accepts and says nothing, and one that speaks something else.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	nowhere.not(t, exitViolated, silent.Addr().String()+": no answer", "topic", "list", "--bootstrap",
		silent.Addr().String(), "--timeout", "50ms")
	other, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer other.Close()
	go func() {
		for {
			c, err := other.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			defer c.Close()
		}
	}()
	nowhere.not(t, exitViolated, "what listens there does not speak Kafka", "topic", "list", "--bootstrap",
		other.Addr().String(), "--timeout", "300ms")
}
