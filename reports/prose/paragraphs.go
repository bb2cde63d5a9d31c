package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Paragraphs splits text at blank lines.
func Paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// AsSentence gives text a full stop, and a capital unless it begins with a name such as orders-0.
func AsSentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	word, _, _ := strings.Cut(text, " ")
	name := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) >= 0
	if !name {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}

// Rows breaks a text into rows that fit.
func Rows(text string, fits func(string) bool) []string {
	var rows []string
	for _, word := range strings.Fields(text) {
		last := len(rows) - 1
		if last >= 0 && fits(rows[last]+" "+word) {
			rows[last] += " " + word
		} else {
			rows = append(rows, word)
		}
	}
	return rows
}
