package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// all reads a topic to its end in a format.
func (k *live) all(t *testing.T, topic, format string) []string {
	t.Helper()
	out := k.done(t, "", "consume", topic, "--exit", "--quiet", "--format", format+"\n")
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

func TestProduceRoundTrip(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "1")
	k.done(t, "", "topic", "create", "users", "-p", "2")
	require.Equal(t, "1@0\n1@1\n1@2\n1@3\n", k.done(t, "k1:v1\nk:2:v2\n\nlast", "produce", "users", "-p", "1", "-K", ":",
		"-H", "source=shell", "-H", "flag", "-v"))
	require.Empty(t, k.done(t, "", "produce", "users", "-p", "0", "-k", "key", "Anna", "Bert"))
	require.ElementsMatch(t, []string{
		"users 0@0 3+4 k=key v=Anna h=", "users 0@1 3+4 k=key v=Bert h=",
		"users 1@0 2+2 k=k1 v=v1 h=source=shell,flag=NULL", "users 1@1 1+4 k=k v=2:v2 h=source=shell,flag=NULL",
		"users 1@2 -1+0 k= v= h=source=shell,flag=NULL", "users 1@3 -1+4 k= v=last h=source=shell,flag=NULL",
	}, k.all(t, "users", "%t %p@%o %K+%S k=%k v=%s h=%h"))

	// What a file holds, by its own delimiter, with empty as null.
	file := filepath.Join(t.TempDir(), "values")
	require.NoError(t, os.WriteFile(file, []byte("a||b|"), 0o644))
	k.done(t, "", "topic", "create", "nulls")
	k.done(t, "", "produce", "nulls", "-l", file, "-D", "|", "-Z", "-K", "=")
	require.Equal(t, []string{"1 a", "-1 ", "1 b"}, k.all(t, "nulls", "%S %s"))
	require.Equal(t, "aNULLb", k.done(t, "", "consume", "nulls", "-e", "-q", "-Z", "-D", ""))
	k.done(t, "1\n2\n3\n4\n", "produce", "nulls", "-c", "2")
	require.Equal(t, []string{"a", "", "b", "1", "2"}, k.all(t, "nulls", "%s"))

	// A key chooses its partition, and every codec and every acks carries the records.
	for i, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		topic := "by-" + codec
		k.done(t, "", "topic", "create", topic, "-p", "3")
		acks := []string{"all", "1", "0"}[i%3]
		k.done(t, lines(1000, "key-%[1]d=value-%[1]d"), "produce", topic, "-K", "=", "-z", codec, "--acks", acks)
		require.Len(t, k.all(t, topic, "%k"), 1000, codec)
		if i > 0 {
			require.ElementsMatch(t, k.all(t, "by-none", "%p %k %s"), k.all(t, topic, "%p %k %s"))
		}
	}
	require.Equal(t, "0@-1\n", k.done(t, "", "produce", "nulls", "--acks", "0", "-v", "x"))
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

func TestProduceRefusals(t *testing.T) {
	t.Parallel()
	k := liveCluster(t, "1")
	k.done(t, "", "topic", "create", "users", "-p", "2")
	a := k.say(t.Context(), "fine\n"+strings.Repeat("x", 200_000)+"\nfine\n", "produce", "users", "-p", "0")
	require.Equal(t, exitViolated, a.code)
	require.Equal(t, "% record 2: MESSAGE_TOO_LARGE\n"+
		"sandcastle: 1 of 3 records were not accepted: MESSAGE_TOO_LARGE\n", a.errs)
	require.Equal(t, []string{"fine", "fine"}, k.all(t, "users", "%s"))

	k.not(t, exitViolated, "partition 7 of topic users: UNKNOWN_TOPIC_OR_PARTITION: it has 2 partitions, 0 to 1",
		"produce", "users", "-p", "7", "x")
	k.not(t, exitViolated, "topic no such: INVALID_TOPIC_EXCEPTION", "produce", "no such", "x")
	k.done(t, "", "produce", "made-by-producing", "x")
	require.Contains(t, k.done(t, "", "topic", "list"), "made-by-producing")

	k.not(t, exitInput, `acks is "2", not 0, 1 or all`, "produce", "users", "--acks", "2", "x")
	k.not(t, exitInput, `compression is "zip"`, "produce", "users", "-z", "zip", "x")
	k.not(t, exitInput, "idempotent producer needs acks=all, not 1", "produce", "users", "--acks", "1", "--idempotence", "x")
	k.not(t, exitInput, "want NAME=VALUE", "produce", "users", "-H", "=x", "x")
	k.not(t, exitInput, "no such file", "produce", "users", "-l", "/nowhere")
	k.not(t, exitInput, "not both", "produce", "users", "-l", "/nowhere", "x")
	k.not(t, exitInput, "produce takes the name of a TOPIC", "produce")
	k.not(t, exitInput, "numbered from 0 on", "produce", "users", "-p", "-5", "x")
	k.not(t, exitInput, "two hex digits", "produce", "users", "-D", `\xzz`, "x")
	k.not(t, exitInput, "cannot be empty", "produce", "users", "-D", "", "x")
}
