package model

import (
	"fmt"
	"strconv"
	"strings"
)

// InputError is a mistake in a file that a person wrote: where it is, what is wrong, and what would
// be right. Scenario files and histories are refused with it (exit code 3).
type InputError struct {
	File   string // as the user named it
	Line   int    // from 1; 0 when the whole file is meant
	Column int    // in characters from 1; 0 when the whole line is meant
	// Problem says what was found and what was expected.
	Problem string
	// Hint is the next step, such as `did you mean "send"?`; "" for none.
	Hint string
}

// Error prints "history.ndjson:3:17: unknown type "okay": expected … (did you mean "ok"?)".
func (e *InputError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
		if e.Column > 0 {
			b.WriteString(":" + strconv.Itoa(e.Column))
		}
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Nearest returns the candidate that a person who typed word most likely meant: the one that needs
// the fewest single-letter edits (a swap of neighbours counts as one), if that is at most one for
// every three letters, the first on a tie; else the first that word begins or that begins word, two
// letters at least ("okay" for "ok"). It returns "" when none is near.
func Nearest(word string, candidates []string) string {
	if near := Misspelt(word, candidates); near != "" {
		return near
	}
	for _, c := range candidates {
		if min(len(c), len(word)) >= 2 && (strings.HasPrefix(c, word) || strings.HasPrefix(word, c)) {
			return c
		}
	}
	return ""
}

// Misspelt is Nearest without its second half: only what few edits away is found.
func Misspelt(word string, candidates []string) string {
	best, bestEdits := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if n := edits(strings.ToLower(word), strings.ToLower(c)); n < bestEdits && n < len(c) {
			best, bestEdits = c, n
		}
	}
	return best
}

// DidYouMean is the hint for an unknown word: `did you mean "send"?`, or "" when no candidate is
// near.
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	return ""
}

// edits is the optimal string alignment distance between a and b, in bytes.
func edits(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// BadInput is a mistake that is in no file, such as one in the flags of a command.
func BadInput(format string, args ...any) error {
	return &InputError{Problem: fmt.Sprintf(format, args...)}
}

// PlainCause is the last part of a file system's or network's error: the path or address in front
// of it has been named already.
func PlainCause(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		return text[at+2:]
	}
	return text
}
