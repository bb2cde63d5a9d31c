package digest

import (
	"strconv"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// eventLine parses the line of an event, as model.TraceLine writes it: a frame, a timer, a command.
// They are most of a trace. Anything else, such as a note, is left to the slow way.
func (r *traceReader) eventLine(line []byte) (kafka.TraceLine, bool) {
	var l kafka.TraceLine
	s := scanner{rest: line, ok: true}
	l.At = model.Time(s.number(`{"at":`))
	l.Seq = uint64(s.number(`,"seq":`))
	l.Node = model.NodeID(r.name(s.word(`,"node":"`)))
	l.Kind = r.name(s.word(`,"kind":"`))
	if s.has(`,"cause":`) {
		l.Cause = uint64(s.number(`,"cause":`))
	}
	if s.has(`,"conn":`) {
		l.Conn = model.ConnID(s.number(`,"conn":`))
	}
	if s.has(`,"peer":`) {
		l.Peer = model.NodeID(r.name(s.word(`,"peer":"`)))
	}
	r.label(&s, &l.Label)
	if s.has(`,"bytes":`) {
		l.Bytes = int(s.number(`,"bytes":`))
		l.Sent = model.Time(s.number(`,"sent":`))
	}
	l.Empty = s.flag(`,"empty":true`)
	r.partitions(&s, &l)
	if s.has(`,"timer":`) {
		l.Timer.Kind = uint32(s.number(`,"timer":`))
		l.Timer.ID = uint64(s.number(`,"timer_id":`))
	}
	if s.has(`,"text":`) {
		l.Note.Text = s.text(`,"text":"`)
	}
	s.counted(&l)
	_, note := kafka.ParseNoteKind(l.Kind)
	return l, s.ok && !note && string(s.rest) == "}"
}

// counted parses what a line has that stands for several.
func (s *scanner) counted(l *kafka.TraceLine) {
	if !s.has(`,"count":`) {
		return
	}
	l.Count = int(s.number(`,"count":`))
	l.First = model.Time(s.number(`,"first":`))
	sum, err := strconv.ParseUint(string(s.word(`,"sum":"`)), 16, 64)
	l.Sum, s.ok = sum, s.ok && err == nil
}

// label parses what names a frame.
func (r *traceReader) label(s *scanner, l *model.Label) {
	if !s.has(`,"api":`) {
		return
	}
	l.Name = r.name(s.word(`,"api":"`))
	l.Reply = s.flag(`,"reply":true`)
	if s.has(`,"version":`) {
		l.Versioned, l.Version = true, int16(s.number(`,"version":`))
	}
	l.Correlation = int32(s.number(`,"corr":`))
}

// partitions parses those that a frame is about. They last until the next line.
func (r *traceReader) partitions(s *scanner, l *kafka.TraceLine) {
	const key = `,"partitions":[`
	if !s.has(key) {
		return
	}
	s.key(key)
	r.tps = r.tps[:0]
	for open := `"`; s.ok && s.has(open); open = `,"` {
		tp, ok := r.partition(s.word(open))
		s.ok = s.ok && ok
		r.tps = append(r.tps, tp)
	}
	s.key("]")
	l.Note.Partitions = r.tps
}

// partition parses a name, the same one for the same bytes.
func (r *traceReader) partition(name []byte) (kafka.TopicPartition, bool) {
	if tp, ok := r.known[string(name)]; ok {
		return tp, true
	}
	tp, ok := kafka.ParseTopicPartition(string(name))
	if ok {
		r.known[string(name)] = tp
	}
	return tp, ok
}

// flag reads a field that is there or not.
func (s *scanner) flag(field string) bool {
	if !s.ok || !s.has(field) {
		return false
	}
	s.rest = s.rest[len(field):]
	return true
}

// text reads a string after key, which ends with the opening quote. Escapes that are rare fail it.
func (s *scanner) text(key string) string {
	if !s.key(key) {
		return ""
	}
	end, escapes := 0, 0
	for end < len(s.rest) && s.rest[end] != '"' {
		if s.rest[end] == '\\' {
			end++
			escapes++
		}
		end++
	}
	if end >= len(s.rest) {
		s.ok = false
		return ""
	}
	quoted := s.rest[:end]
	s.rest = s.rest[end+1:]
	if escapes == 0 {
		return string(quoted)
	}
	plain := make([]byte, 0, len(quoted)-escapes)
	for i := 0; i < len(quoted); i++ {
		c := quoted[i]
		if c == '\\' {
			i++
			switch c = quoted[i]; c {
			case '"', '\\', '/':
			case 'u': // what stands for <, > and &
				n, err := strconv.ParseUint(string(quoted[min(i+1, len(quoted)):min(i+5, len(quoted))]), 16, 16)
				s.ok = s.ok && err == nil && n < 0x80 && n >= ' '
				c = byte(n)
				i += 4
			default:
				s.ok = false
			}
		}
		plain = append(plain, c)
	}
	return string(plain)
}
