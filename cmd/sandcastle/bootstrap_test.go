package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/host"
)

// liveCluster starts the cluster of serve on free ports and makes it the one that commands talk to.
// Groups begin without waiting for more members.
func liveCluster(t *testing.T, brokers string) *host.Cluster {
	p, err := planned(t, nil, "--brokers", brokers, "--port", "0", "--zookeeper-port", "0",
		"--bind", "127.0.0.1", "--advertised", "127.0.0.1", "--data", t.TempDir(),
		"--set", "group.initial.rebalance.delay.ms=0", "--set", "message.max.bytes=100000")
	require.NoError(t, err)
	c, err := host.StartCluster(p.cluster())
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		c.Shutdown(ctx)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	t.Setenv(bootstrapVar, strings.Join(c.Addrs(), ","))
	return c
}

// answer is what a command said.
type answer struct {
	out, errs string
	code      int
}

// say runs a command with something on its standard input.
func say(ctx context.Context, in string, args ...string) answer {
	ctx, cancel := context.WithTimeout(ctx, patience) // as ctrl-C does
	defer cancel()
	var out, errs bytes.Buffer
	root := newRoot(&out, &errs)
	root.SetIn(strings.NewReader(in))
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		errs.WriteString("sandcastle: " + err.Error() + "\n")
	}
	return answer{out.String(), errs.String(), exitCode(err)}
}

// done runs a command that has to succeed, and returns what it printed.
func done(t *testing.T, in string, args ...string) string {
	t.Helper()
	a := say(t.Context(), in, args...)
	require.Zero(t, a.code, "%v: %s", args, a.errs)
	return a.out
}

// not runs a command that has to fail with a code and a message.
func not(t *testing.T, code int, message string, args ...string) {
	t.Helper()
	a := say(t.Context(), "", args...)
	require.Equal(t, code, a.code, "%v: %s", args, a.errs)
	require.Contains(t, a.errs, message, "%v", args)
}

func TestBootstrapAddresses(t *testing.T) {
	t.Setenv(bootstrapVar, "")
	for _, row := range []struct{ servers, variable, want string }{
		{"", "", "localhost:9092"},
		{"", "one:1,two", "one:1,two:9092"},
		{"three:3", "one:1", "three:3"},
		{"[::1]:4, ::1", "", "[::1]:4,[::1]:9092"},
	} {
		require.NoError(t, os.Setenv(bootstrapVar, row.variable))
		addrs, err := (&bootstrapFlags{servers: row.servers, timeout: time.Second}).addrs()
		require.NoError(t, err)
		require.Equal(t, row.want, strings.Join(addrs, ","))
	}
	for _, servers := range []string{"a:b", "a:0", "a:65536", ",", "http://a:1"} {
		not(t, exitInput, "want HOST:PORT", "topic", "list", "--bootstrap", servers)
	}
	not(t, exitInput, "give it some time", "topic", "list", "--timeout", "0s")
}

// A cluster that is not there is named, with the reason, as soon as the time is over.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	for _, args := range [][]string{
		{"topic", "list"}, {"topic", "create", "users"}, {"produce", "users", "Anna"}, {"consume", "users"},
		{"group", "list"}, {"group", "describe", "group-1"},
	} {
		not(t, exitViolated, "cannot reach "+addr+": connection refused (tried for 50ms)",
			append(args, "--bootstrap", addr, "--timeout", "50ms")...)
	}

	// One that accepts and says nothing, and one that speaks something else.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	not(t, exitViolated, silent.Addr().String()+": no answer", "topic", "list", "--bootstrap",
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
	not(t, exitViolated, "what listens there does not speak Kafka", "topic", "list", "--bootstrap",
		other.Addr().String(), "--timeout", "300ms")
}
