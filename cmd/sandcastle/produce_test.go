package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// all reads a topic to its end in a format.
func all(t *testing.T, topic, format string) []string {
	t.Helper()
	out := done(t, "", "consume", topic, "--exit", "--quiet", "--format", format+"\n")
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

func TestProduceRoundTrip(t *testing.T) {
	liveCluster(t, "1")
	done(t, "", "topic", "create", "users", "-p", "2")
	require.Equal(t, "1@0\n1@1\n1@2\n1@3\n", done(t, "k1:v1\nk:2:v2\n\nlast", "produce", "users", "-p", "1", "-K", ":",
		"-H", "source=shell", "-H", "flag", "-v"))
	require.Empty(t, done(t, "", "produce", "users", "-p", "0", "-k", "key", "Anna", "Bert"))
	require.ElementsMatch(t, []string{
		"users 0@0 3+4 k=key v=Anna h=", "users 0@1 3+4 k=key v=Bert h=",
		"users 1@0 2+2 k=k1 v=v1 h=source=shell,flag=NULL", "users 1@1 1+4 k=k v=2:v2 h=source=shell,flag=NULL",
		"users 1@2 -1+0 k= v= h=source=shell,flag=NULL", "users 1@3 -1+4 k= v=last h=source=shell,flag=NULL",
	}, all(t, "users", "%t %p@%o %K+%S k=%k v=%s h=%h"))

	// What a file holds, by its own delimiter, with empty as null.
	file := filepath.Join(t.TempDir(), "values")
	require.NoError(t, os.WriteFile(file, []byte("a||b|"), 0o644))
	done(t, "", "topic", "create", "nulls")
	done(t, "", "produce", "nulls", "-l", file, "-D", "|", "-Z", "-K", "=")
	require.Equal(t, []string{"1 a", "-1 ", "1 b"}, all(t, "nulls", "%S %s"))
	require.Equal(t, "aNULLb", done(t, "", "consume", "nulls", "-e", "-q", "-Z", "-D", ""))
	done(t, "1\n2\n3\n4\n", "produce", "nulls", "-c", "2")
	require.Equal(t, []string{"a", "", "b", "1", "2"}, all(t, "nulls", "%s"))

	// A key chooses its partition, and every codec and every acks carries the records.
	for i, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		topic := "by-" + codec
		done(t, "", "topic", "create", topic, "-p", "3")
		acks := []string{"all", "1", "0"}[i%3]
		done(t, lines(1000, "key-%[1]d=value-%[1]d"), "produce", topic, "-K", "=", "-z", codec, "--acks", acks)
		require.Len(t, all(t, topic, "%k"), 1000, codec)
		if i > 0 {
			require.ElementsMatch(t, all(t, "by-none", "%p %k %s"), all(t, topic, "%p %k %s"))
		}
	}
	require.Equal(t, "0@-1\n", done(t, "", "produce", "nulls", "--acks", "0", "-v", "x"))
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

func TestProduceRefusals(t *testing.T) {
	liveCluster(t, "1")
	done(t, "", "topic", "create", "users", "-p", "2")
	a := say(t.Context(), "fine\n"+strings.Repeat("x", 200_000)+"\nfine\n", "produce", "users", "-p", "0")
	require.Equal(t, exitViolated, a.code)
	require.Equal(t, "% record 2: MESSAGE_TOO_LARGE\n"+
		"sandcastle: 1 of 3 records were not accepted: MESSAGE_TOO_LARGE\n", a.errs)
	require.Equal(t, []string{"fine", "fine"}, all(t, "users", "%s"))

	not(t, exitViolated, "partition 7 of topic users: UNKNOWN_TOPIC_OR_PARTITION: it has 2 partitions, 0 to 1",
		"produce", "users", "-p", "7", "x")
	not(t, exitViolated, "topic no such: INVALID_TOPIC_EXCEPTION", "produce", "no such", "x")
	done(t, "", "produce", "made-by-producing", "x")
	require.Contains(t, done(t, "", "topic", "list"), "made-by-producing")

	not(t, exitInput, `acks is "2", not 0, 1 or all`, "produce", "users", "--acks", "2", "x")
	not(t, exitInput, `compression is "zip"`, "produce", "users", "-z", "zip", "x")
	not(t, exitInput, "idempotent producer needs acks=all, not 1", "produce", "users", "--acks", "1", "--idempotence", "x")
	not(t, exitInput, "want NAME=VALUE", "produce", "users", "-H", "=x", "x")
	not(t, exitInput, "no such file", "produce", "users", "-l", "/nowhere")
	not(t, exitInput, "not both", "produce", "users", "-l", "/nowhere", "x")
	not(t, exitInput, "produce takes the name of a TOPIC", "produce")
	not(t, exitInput, "numbered from 0 on", "produce", "users", "-p", "-5", "x")
	not(t, exitInput, "two hex digits", "produce", "users", "-D", `\xzz`, "x")
	not(t, exitInput, "cannot be empty", "produce", "users", "-D", "", "x")
}

// Records are cut at the delimiters wherever reads end, and keep what they point to.
func TestRecordSource(t *testing.T) {
	long := strings.Repeat("y", sourceChunk+10)
	for _, row := range []struct {
		in, delimiter string
		want          []string
	}{
		{"", "\n", nil},
		{"a", "\n", []string{"a"}},
		{"a\n", "\n", []string{"a"}},
		{"\n\na", "\n", []string{"", "", "a"}},
		{"a--b-c--", "--", []string{"a", "b-c"}},
		{"a---b", "--", []string{"a", "-b"}},
		{long + "\n" + long + "\nz\n", "\n", []string{long, long, "z"}},
	} {
		for name, in := range map[string]io.Reader{
			"whole":        strings.NewReader(row.in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(row.in)),
			"half":         iotest.HalfReader(strings.NewReader(row.in)),
			"with its end": iotest.DataErrReader(strings.NewReader(row.in)),
		} {
			var got []string
			var kept [][]byte
			s := recordSource{in: in, delimiter: []byte(row.delimiter)}
			require.NoError(t, s.each(func(b []byte) bool {
				got, kept = append(got, string(b)), append(kept, b)
				return true
			}))
			require.Equal(t, row.want, got, name)
			for i := range kept {
				require.Equal(t, row.want[i], string(kept[i]), name)
			}
		}
	}
	s := recordSource{in: iotest.ErrReader(io.ErrUnexpectedEOF), delimiter: []byte("\n")}
	require.ErrorContains(t, s.each(nil), "cannot read the records: unexpected EOF")
}

func TestUnescape(t *testing.T) {
	got, err := unescape("-f", `a\n\t\r\0\\\x41\x4a\q\`)
	require.NoError(t, err)
	require.Equal(t, "a\n\t\r\x00\\AJ\\q\\", string(got))
	_, err = unescape("-f", `\x4`)
	require.NoError(t, err, "one digit is enough")
	_, err = unescape("-f", `\x`)
	require.ErrorContains(t, err, "-f: want two hex digits")
}
