package model

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is s in one line that a terminal only prints: control characters, among them those of a
// terminal's commands and new lines, marks that turn the direction of text, and bytes that are no
// UTF-8 are written as \u001b or \xff.
func Printable(s string) string { return printable(s, "") }

// printable escapes what does not print, but for the characters in but.
func printable(s, but string) string {
	at := strings.IndexFunc(s, func(r rune) bool {
		return (commands(r) || r == utf8.RuneError) && !strings.ContainsRune(but, r)
	})
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:at])
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[at])
		case commands(r) && !strings.ContainsRune(but, r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[at : at+size])
		}
		at += size
	}
	return b.String()
}

// commands tells whether a terminal may do something else with r than print it.
func commands(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) ||
		r == '\u2028' || r == '\u2029'
}

// PrintableWriter passes text on to a terminal, or to what may end on one, with everything escaped
// but new lines and tabs. What is JSON stays JSON. A character must be written whole.
type PrintableWriter struct{ To io.Writer }

// Write implements io.Writer.
func (w PrintableWriter) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.To, printable(string(b), "\n\t")); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Clip cuts s to most characters, and says how many there were.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := utf8.RuneCountInString(s)
	if n <= most {
		return s
	}
	cut := 0
	for range most {
		_, size := utf8.DecodeRuneInString(s[cut:])
		cut += size
	}
	return fmt.Sprintf("%s… (%d characters)", s[:cut], n)
}

// Limits of a message to a person. One that says what was wrong in a line or two is far below.
const (
	mostQuoted = 120
	mostLine   = 1200
	lineEnd    = 300 // of mostLine: the hint is at the end
)

// ClipMessage shortens a message for a person that quotes what it was given: each quotation is cut
// to its beginning, and a line that is still too long loses its middle.
func ClipMessage(text string) string {
	if len(text) <= mostQuoted {
		return text
	}
	lines := strings.Split(text, "\n")
	const mostLines = 40
	if len(lines) > mostLines {
		lines = append(lines[:mostLines:mostLines], fmt.Sprintf("… (%d lines)", len(lines)))
	}
	for i, line := range lines {
		line = clipQuoted(line)
		if n := utf8.RuneCountInString(line); n > mostLine {
			runes := []rune(line)
			line = fmt.Sprintf("%s … (%d characters) … %s", string(runes[:mostLine-lineEnd]), n,
				string(runes[n-lineEnd:]))
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// clipQuoted cuts what stands between double quotes, as %q writes it.
func clipQuoted(line string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(line, '"')
		if from < 0 {
			break
		}
		to := from + 1
		for to < len(line) && line[to] != '"' {
			if line[to] == '\\' {
				to++
			}
			to++
		}
		if to >= len(line) {
			break // it is not closed
		}
		b.WriteString(line[:from+1])
		quoted := line[from+1 : to]
		if clipped := Clip(quoted, mostQuoted); clipped != quoted {
			at := strings.LastIndex(clipped, "…")
			b.WriteString(clipped[:at] + `…"` + clipped[at+len("…"):])
		} else {
			b.WriteString(quoted + `"`)
		}
		line = line[to+1:]
	}
	b.WriteString(line)
	return b.String()
}
