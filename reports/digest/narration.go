package digest

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// LessonNote is what a lesson says when something happens for the first time; where several wait
// for the same event, the second takes its second time, and so on.
type LessonNote struct {
	Kind kafka.NoteKind
	// Where are topics, partitions, groups and nodes that must all fit; none is anywhere.
	Where []string
	// Least is the least offset that counts, of kinds that carry one.
	Least kafka.Offset
	Say   string
	// Decides says that this is what a student predicts: the answer is shown from here on.
	Decides bool
}

// met reports whether the note n of node is what l waits for.
func (l *LessonNote) met(node model.NodeID, n *kafka.Note) bool {
	if n.Kind != l.Kind || n.Offset < l.Least {
		return false
	}
	return n.About(node, l.Where)
}

// sameEvent reports whether l and other wait for the same.
func (l *LessonNote) sameEvent(other LessonNote) bool {
	return l.Kind == other.Kind && l.Least == other.Least && slices.Equal(l.Where, other.Where)
}

// narration is what a lesson still has to say.
type narration struct {
	waiting []waitingNote
	// deciding waits for what decides, nil for nothing; decided is when it came, 0 for never.
	deciding *LessonNote
	decided  model.Time
}

// waitingNote waits for a moment that the story tells. A mere detail, such as the first leader of
// a new partition, is kept in case that nothing better comes.
type waitingNote struct {
	LessonNote
	early Moment // its Say is "" for none
}

// Narrate says what to tell a student when; call it before the first line.
func (c *Collector) Narrate(l Lesson) {
	c.acts = l.Acts
	for _, n := range l.Notes {
		if n.Decides {
			c.narration.deciding = &n
			continue
		}
		c.narration.waiting = append(c.narration.waiting, waitingNote{LessonNote: n})
	}
}

// onNote returns what is to be said of l, "" for nothing.
func (n *narration) onNote(l *kafka.TraceLine) string {
	if n.deciding != nil && n.deciding.met(l.Node, &l.Note) {
		n.deciding, n.decided = nil, l.At
	}
	said := ""
	var met []LessonNote
	kept := n.waiting[:0]
	for _, w := range n.waiting {
		taken := slices.ContainsFunc(met, w.sameEvent)
		if taken || !w.met(l.Node, &l.Note) {
			kept = append(kept, w)
			continue
		}
		if m := noteMoment(l); m.Weight == prose.Detail && m.What != "" {
			if w.early.Say == "" {
				w.early = m
				w.early.Say, w.early.Weight = w.Say, prose.Notable
				met = append(met, w.LessonNote)
			}
			kept = append(kept, w)
			continue
		}
		met = append(met, w.LessonNote)
		if said != "" {
			said += " "
		}
		said += w.Say
	}
	n.waiting = kept
	return said
}

// rest returns the moments of what was said of details only.
func (n *narration) rest() []Moment {
	var out []Moment
	for _, w := range n.waiting {
		if w.early.Say != "" {
			out = append(out, w.early)
		}
	}
	return out
}

// noteMoment is the moment of a note by itself.
func noteMoment(l *kafka.TraceLine) Moment {
	what, weight, _ := prose.Sentence(&l.Note)
	return Moment{At: l.At, Where: string(l.Node), What: what, Kind: l.Note.Kind.String(),
		Weight: weight}
}

// offsetMoment is the moment of a note that comes by the record, which only a lesson tells.
func offsetMoment(l *kafka.TraceLine) Moment {
	m, n := noteMoment(l), &l.Note
	at := fmt.Sprint(n.Offset)
	switch n.Kind {
	case kafka.LogEnd:
		m.What = fmt.Sprintf("has %s up to offset %s in its log", n.TP(), at)
	case kafka.HighWatermark:
		m.What = fmt.Sprintf("has its high watermark of %s at offset %s", n.TP(), at)
	case kafka.OffsetCommitted:
		m.What = fmt.Sprintf("keeps offset %s of %s as committed by group %s", at, n.TP(), n.Group)
	default:
		m.What = fmt.Sprintf("has every record of %s below offset %s acknowledged", n.TP(), at)
	}
	return m
}
