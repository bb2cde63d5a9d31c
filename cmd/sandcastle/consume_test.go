package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func TestConsumeFromWhere(t *testing.T) {
	liveCluster(t, "1")
	done(t, "", "topic", "create", "users", "-p", "2")
	done(t, "", "produce", "users", "-p", "0", "a", "b", "c")
	done(t, "", "produce", "users", "-p", "1", "d")
	read := func(args ...string) string {
		out := done(t, "", append([]string{"consume", "-e", "-q"}, args...)...)
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
	require.Equal(t, "ab", strings.ReplaceAll(done(t, "", "consume", "users:0", "-c", "2", "-q"), "\n", ""))

	a := say(t.Context(), "", "consume", "users:0", "-o", "9", "-e")
	require.Equal(t, "% users [0]: OFFSET_OUT_OF_RANGE: reading from offset 3\n"+
		"% Reached end of topic users [0] at offset 3: exiting\n", a.errs)

	not(t, exitViolated, "topic nope: UNKNOWN_TOPIC_OR_PARTITION", "consume", "nope")
	not(t, exitViolated, "partition 2 of topic users: UNKNOWN_TOPIC_OR_PARTITION: it has 2 partitions",
		"consume", "users:2")
	not(t, exitInput, "want TOPIC or TOPIC:PARTITION", "consume", "users:x")
	not(t, exitInput, "give the partitions once", "consume", "users:0", "-p", "1")
	not(t, exitInput, "want beginning, end, stored", "consume", "users", "-o", "start")
	not(t, exitInput, "is no time", "consume", "users", "-o", "@noon")
	not(t, exitInput, "stored for a group", "consume", "users", "-o", "stored")
	not(t, exitInput, "sandcastle group reset group-1 --topic users", "consume", "users", "-g", "group-1", "-o", "5")
	not(t, exitInput, "give one of them", "consume", "users", "-o", "end", "--from-beginning")
	not(t, exitInput, "give one of them", "consume", "users", "-J", "-f", "%s")
	not(t, exitInput, "%q is no token", "consume", "users", "-f", "%q")
	not(t, exitInput, "consume takes the name of a TOPIC", "consume")
}

func TestConsumeFormats(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "users", Partition: 3}
	records := []*wire.Record{
		{Offset: 7, Timestamp: 1234, Key: []byte("k"), Value: []byte("v\xff\"\n<ä>"), Headers: []wire.RecordHeader{
			{Key: "a", Value: []byte("1")}, {Key: "b"},
		}},
		{Offset: 8, Value: []byte{}},
		{Offset: 9},
	}
	show := func(f formatFlags) (lines []string) {
		render, err := f.renderer()
		require.NoError(t, err)
		for _, r := range records {
			lines = append(lines, string(render([]byte("+"), tp, r)))
		}
		return lines
	}
	require.Equal(t, []string{"+v\xff\"\n<ä>\n", "+\n", "+\n"}, show(formatFlags{delimiter: `\n`}))
	require.Equal(t, []string{"+k\tv\xff\"\n<ä>;", "+NULL\t;", "+NULL\tNULL;"},
		show(formatFlags{delimiter: ";", keyBefore: `\t`, null: true}))
	require.Equal(t, []string{
		"+users[3]@7 1234 1:8 a=1,b=NULL 100%\x00\x00\x00\x08",
		"+users[3]@8 0 -1:0  100%\x00\x00\x00\x00",
		"+users[3]@9 0 -1:-1  100%\xff\xff\xff\xff",
	}, show(formatFlags{format: "%t[%p]@%o %T %K:%S %h 100%%%R"}))
	require.Equal(t, []string{"+k=v\xff\"\n<ä>\n", "+NULL=\n", "+NULL=NULL\n"},
		show(formatFlags{format: `%k=%s\n`, null: true}))

	for i, line := range show(formatFlags{json: true}) {
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(line[1:]), &got), line)
		require.Equal(t, "users", got["topic"])
		require.EqualValues(t, 3, got["partition"])
		require.EqualValues(t, records[i].Offset, got["offset"])
		require.Equal(t, []any{"v\uFFFD\"\n<ä>", "", nil}[i], got["payload"])
	}
	require.Contains(t, show(formatFlags{json: true})[0], `"ts":1234,"headers":["a","1","b",null],"key":"k","payload":"v`)
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"0":                         time.UnixMilli(0),
		"1700000000123":             time.UnixMilli(1700000000123),
		"-10m":                      now.Add(-10 * time.Minute),
		"2026-11-23":                now.Add(-12 * time.Hour),
		"2026-11-23T11:00":          now.Add(-time.Hour),
		"2026-11-23 11:59:58":       now.Add(-2 * time.Second),
		"2026-11-23T11:59:58.5":     now.Add(-1500 * time.Millisecond),
		"2026-11-23T11:00:00+00:00": time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC),
	} {
		got, err := parseTime(text, now)
		require.NoError(t, err, text)
		require.True(t, want.Equal(got), "%s: %s", text, got)
	}
	for _, text := range []string{"", "10m", "noon", "2026-13-01"} {
		_, err := parseTime(text, now)
		require.Error(t, err, text)
	}
}

const (
	patience = 20 * time.Second
	tick     = 20 * time.Millisecond
)

// live runs consume in the background and yields what it prints, line by line.
type live struct {
	lines *bufio.Scanner
	in    *io.PipeReader
	errs  *lockedBuffer
	stop  context.CancelFunc // as ctrl-C does
	ended chan error
}

func watch(t *testing.T, args ...string) *live {
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	l := &live{lines: bufio.NewScanner(r), in: r, errs: &lockedBuffer{}, stop: stop, ended: make(chan error, 1)}
	root := newRoot(w, l.errs)
	root.SetArgs(append([]string{"consume"}, args...))
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

func (l *live) next(t *testing.T) string {
	t.Helper()
	require.True(t, l.lines.Scan(), "it ended: %s", l.errs)
	return l.lines.Text()
}

func (l *live) end(t *testing.T) {
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
	liveCluster(t, "1")
	done(t, "", "topic", "create", "users")
	l := watch(t, "users")
	for _, v := range []string{"Anna", "Bert"} {
		done(t, "", "produce", "users", v)
		require.Equal(t, v, l.next(t))
	}
	l.stop()
	l.end(t)
	require.False(t, l.lines.Scan())
	require.Regexp(t, `^% Reached end of topic users \[0\] at offset \d\n$`, l.errs.String(), "is said once")
}

// Who reads no more ends it quietly; who reads slowly gets everything.
func TestConsumeIntoPipes(t *testing.T) {
	liveCluster(t, "1")
	done(t, "", "topic", "create", "numbers")
	const n = 60_000
	done(t, lines(n, "%099d"), "produce", "numbers")
	l := watch(t, "numbers", "-q")
	require.Len(t, l.next(t), 99)
	l.in.Close()
	l.end(t)
	require.Empty(t, l.errs.String())

	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	root := newRoot(w, io.Discard)
	root.SetArgs([]string{"consume", "numbers", "-o", "end"})
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

	l = watch(t, "numbers", "-q", "-e", "-g", "group-1", "-o", "beginning")
	for i := range n {
		if i == 20_000 {
			time.Sleep(300 * time.Millisecond) // more than its buffers hold is waiting by now
		}
		require.Equal(t, fmt.Sprintf("%099d", i), l.next(t))
	}
	l.end(t)
}
