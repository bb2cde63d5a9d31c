package digest

import (
	"cmp"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// LessonAct is what a lesson says of one entry of its timeline.
type LessonAct struct {
	// What is the entry as a predicate, for one of which the trace has no fault: "is told to send 10
	// records". Where is its subject; "" stands for those to whom it was done.
	What, Where string
	Say         string
	// Quiet is set-up: no step tells of it.
	Quiet bool
	// Decides says that this is what a student predicts: the answer is shown from here on.
	Decides bool
}

// stage tells which lines of faults come from which entry of the timeline.
type stage struct {
	acts   []LessonAct
	fired  []kafka.Fired
	byLine []int // by line of faults, from 1: 1 + its index in fired, 0 for none
}

func newStage(acts []LessonAct, fired []kafka.Fired, lines int) *stage {
	s := &stage{acts: acts, fired: fired, byLine: make([]int, lines+1)}
	for i, f := range fired {
		for line := f.From + 1; line <= min(f.To, lines); line++ {
			s.byLine[line] = i + 1
		}
	}
	return s
}

// of is what was done that a line of faults came from, nil for nothing of the timeline.
func (s *stage) of(line int) *kafka.Fired {
	if line == 0 || s.byLine[line] == 0 {
		return nil
	}
	return &s.fired[s.byLine[line]-1]
}

// act is what the lesson says of it; the zero LessonAct for nothing.
func (s *stage) act(f *kafka.Fired) LessonAct {
	if f == nil || f.Entry >= len(s.acts) {
		return LessonAct{}
	}
	return s.acts[f.Entry]
}

// quiet reports whether a line of faults is set-up.
func (s *stage) quiet(line int) bool { return s.act(s.of(line)).Quiet }

// decided is when the entry that decides was done first, 0 for never.
func (s *stage) decided() model.Time {
	for i := range s.fired {
		if s.act(&s.fired[i]).Decides {
			return s.fired[i].At
		}
	}
	return 0
}

// direct has the moments, which are in order of time, tell of the timeline what the lesson says of
// it, and returns them with those of entries that are no faults.
func (s *stage) direct(moments []Moment) []Moment {
	moments = s.fold(moments)
	for i := range moments {
		m := &moments[i]
		if s.quiet(m.line) || s.quiet(m.began) {
			m.Weight, m.severity = prose.Detail, 0
		}
	}
	s.restarts(moments)
	said := map[int]bool{} // by entry
	for _, least := range []prose.Weight{prose.Ordinary, prose.Detail} {
		for i := range moments {
			m := &moments[i]
			f := s.of(m.line)
			if a := s.act(f); a.Say != "" && !said[f.Entry] && f.Phase != kafka.FiredEnded &&
				m.Weight >= least {
				said[f.Entry] = true
				m.Say = strings.TrimSpace(a.Say + " " + m.Say)
				m.Weight = max(m.Weight, prose.Notable)
			}
		}
	}
	for i := range s.fired {
		f := &s.fired[i]
		if a := s.act(f); a.Say != "" && !said[f.Entry] {
			said[f.Entry] = true
			moments = append(moments, Moment{At: f.At, Where: cmp.Or(a.Where, whereOf(f.Nodes)),
				What: a.What, Say: a.Say, Kind: KindTimeline, Weight: prose.Notable})
		}
	}
	return moments
}

// KindTimeline is the Kind of a moment that tells of an entry of the timeline that left no line in
// the trace.
const KindTimeline = "timeline"

// fold makes one moment of the messages that one entry meets in quick succession.
func (s *stage) fold(moments []Moment) []Moment {
	last := map[*kafka.Fired]int{} // index into kept
	kept := moments[:0]
	for _, m := range moments {
		if f := s.of(m.line); f != nil && f.Phase == kafka.FiredMet {
			if at, ok := last[f]; ok && kept[at].What == m.What && m.At-kept[at].At <= foldWithin {
				kept[at].More++
				continue
			}
			last[f] = len(kept)
		}
		kept = append(kept, m)
	}
	return kept
}

// restarts makes one moment of the two lines of a restart.
func (s *stage) restarts(moments []Moment) {
	for i := range moments {
		m := &moments[i]
		f := s.of(m.line)
		if f == nil || f.Verb != kafka.FaultRestart || m.Kind != model.TraceFault {
			continue
		}
		for j := range moments[i+1:] {
			next := &moments[i+1+j]
			if s.of(next.line) == f && next.Where == m.Where {
				next.What = "is restarted"
				m.Weight, m.severity = prose.Detail, 0
				break
			}
		}
	}
}

// whereOf names whom an entry was done to, as moments name it.
func whereOf(nodes []model.NodeID) string {
	if len(nodes) == 0 {
		return "world"
	}
	names := slices.Clone(nodes)
	slices.SortFunc(names, CompareNodes)
	return nodeList(names)
}
