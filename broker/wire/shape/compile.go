package shape

import (
	"math"
	"strconv"
	"strings"
)

// compile reads shapes.txt. It panics on anything else: the file is part of the program.
func compile(text string) *table {
	t := &table{named: map[string]*Message{}}
	for line := range strings.Lines(text) {
		key, rest, _ := strings.Cut(line, " ")
		kind, rest, _ := strings.Cut(rest, " ")
		flexible, fields, _ := strings.Cut(rest, " ")
		c := compiler{rest: strings.TrimSpace(fields), to: math.MaxInt8}
		c.list()
		if c.rest != "" {
			panic("shape: " + line)
		}
		m := &Message{flexible: int8(number(flexible)), ops: c.ops}
		switch kind {
		case "Request":
			t.put(number(key), 0, m)
		case "Response":
			t.put(number(key), 1, m)
		default:
			t.named[kind] = m
		}
	}
	return t
}

func (t *table) put(key, kind int, m *Message) {
	for len(t.apis) <= key {
		t.apis = append(t.apis, [2]*Message{})
	}
	t.apis[key][kind] = m
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("shape: " + err.Error())
	}
	return n
}

// compiler makes ops of the fields of one message.
type compiler struct {
	rest     string
	ops      []op
	from, to int8 // the versions of what is being read
	grouped  int  // the ops up to the last bracket's
}

// list reads fields up to the bracket that closes them.
func (c *compiler) list() {
	for c.rest != "" && c.rest[0] != ')' && c.rest[0] != ']' {
		c.field()
		c.rest = strings.TrimPrefix(c.rest, " ")
	}
}

func (c *compiler) field() {
	switch c.rest[0] {
	case 's':
		c.leaf(opString)
	case 'S':
		c.leaf(opNullableString)
	case 'b':
		c.leaf(opBytes)
	case 'B':
		c.leaf(opNullableBytes)
	case '[':
		c.group(op{kind: opArray}, "[")
	case '?':
		c.group(op{kind: opMaybe}, "?(")
	case 't':
		c.group(op{kind: opTags}, "t(")
	default:
		c.numbered()
	}
}

func (c *compiler) leaf(kind opKind) {
	c.rest = c.rest[1:]
	c.ops = append(c.ops, op{kind: kind, from: c.from, to: c.to})
}

// numbered reads what begins with a number: a size, versions, or a tagged field.
func (c *compiler) numbered() {
	first := c.number()
	switch {
	case strings.HasPrefix(c.rest, ":("):
		c.group(op{kind: opTag, tag: uint8(first)}, ":(")
	case strings.HasPrefix(c.rest, "-"):
		c.rest = c.rest[1:]
		last := c.number()
		from, to := c.from, c.to
		c.from, c.to = max(from, int8(first)), min(to, int8(last))
		c.within("(")
		c.from, c.to = from, to
	default:
		c.bytes(uint8(first))
	}
}

// bytes adds a number, to the one before it where that is of the same versions.
func (c *compiler) bytes(size uint8) {
	if n := len(c.ops); n > c.grouped {
		if last := &c.ops[n-1]; last.kind == opNumber && last.from == c.from && last.to == c.to {
			last.size += size
			return
		}
	}
	c.ops = append(c.ops, op{kind: opNumber, size: size, from: c.from, to: c.to})
}

func (c *compiler) number() int {
	end := strings.IndexFunc(c.rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(c.rest)
	}
	n := number(c.rest[:end])
	c.rest = c.rest[end:]
	return n
}

// group reads a bracket and makes what is in it the ops of o.
func (c *compiler) group(o op, open string) {
	o.from, o.to = c.from, c.to
	inner := compiler{rest: c.rest, from: c.from, to: c.to}
	inner.within(open)
	c.rest = inner.rest
	o.n = uint16(len(inner.ops))
	c.ops = append(append(c.ops, o), inner.ops...)
	c.grouped = len(c.ops)
}

// within reads the fields between two brackets.
func (c *compiler) within(open string) {
	c.rest = strings.TrimPrefix(c.rest, open)
	c.list()
	c.rest = c.rest[1:]
}
