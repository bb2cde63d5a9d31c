package digest

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// moments collects what happened in words. Like moments of one place in quick succession are
// folded into the first of them, and beyond momentLimit only headlines are kept.
type moments struct {
	list    []Moment
	recent  map[momentKey]recentMoment
	dropped int
}

type momentKey struct {
	where, kind string
	weight      prose.Weight
}

// recentMoment is the moment that the next like one folds into.
type recentMoment struct {
	index int
	last  model.Time
}

const (
	momentLimit = 4000
	foldWithin  = model.Time(500_000_000)
)

func newMoments() moments { return moments{recent: map[momentKey]recentMoment{}} }

// onNote says a note in words. Notes that come by the record are not for this. What is no news
// counts for less, and what the lesson has to say of it for more.
func (m *moments) onNote(l *kafka.TraceLine, news bool, say string) {
	what, weight, folds := prose.Sentence(&l.Note)
	if what == "" {
		return
	}
	if !news {
		weight = min(weight, prose.Ordinary)
	}
	kind := l.Note.Kind.String()
	key := momentKey{string(l.Node), kind, weight}
	if r, ok := m.recent[key]; ok && folds && say == "" && l.At-r.last <= foldWithin {
		m.list[r.index].More++
		m.recent[key] = recentMoment{r.index, l.At}
		return
	}
	moment := Moment{At: l.At, Where: string(l.Node), What: what, Kind: kind, Weight: weight, Say: say}
	if say != "" {
		moment.Weight = max(weight, prose.Notable)
	}
	if !m.add(moment) {
		return
	}
	if delete(m.recent, key); say == "" { // a step of the lesson does not tell what comes after it
		m.recent[key] = recentMoment{len(m.list) - 1, l.At}
	}
}

// addMessage tells of a fault of a single message. What happens to the like messages later, however
// many there are, is folded into the first: an entry of a timeline may take a hundred thousand.
func (m *moments) addMessage(moment Moment) {
	if r, ok := m.recent[moment.message()]; ok {
		m.list[r.index].More++
	} else if m.add(moment) {
		m.recent[moment.message()] = recentMoment{len(m.list) - 1, moment.At}
	}
}

// repeats tells whether addMessage has told of a like message before.
func (m *moments) repeats(moment Moment) bool {
	_, ok := m.recent[moment.message()]
	return ok
}

// message is what like faults of messages have in common.
func (m Moment) message() momentKey {
	return momentKey{m.Where, m.Kind + " " + m.What, prose.Headline}
}

func (m *moments) add(moment Moment) bool {
	limit := momentLimit
	if moment.Weight == prose.Headline {
		limit *= 2
	}
	if len(m.list) >= limit {
		m.dropped++
		return false
	}
	m.list = append(m.list, moment)
	return true
}

// maxGravity is the highest that Gravity gives.
const maxGravity = 3

// Gravity ranks moments of one weight for views that have no room for all: from 0, what merely sets
// the scene, such as what happens to one message, to 3, a node that dies.
func (m Moment) Gravity() int {
	switch {
	case m.Kind != model.TraceFault:
		return maxGravity - 1
	case m.severity <= 1:
		return 0
	default:
		return min(m.severity, maxGravity)
	}
}

// Sentence is the moment's predicate with what is folded into it.
func (m Moment) Sentence() string {
	if m.More == 0 {
		return m.What
	}
	return fmt.Sprintf("%s; and %s more like it", m.What, prose.Grouped(int64(m.More)))
}

// String prints the moment in one line.
func (m Moment) String() string {
	return fmt.Sprintf("%s %s %s", prose.Seconds(m.At, 3), m.Where, m.Sentence())
}
