package model

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"Alice → Zoé ✗":              "Alice → Zoé ✗",
		"a\x1b]0;pwned\x07\x1b[31mx": `a\u001b]0;pwned\u0007\u001b[31mx`,
		"two\nlines\tand\r":          `two\u000alines\u0009and\u000d`,
		"\u009b2J\x7f":               `\u009b2J\u007f`,
		"abc\u202egnp":               `abc\u202egnp`,
		"no \xff\xfe UTF-8":          `no \xff\xfe UTF-8`,
		"a real \ufffd stays":        "a real \ufffd stays",
	} {
		require.Equal(t, want, Printable(text))
	}
}

// Nothing that passes the writer is more than text, lines stay lines, and JSON stays what it was.
func TestPrintableWriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var plain, coded bytes.Buffer
		n, err := PrintableWriter{&plain}.Write([]byte(text))
		require.NoError(t, err)
		require.Equal(t, len(text), n)
		require.Equal(t, strings.Count(text, "\n"), strings.Count(plain.String(), "\n"))
		for _, r := range plain.String() {
			require.True(t, r == '\n' || r == '\t' || !commands(r), "%q", r)
		}
		require.NoError(t, json.NewEncoder(PrintableWriter{&coded}).Encode(text))
		var back string
		require.NoError(t, json.Unmarshal(coded.Bytes(), &back))
		require.Equal(t, text, back)
	})
}

func TestClipMessage(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	for text, want := range map[string]string{
		`a.yaml:1:2: unknown key "x" (did you mean "y"?)`: `a.yaml:1:2: unknown key "x" (did you mean "y"?)`,
		`a.yaml:3:4: "` + long + `" is no time (write "30s")`: `a.yaml:3:4: "` + strings.Repeat("é", 120) +
			`…" (1048576 characters) is no time (write "30s")`,
		`\"` + strings.Repeat(`"quo\"ted" `, 20): `\"` + strings.Repeat(`"quo\"ted" `, 20),
	} {
		require.Equal(t, want, ClipMessage(text))
	}
	clipped := ClipMessage("unknown command " + long + " the hint")
	require.Less(t, utf8.RuneCountInString(clipped), 1300)
	require.True(t, strings.HasSuffix(clipped, " the hint"))
	require.Less(t, len(ClipMessage(strings.Repeat("line\n", 1<<16))), 1000)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 5000, 20000).Draw(t, "text")
		require.LessOrEqual(t, len(ClipMessage(text)), 41*4*1400)
	})
}
