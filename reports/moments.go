package reports

import (
	"fmt"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
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
	weight      Weight
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
	what, weight, folds := sentence(&l.Note)
	if what == "" {
		return
	}
	if !news {
		weight = min(weight, Ordinary)
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
		moment.Weight = max(weight, Notable)
	}
	if m.add(moment) {
		m.recent[key] = recentMoment{len(m.list) - 1, l.At}
	}
}

func (m *moments) add(moment Moment) bool {
	limit := momentLimit
	if moment.Weight == Headline {
		limit *= 2
	}
	if len(m.list) >= limit {
		m.dropped++
		return false
	}
	m.list = append(m.list, moment)
	return true
}

// Sentence is the moment's predicate with what is folded into it.
func (m Moment) Sentence() string {
	if m.More == 0 {
		return m.What
	}
	return fmt.Sprintf("%s; and %s more like it", m.What, grouped(int64(m.More)))
}

// String prints the moment in one line.
func (m Moment) String() string {
	return fmt.Sprintf("%s %s %s", seconds(m.At, 3), m.Where, m.Sentence())
}

// seconds prints t in seconds with the given number of decimals, rounded down: "4.003 s".
func seconds(t model.Time, decimals int) string { return trimSeconds(t, decimals) + " s" }

// trimSeconds is seconds without the unit.
func trimSeconds(t model.Time, decimals int) string {
	text := fmt.Sprintf("%d.%09d", int64(t)/1_000_000_000, int64(t)%1_000_000_000)
	text = text[:len(text)-9+decimals]
	return strings.TrimSuffix(text, ".")
}

// grouped prints n with a comma every three digits.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	from := 0
	if n < 0 {
		from = 1
	}
	for i := len(s) - 3; i > from; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted prints "1 record", "2 records".
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}
