package digest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// traceReader reads trace.ndjson line by line. Most lines are frames, timers and commands, most
// others are offsets: both have parsers of their own. The rest goes through model.ParseTraceLine.
type traceReader struct {
	lines  *bufio.Reader
	number int // of the line that next returned last, from 1
	long   []byte
	names  map[string]string
	known  map[string]kafka.TopicPartition
	tps    []kafka.TopicPartition // of the line at hand
	last   kafka.TraceLine        // its time and seq are those of the line before
	// folded is how many events the lines before stand for, beyond the event since; 0 where the line
	// before stands for itself.
	folded, since uint64
	ended         bool
}

// next returns the next line without its newline; it lasts until the following call.
func (r *traceReader) next() ([]byte, error) {
	r.long = r.long[:0]
	for {
		part, err := r.lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			r.long = append(r.long, part...)
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(part)+len(r.long) == 0) {
			return nil, err
		}
		r.number++
		if len(r.long) > 0 {
			part = append(r.long, part...)
			r.long = part
		}
		return bytes.TrimSuffix(part, []byte("\n")), nil
	}
}

// observe takes in one line.
func (r *traceReader) observe(line []byte, c *Collector) error {
	if len(line) == 0 {
		return errors.New("an empty line where a JSON object was expected")
	}
	s := scanner{rest: line, ok: true}
	s.number(`{"at":`)
	kind := kindOf(line)
	if !s.ok || kind == nil || line[len(line)-1] != '}' {
		return fmt.Errorf("no line of a trace: %s", excerpt(line))
	}
	l, ok := kafka.TraceLine{}, false
	switch string(kind) {
	case "log-end", "high-watermark":
		l, ok = r.offsetLine(line)
	default:
		l, ok = r.eventLine(line)
	}
	if !ok {
		var err error
		if l, err = kafka.ParseTraceLine(line); err != nil {
			return fmt.Errorf("no line of a trace: %w", err)
		}
	}
	if err := r.follows(&l); err != nil {
		return err
	}
	c.Observe(&l)
	return nil
}

// follows refuses a line that cannot stand behind the ones before it: every event has the next
// number, and time does not go back.
func (r *traceReader) follows(l *kafka.TraceLine) error {
	was := &r.last
	switch {
	case r.ended:
		return errors.New("a line behind the end of the trace")
	case l.At < was.At:
		return fmt.Errorf("time goes back here, from %d to %d: the file was altered", was.At, l.At)
	case l.Seq < was.Seq:
		return fmt.Errorf("event %d stands behind event %d: the file was altered", l.Seq, was.Seq)
	}
	_, note := kafka.ParseNoteKind(l.Kind)
	if note && l.Count > 0 {
		was.At = l.At
		return nil // the events in which they were made are counted themselves
	}
	if l.Count > 0 {
		if r.folded == 0 {
			r.since = was.Seq
		}
		r.folded += uint64(l.Count)
	} else if next := max(was.Seq, r.since+r.folded) + 1; l.Seq > next {
		return fmt.Errorf("event %d follows on event %d: lines were taken out", l.Seq, next-1)
	} else if r.folded > 0 && l.Seq < r.since+r.folded {
		return fmt.Errorf("event %d follows on %d events that repeat, behind event %d: the counts are "+
			"not those of the run", l.Seq, r.folded, r.since)
	} else {
		r.folded = 0
	}
	was.At, was.Seq = l.At, l.Seq
	r.ended = l.Kind == model.TraceEnd
	return nil
}

// kindOf finds the kind without parsing the line; nil when there is none.
func kindOf(line []byte) []byte {
	const key = `"kind":"`
	i := bytes.Index(line, []byte(key))
	if i < 0 {
		return nil
	}
	rest := line[i+len(key):]
	j := bytes.IndexByte(rest, '"')
	if j < 0 {
		return nil
	}
	return rest[:j]
}

// offsetLine parses a log-end or high-watermark line as model.TraceLine writes it. Anything else,
// such as a name with an escape in it, is left to the slow way.
func (r *traceReader) offsetLine(line []byte) (kafka.TraceLine, bool) {
	var l kafka.TraceLine
	s := scanner{rest: line, ok: true}
	l.At = model.Time(s.number(`{"at":`))
	l.Seq = uint64(s.number(`,"seq":`))
	l.Node = model.NodeID(r.name(s.word(`,"node":"`)))
	l.Note.Kind = kafka.HighWatermark
	if string(s.word(`,"kind":"`)) == "log-end" {
		l.Note.Kind = kafka.LogEnd
	}
	l.Kind = l.Note.Kind.String()
	if s.has(`,"cause":`) {
		l.Cause = uint64(s.number(`,"cause":`))
	}
	l.Note.Topic = r.name(s.word(`,"topic":"`))
	l.Note.Partition = int32(s.number(`,"partition":`))
	if s.has(`,"epoch":`) {
		l.Note.Epoch = kafka.Epoch(s.number(`,"epoch":`))
	}
	l.Note.Offset = kafka.Offset(s.number(`,"offset":`))
	s.counted(&l)
	return l, s.ok && string(s.rest) == "}"
}

// name returns b as a string, the same one for the same bytes.
func (r *traceReader) name(b []byte) string {
	if s, ok := r.names[string(b)]; ok {
		return s
	}
	s := string(b)
	r.names[s] = s
	return s
}

// scanner reads one flat JSON object whose fields come in a known order. After a surprise ok is
// false.
type scanner struct {
	rest []byte
	ok   bool
}

func (s *scanner) has(key string) bool {
	return len(s.rest) >= len(key) && string(s.rest[:len(key)]) == key
}

func (s *scanner) key(key string) bool {
	if !s.ok || !s.has(key) {
		s.ok = false
		return false
	}
	s.rest = s.rest[len(key):]
	return true
}

// number reads a whole number of at most 18 digits after key.
func (s *scanner) number(key string) int64 {
	if !s.key(key) {
		return 0
	}
	sign, digits, n := int64(1), 0, int64(0)
	if len(s.rest) > 0 && s.rest[0] == '-' {
		sign, s.rest = -1, s.rest[1:]
	}
	for digits < len(s.rest) && s.rest[digits] >= '0' && s.rest[digits] <= '9' && digits < 19 {
		n = n*10 + int64(s.rest[digits]-'0')
		digits++
	}
	s.rest = s.rest[digits:]
	s.ok = digits > 0 && digits < 19
	return sign * n
}

// word reads a string without escapes after key, which ends with the opening quote.
func (s *scanner) word(key string) []byte {
	if !s.key(key) {
		return nil
	}
	end := bytes.IndexByte(s.rest, '"')
	if end < 0 || bytes.IndexByte(s.rest[:end], '\\') >= 0 {
		s.ok = false
		return nil
	}
	word := s.rest[:end]
	s.rest = s.rest[end+1:]
	return word
}

// excerpt is the beginning of a line, for a message.
func excerpt(line []byte) string {
	const most = 60
	if len(line) > most {
		return fmt.Sprintf("%q…", line[:most])
	}
	return fmt.Sprintf("%q", line)
}
