package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile has a terminal's commands wherever a scenario may have text.
const hostile = `claim: "a\x1b]0;pwned\x07\x1b[31mred"
why: "\x1b[2J"
seed: 1
duration: 3s
cluster: {brokers: 1, config: {offsets.topic.replication.factor: 1}}
topics: [{name: o}]
producers: [{name: p, topic: o, rate: 2/s, until: 1s}]
predict: {question: "q\x9b?", answer: "a\x7f\u202e."}
narrate: [{when: became-leader(o-0), say: "\x1b[5mblink"}]
expect: {findings: none}
`

// What a file has in it of a terminal's commands is printed, whatever command prints it.
func TestControlCharactersArePrinted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, out := filepath.Join(dir, "hostile.yaml"), filepath.Join(dir, "run")
	require.NoError(t, os.WriteFile(file, []byte(hostile), 0o644))
	bad := filepath.Join(dir, "bad.ndjson")
	require.NoError(t, os.WriteFile(bad, []byte(`{"type":"\u001b[31m","f":"send"}`+"\n"), 0o644))
	for _, args := range [][]string{
		{"run", file, "--out", out}, {"run", file, "--out", out, "--json"},
		{"run", file, "--out", out, "--story"}, {"teach", file, "--out", out},
		{"sweep", file, "--seeds", "1..2", "--out", filepath.Join(dir, "sweep")},
		{"run", file, "--out", out, "--set", "claim=\x1b[31m\x9b"}, {"run", "\x1b[31m"}, {"\x1b[31m"},
		{"check", out}, {"check", bad}, {"run", file, "--\x1b"}, {"list", "\x1b"},
	} {
		var stdout, stderr bytes.Buffer
		run(args, &stdout, &stderr)
		require.NotZero(t, stdout.Len()+stderr.Len(), "%q", args)
		for _, r := range stdout.String() + stderr.String() {
			require.True(t, r == '\n' || r == '\t' || r >= ' ' && (r < 0x7f || r > 0x9f) && r != '\u202e',
				"%q prints %q: %s%s", args, r, &stdout, &stderr)
		}
	}
	_, stderr, _ := cli("run", file, "--out", out)
	require.Contains(t, stderr, `"a\x1b]0;pwned\a\x1b[31mred" has the control character U+001B`)
}

// A megabyte that somebody wrote is not printed back whole.
func TestMessagesAreClipped(t *testing.T) {
	t.Parallel()
	dir, long := t.TempDir(), strings.Repeat("x", 1<<20)
	file := filepath.Join(dir, "long.yaml")
	for what, content := range map[string]string{
		"value": "claim: c\nduration: " + long + "\n",
		"key":   "claim: c\n" + long + ": 1\n",
		"when":  "claim: c\ntimeline: [{when: " + long + ", kill: broker-1}]\n",
		"yaml":  "claim: [" + long,
		"claim": "claim: " + long + "\nduration: 2s\ncluster: {brokers: 1}\ntopics: [{name: o}]\n",
	} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
		stdout, stderr, _ := cli("run", file, "--out", filepath.Join(dir, "run"))
		require.NotEmpty(t, stdout+stderr, what)
		require.Less(t, len(stdout)+len(stderr), 5000, what)
	}
	for _, args := range [][]string{
		{"run", strings.Repeat("y", 2000)}, {"serve", "--set", "a=" + long}, {"check", long}, {long},
		{"run", "lost-ack", "--set", long}, {"sweep", "lost-ack", "--seeds", long},
	} {
		stdout, stderr, code := cli(args...)
		require.Equal(t, exitInput, code)
		require.Less(t, len(stdout)+len(stderr), 5000, args[0])
	}
}
