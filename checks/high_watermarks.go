package checks

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HighWatermarks remembers, of every leader of every partition, when its log and its high watermark
// got where, so that Committed can tell whether the record of a send was ever committed. The zero
// value is not ready; use NewHighWatermarks.
type HighWatermarks struct {
	terms   map[kafka.TopicPartition][]*term // in the order in which they began
	current map[replica]*term
	near    kafka.Near[*term] // of current
}

// term is the time in which one broker leads in one epoch.
type term struct {
	start kafka.Offset // the log end with which it began
	ends  reaches      // of the leader's log
	marks reaches      // of its high watermark
}

// NewHighWatermarks returns HighWatermarks that have seen nothing.
func NewHighWatermarks() *HighWatermarks {
	return &HighWatermarks{
		terms: map[kafka.TopicPartition][]*term{}, current: map[replica]*term{},
	}
}

// Observe takes one line of the trace; lines come in order. It keeps nothing of line.
func (w *HighWatermarks) Observe(line *kafka.TraceLine) {
	n := &line.Note
	switch n.Kind {
	case kafka.LogEnd, kafka.HighWatermark:
		if t, known := w.near.Find(line); known {
			t.observe(line)
			return
		}
	case kafka.BecameLeader, kafka.BecameFollower:
		w.near.Forget()
	case kafka.TopicDeleted:
		for tp := range w.terms { //unordered: each key is its own
			if tp.Topic == n.Topic {
				delete(w.terms, tp)
			}
		}
		return
	default:
		return
	}
	id, ok := brokerID(line.Node)
	if !ok {
		return
	}
	r := replica{n.TP(), id}
	t := w.current[r]
	switch {
	case n.Kind == kafka.BecameLeader:
		t = &term{start: n.Offset}
		w.current[r], w.terms[r.tp] = t, append(w.terms[r.tp], t)
	case n.Kind == kafka.BecameFollower:
		delete(w.current, r)
	default:
		w.near.Found(line, t)
		t.observe(line)
	}
}

// observe takes how far the leader is; t is nil for a follower, of which nothing is remembered.
func (t *term) observe(line *kafka.TraceLine) {
	switch {
	case t == nil:
	case line.Note.Kind == kafka.LogEnd:
		t.ends.add(reach{line.At, line.Note.Offset})
	default:
		t.marks.add(reach{line.At, line.Note.Offset})
	}
}

// Committed tells when the high watermark passed the record that was appended at an offset between
// call and ret; false when it never did. The record is that of the leader whose log grew past the
// offset in that time, and of those after it, up to the first that began without it.
func (w *HighWatermarks) Committed(at kafka.PartitionOffset, call, ret model.Time,
) (model.Time, bool) {
	found := false
	for _, t := range w.terms[at.Key] {
		if found && t.start <= at.Offset {
			return 0, false
		}
		if !found {
			appended, grew := t.ends.passed(at.Offset)
			found = t.start <= at.Offset && grew && appended >= call && appended <= ret
		}
		if !found {
			continue
		}
		if when, ok := t.marks.passed(at.Offset); ok {
			return when, true
		}
	}
	return 0, false
}
