package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConsumeFromWhere(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "1")
	k.done(t, "", "topic", "create", "users", "-p", "2")
	k.done(t, "", "produce", "users", "-p", "0", "a", "b", "c")
	k.done(t, "", "produce", "users", "-p", "1", "d")
	read := func(args ...string) string {
		out := k.done(t, "", append([]string{"consume", "-e", "-q"}, args...)...)
		return strings.ReplaceAll(out, "\n", "")
	}
	require.Equal(t, "abc", read("users", "-p", "0"))
	require.Equal(t, "abc", read("users:0", "--from-beginning"))
	require.Len(t, read("users"), 4)
	require.Len(t, read("users:0,1"), 4)
	require.Len(t, read("users", "-p", "0,1"), 4)
	require.Equal(t, "bc", read("users:0", "-o", "1"))
	require.Equal(t, "c", read("users:0", "-o", "-1"))
	require.Equal(t, "abc", read("users:0", "-o", "-10"))
	require.Empty(t, read("users", "-o", "end"))
	require.Equal(t, "abc", read("users:0", "-o", "@-1h"))
	require.Equal(t, "abc", read("users:0", "-o", "s@1000"))
	require.Empty(t, read("users:0", "-o", "@2999-01-01"))
	require.Equal(t, "ab", strings.ReplaceAll(k.done(t, "", "consume", "users:0", "-c", "2", "-q"), "\n", ""))

	a := k.say(t.Context(), "", "consume", "users:0", "-o", "9", "-e")
	require.Equal(t, "% users [0]: OFFSET_OUT_OF_RANGE: reading from offset 3\n"+
		"% Reached end of topic users [0] at offset 3: exiting\n", a.errs)

	k.not(t, exitViolated, "topic nope: UNKNOWN_TOPIC_OR_PARTITION", "consume", "nope")
	k.not(t, exitViolated, "partition 2 of topic users: UNKNOWN_TOPIC_OR_PARTITION: it has 2 partitions",
		"consume", "users:2")
	k.not(t, exitInput, "want TOPIC or TOPIC:PARTITION", "consume", "users:x")
	k.not(t, exitInput, "give the partitions once", "consume", "users:0", "-p", "1")
	k.not(t, exitInput, "want beginning, end, stored", "consume", "users", "-o", "start")
	k.not(t, exitInput, "is no time", "consume", "users", "-o", "@noon")
	k.not(t, exitInput, "stored for a group", "consume", "users", "-o", "stored")
	k.not(t, exitInput, "sandcastle group reset group-1 --topic users", "consume", "users", "-g", "group-1", "-o", "5")
	k.not(t, exitInput, "give one of them", "consume", "users", "-o", "end", "--from-beginning")
	k.not(t, exitInput, "give one of them", "consume", "users", "-J", "-f", "%s")
	k.not(t, exitInput, "%q is no token", "consume", "users", "-f", "%q")
	k.not(t, exitInput, "consume takes the name of a TOPIC", "consume")
}

const (
	patience = 20 * time.Second
	tick     = 20 * time.Millisecond
)

// consuming is consume in the background, which yields what it prints, line by line.
type consuming struct {
	lines *bufio.Scanner
	in    *io.PipeReader
	errs  *lockedBuffer
	stop  context.CancelFunc // as ctrl-C does
	ended chan error
}

func (k *live) watch(t *testing.T, args ...string) *consuming {
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	l := &consuming{lines: bufio.NewScanner(r), in: r, errs: &lockedBuffer{}, stop: stop, ended: make(chan error, 1)}
	root := newRoot(w, l.errs)
	root.SetArgs(k.args(append([]string{"consume"}, args...)))
	go func() {
		err := root.ExecuteContext(ctx)
		w.Close()
		l.ended <- err
	}()
	t.Cleanup(stop)
	return l
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func (l *consuming) next(t *testing.T) string {
	t.Helper()
	require.True(t, l.lines.Scan(), "it ended: %s", l.errs)
	return l.lines.Text()
}

func (l *consuming) end(t *testing.T) {
	t.Helper()
	select {
	case err := <-l.ended:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "it does not end", l.errs.String())
	}
}

// A record is printed when it comes, and an interrupt ends it without an error.
func TestConsumePrintsAtOnce(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "1")
	k.done(t, "", "topic", "create", "users")
	l := k.watch(t, "users")
	for _, v := range []string{"Anna", "Bert"} {
		k.done(t, "", "produce", "users", v)
		require.Equal(t, v, l.next(t))
	}
	l.stop()
	l.end(t)
	require.False(t, l.lines.Scan())
	require.Regexp(t, `^% Reached end of topic users \[0\] at offset \d\n$`, l.errs.String(), "is said once")
}

// Who no longer reads ends it quietly; who reads slowly gets everything.
func TestConsumeIntoPipes(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "1")
	k.done(t, "", "topic", "create", "numbers")
	const n = 60_000
	k.done(t, lines(n, "%099d"), "produce", "numbers")
	l := k.watch(t, "numbers", "-q")
	require.Len(t, l.next(t), 99)
	l.in.Close()
	l.end(t)
	require.Empty(t, l.errs.String())

	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	root := newRoot(w, io.Discard)
	root.SetArgs(k.args([]string{"consume", "numbers", "-o", "end"}))
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(t.Context()) }()
	time.Sleep(50 * time.Millisecond)
	require.Empty(t, ended)
	require.NoError(t, r.Close())
	select {
	case err := <-ended:
		require.NoError(t, err, "it ends although there is nothing to write")
	case <-time.After(patience):
		require.Fail(t, "it does not end")
	}

	l = k.watch(t, "numbers", "-q", "-e", "-g", "group-1", "-o", "beginning")
	for i := range n {
		if i == 20_000 {
			time.Sleep(300 * time.Millisecond) // more than its buffers hold is waiting by now
		}
		require.Equal(t, fmt.Sprintf("%099d", i), l.next(t))
	}
	l.end(t)
}
