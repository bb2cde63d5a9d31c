package text

import (
	"strings"
	"unicode"
)

// Ink says what a piece of text is, so that a terminal can colour it. Ink alone says nothing.
type Ink uint8

const (
	InkPlain  Ink = iota
	InkFaint      // what was said before, and the columns themselves
	InkStrong     // what this stop is about
	InkClient     // a message of a producer, a consumer or an admin client
	InkBroker     // a message between brokers
	InkKeeper     // a message to or from ZooKeeper
	InkFault      // a fault, a death, a loss
	InkChange     // an election, a change of roles or of owners
	InkDrawn      // a field in which a reader types: it has the terminal's commands for its cursor
)

// Span is a piece of text in one ink.
type Span struct {
	Text string
	Ink  Ink
}

// Line is one line of a drawing.
type Line []Span

// String is the line without ink.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// strip is one row of cells in the making.
type strip struct {
	runes []rune
	inks  []Ink
}

func newStrip(width int) *strip {
	s := &strip{make([]rune, width), make([]Ink, width)}
	for i := range s.runes {
		s.runes[i] = ' '
	}
	return s
}

func (s *strip) set(x int, r rune, ink Ink) {
	if x >= 0 && x < len(s.runes) {
		s.runes[x], s.inks[x] = r, ink
	}
}

// write puts text at x.
func (s *strip) write(x int, text string, ink Ink) {
	for _, r := range text {
		s.set(x, r, ink)
		x++
	}
}

// line joins neighbours of one ink.
func (s *strip) line() Line {
	var l Line
	for from := 0; from < len(s.runes); {
		to := from + 1
		for to < len(s.runes) && s.inks[to] == s.inks[from] {
			to++
		}
		l = append(l, Span{string(s.runes[from:to]), s.inks[from]})
		from = to
	}
	return l
}

// visible replaces what a terminal would obey or not show.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '·'
		default:
			return r
		}
	}, text)
}

// TextWidth is how many cells of a terminal text takes.
func TextWidth(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is two for the wide letters of East Asia and for emoji, none for marks that are set
// over the letter before them.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000:
		return 2
	default:
		return 1
	}
}

// Fit cuts text to most cells, with an ellipsis if something is cut.
func Fit(text string, most int) string {
	if TextWidth(text) <= most {
		return text
	}
	return strings.TrimRight(head(text, most-1), " ") + "…"
}

// head is as much of text as most cells hold.
func head(text string, most int) string {
	n := 0
	for at, r := range text {
		if n += runeWidth(r); n > most {
			return text[:at]
		}
	}
	return text
}

// fitList cuts text to most cells, after a comma or before a list if it can.
func fitList(text string, most int) string {
	whole := text
	for TextWidth(text) > most {
		at := max(strings.LastIndex(text, ", "), strings.LastIndex(text, ": "))
		if at < 0 {
			return Fit(whole, most)
		}
		comma := text[at] == ','
		if text = text[:at]; comma && TextWidth(text)+3 <= most {
			return text + ", …"
		}
	}
	return text
}

// Wrap breaks text into lines of at most width cells, at spaces where it can. A width below two is
// two.
func Wrap(text string, width int) []string {
	var lines []string
	line, width := "", max(width, 2)
	for _, word := range strings.Fields(visible(text)) {
		for TextWidth(word) > width {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			part := head(word, width)
			lines, word = append(lines, part), word[len(part):]
		}
		switch {
		case line == "":
			line = word
		case TextWidth(line)+1+TextWidth(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
