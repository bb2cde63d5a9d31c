package kafka

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"sandcastle/model"
)

// jsonCursor walks over one line of JSON and knows the column of everything it reads, which
// encoding/json does not tell once a value is decoded. The first mistake is kept in err, and from
// then on every method returns zero values, so callers check once.
type jsonCursor struct {
	text string
	pos  int
	deep int               // how many values skip is inside of
	err  *model.InputError // without File and Line, which the caller knows
}

// maxNesting bounds the recursion over values that nobody reads.
const maxNesting = 100

// failAt keeps the first mistake: problem, found at byte pos.
func (c *jsonCursor) failAt(pos int, problem, hint string) {
	if c.err == nil {
		column := utf8.RuneCountInString(c.text[:min(pos, len(c.text))]) + 1
		c.err = &model.InputError{Column: column, Problem: problem, Hint: hint}
	}
}

// expected fails with what stands at the cursor and what should.
func (c *jsonCursor) expected(what string) {
	c.failAt(c.pos, "expected "+what+", found "+c.found(), "")
}

// found names what stands at the cursor, for messages.
func (c *jsonCursor) found() string {
	if c.pos >= len(c.text) {
		return "the end of the line"
	}
	rest := c.text[c.pos:]
	n := 0
	for n < len(rest) && n < 20 && rest[n] != ',' && rest[n] != '}' && rest[n] != ']' {
		n++
	}
	for n = max(n, 1); n < len(rest) && !utf8.RuneStart(rest[n]); n++ {
	}
	return strconv.Quote(rest[:n])
}

// peek skips blanks and returns the next byte, 0 at the end or after a mistake.
func (c *jsonCursor) peek() byte {
	if c.err == nil && c.pos < len(c.text) && c.text[c.pos] > ' ' {
		return c.text[c.pos] // the way of nearly all calls, short enough to be inlined
	}
	return c.peekFurther()
}

func (c *jsonCursor) peekFurther() byte {
	if c.err != nil {
		return 0
	}
	for c.pos < len(c.text) {
		switch b := c.text[c.pos]; b {
		case ' ', '\t', '\r':
			c.pos++
		default:
			return b
		}
	}
	return 0
}

// take moves over the byte b if it is next.
func (c *jsonCursor) take(b byte) bool {
	if c.peek() != b || c.err != nil {
		return false
	}
	c.pos++
	return true
}

// word moves over the literal w if it is next.
func (c *jsonCursor) word(w string) bool {
	c.peek()
	if c.err != nil || len(c.text)-c.pos < len(w) || c.text[c.pos:c.pos+len(w)] != w {
		return false
	}
	c.pos += len(w)
	return true
}

// array calls each for every element of the array that must come next; each must consume it.
func (c *jsonCursor) array(what string, each func()) {
	if !c.take('[') {
		c.expected(what)
		return
	}
	if c.take(']') {
		return
	}
	for c.err == nil {
		each()
		if c.take(']') {
			return
		}
		if !c.take(',') {
			c.expected("',' or ']'")
		}
	}
}

// object calls each for every member of the object that must come next, with the member's name and
// the byte where the name begins; each must consume the value.
func (c *jsonCursor) object(what string, each func(name string, at int)) {
	if !c.take('{') {
		c.expected(what)
		return
	}
	if c.take('}') {
		return
	}
	for c.err == nil {
		c.peek()
		at := c.pos
		name := c.str("a name in quotes")
		if !c.take(':') {
			c.expected("':'")
			return
		}
		each(name, at)
		if c.take('}') {
			return
		}
		if !c.take(',') {
			c.expected("',' or '}'")
		}
	}
}

// str reads the string that must come next. It is a part of the line, uncopied, where it can be.
func (c *jsonCursor) str(what string) string {
	if c.peek() != '"' || c.err != nil {
		c.expected(what)
		return ""
	}
	start, plain := c.pos, true
	for c.pos++; c.pos < len(c.text); c.pos++ {
		switch b := c.text[c.pos]; {
		case b == '"':
			c.pos++
			if plain {
				return c.text[start+1 : c.pos-1]
			}
			return c.unquote(start)
		case b == '\\':
			plain = false
			c.pos++
		case b < ' ' || b >= utf8.RuneSelf:
			plain = false
		}
	}
	c.pos = min(c.pos, len(c.text))
	c.failAt(start, "this string has no end: expected a closing '\"'", "")
	return ""
}

func (c *jsonCursor) unquote(start int) string {
	var s string
	if err := json.Unmarshal([]byte(c.text[start:c.pos]), &s); err != nil {
		c.failAt(start, "this is no JSON string: "+err.Error(), "")
	}
	return s
}

// numberText reads the text of the number that must come next.
func (c *jsonCursor) numberText(what string) string {
	c.peek()
	start := c.pos
	for c.err == nil && c.pos < len(c.text) && numberByte(c.text[c.pos]) {
		c.pos++
	}
	text := c.text[start:c.pos]
	if !json.Valid([]byte(text)) {
		c.pos = start
		c.expected(what)
		return ""
	}
	return text
}

func numberByte(b byte) bool {
	return b >= '0' && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E'
}

// whole reads the whole number that must come next and lie in [low, high].
func (c *jsonCursor) whole(what string, low, high int64) int64 {
	c.peek()
	start := c.pos
	if n, ok := c.digits(); ok && n >= low && n <= high {
		return n
	}
	c.pos = start
	text := c.numberText(what)
	if c.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		c.failAt(start, "expected "+what+", found "+text, "")
		return 0
	}
	return n
}

// digits moves over a number that is a few digits and nothing else, as nearly all are.
func (c *jsonCursor) digits() (n int64, ok bool) {
	const most = 18 // of which each number fits
	start := c.pos
	for c.err == nil && c.pos < len(c.text) && c.text[c.pos]-'0' <= 9 && c.pos-start < most {
		n = 10*n + int64(c.text[c.pos]-'0')
		c.pos++
	}
	ok = c.pos > start && (c.text[start] != '0' || c.pos == start+1) &&
		(c.pos == len(c.text) || !numberByte(c.text[c.pos]))
	return n, ok
}

// boolean reads true or false.
func (c *jsonCursor) boolean(what string) bool {
	if c.word("true") {
		return true
	}
	if !c.word("false") {
		c.expected(what)
	}
	return false
}

// skip moves over any value.
func (c *jsonCursor) skip() {
	if c.deep++; c.deep > maxNesting {
		c.failAt(c.pos, "more than "+strconv.Itoa(maxNesting)+" values inside each other", "")
	}
	defer func() { c.deep-- }()
	switch b := c.peek(); {
	case b == '"':
		c.str("a string")
	case b == '[':
		c.array("a list", c.skip)
	case b == '{':
		c.object("an object", func(string, int) { c.skip() })
	case c.word("true"), c.word("false"), c.word("null"), c.err != nil:
	default:
		c.numberText("a JSON value")
	}
}
