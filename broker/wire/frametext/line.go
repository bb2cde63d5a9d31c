package frametext

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// line is the line of one frame as it is written.
type line struct {
	b     []byte
	items int // of the list that is being written
	tps   []kafka.TopicPartition
	empty bool // a reply that brings nothing
	// topics are the names of topic ids, and names those of topics, to keep no frame's memory.
	topics map[[16]byte]string
	names  map[string]string
}

// textLimit is how many bytes a frame's line has at most.
const textLimit = 200

// partitionLimit is how many partitions a line names at most.
const partitionLimit = 64

func newLine() line {
	return line{topics: map[[16]byte]string{}, names: map[string]string{}}
}

func (t *line) reset() { t.b, t.items, t.tps, t.empty = t.b[:0], 0, t.tps[:0], false }

// word adds a word behind a space.
func (t *line) word(s string) *line {
	if len(t.b) > 0 {
		t.b = append(t.b, ' ')
	}
	t.b = append(t.b, s...)
	return t
}

// field adds name=value.
func (t *line) field(name string, value int64) *line {
	t.word(name)
	t.b = strconv.AppendInt(append(t.b, '='), value, 10)
	return t
}

// known is field unless the value is −1, which on Kafka's wire stands for none.
func (t *line) known(name string, value int64) *line {
	if value != -1 {
		t.field(name, value)
	}
	return t
}

// named adds name=value for a value that has a name; an empty one is left out.
func (t *line) named(name, value string) *line {
	if value == "" {
		return t
	}
	t.word(name)
	t.b = append(append(t.b, '='), value...)
	return t
}

// millis adds a time in the largest unit that is whole.
func (t *line) millis(name string, ms int32) *line {
	t.word(name)
	t.b = append(t.b, '=')
	if ms >= 1000 && ms%1000 == 0 {
		t.b = append(strconv.AppendInt(t.b, int64(ms/1000), 10), 's')
		return t
	}
	t.b = append(strconv.AppendInt(t.b, int64(ms), 10), "ms"...)
	return t
}

// flag adds a word when it is true.
func (t *line) flag(name string, is bool) *line {
	if is {
		t.word(name)
	}
	return t
}

// raw adds s to the word before.
func (t *line) raw(s string) *line {
	t.b = append(t.b, s...)
	return t
}

func (t *line) int(n int64) *line {
	t.b = strconv.AppendInt(t.b, n, 10)
	return t
}

// item begins the next item of a list.
func (t *line) item() *line {
	switch {
	case t.items > 0:
		t.b = append(t.b, ", "...)
	case len(t.b) > 0:
		t.b = append(t.b, ' ')
	}
	t.items++
	return t
}

// partition begins the item of a partition.
func (t *line) partition(topic string, p int32) *line {
	t.concerns(topic, p)
	t.item().raw(topic).raw("-")
	return t.int(int64(p))
}

// concerns adds a partition to those that the frame is about, without a word.
func (t *line) concerns(topic string, p int32) {
	if !strings.HasPrefix(topic, unnamed) && len(t.tps) < partitionLimit {
		t.tps = append(t.tps, kafka.TopicPartition{Topic: t.name(topic), Partition: p})
	}
}

// name returns a copy of s, the same one for the same name.
func (t *line) name(s string) string {
	if known, ok := t.names[s]; ok {
		return known
	}
	s = strings.Clone(s)
	t.names[s] = s
	return s
}

// unnamed precedes the first digits of a topic's id whose name was never seen.
const unnamed = "topic-id:"

// topic finds the name of a topic that is named or has an id.
func (t *line) topic(name string, id [16]byte) string {
	if name != "" {
		if id != ([16]byte{}) {
			t.topics[id] = t.name(name)
		}
		return name
	}
	if known, ok := t.topics[id]; ok {
		return known
	}
	const hex = "0123456789abcdef"
	short := []byte(unnamed)
	for _, c := range id[:4] {
		short = append(short, hex[c>>4], hex[c&15])
	}
	return string(short)
}

// userTopicsFirst calls each for every topic of n, Kafka's own behind the others.
func userTopicsFirst(n int, name func(i int) string, each func(i int, name string)) {
	for _, internal := range [...]bool{false, true} {
		for i := range n {
			if topic := name(i); kafka.InternalTopic(topic) == internal {
				each(i, topic)
			}
		}
	}
}

// code adds an error by its name; it returns false when there is none.
func (t *line) code(c int16) bool {
	if c != 0 {
		t.word(wire.Code(c).String())
	}
	return c != 0
}

// problem is code behind a colon, for an item of a list.
func (t *line) problem(c int16) bool {
	if c != 0 {
		t.raw(": ").raw(wire.Code(c).String())
	}
	return c != 0
}

// message adds what an error says in words.
func (t *line) message(s *string) {
	if s != nil && *s != "" {
		t.raw(" (").raw(*s).raw(")")
	}
}

// outcome is a whole reply that is nothing but an error code.
func (t *line) outcome(c int16) {
	if !t.code(c) {
		t.word("ok")
	}
}

// ids adds broker ids as in "1,2,3".
func (t *line) ids(name string, ids []int32) *line {
	t.word(name).raw("=")
	if len(ids) == 0 {
		return t.raw("none")
	}
	for i, id := range ids {
		if i > 0 {
			t.raw(",")
		}
		t.int(int64(id))
	}
	return t
}

// member adds the id of a group's member. Of the UUID at its end, which a coordinator made up, four
// digits are enough to tell members apart.
func (t *line) member(name, id string) *line {
	const uuid = len("00000000-0000-0000-0000-000000000000")
	if n := len(id) - uuid; n > 0 && strings.Count(id[n:], "-") == 4 {
		return t.word(name).raw("=").raw(id[:n+4]).raw("…")
	}
	return t.named(name, id)
}

// count adds "1 record", "2 records".
func (t *line) count(n int64, noun string) *line {
	t.int(n).raw(" ").raw(noun)
	if n != 1 {
		t.raw("s")
	}
	return t
}

// String returns the line, cut where it gets too long.
func (t *line) String() string {
	if len(t.b) <= textLimit {
		return strings.ToValidUTF8(string(t.b), "�")
	}
	end := textLimit - len("…")
	for end > 0 && !utf8.RuneStart(t.b[end]) {
		end--
	}
	return strings.ToValidUTF8(string(t.b[:end]), "�") + "…"
}
