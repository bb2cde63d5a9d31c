package digest

import (
	"sandcastle/reports/prose"
)

// Steps are the stops of a walk through the story, as indexes into Moments: what the lesson says
// something of, and the headlines. deciding is the step, an index into steps, before which a
// student predicts: the first from the event on that the lesson names, or else the first of the
// most severe faults, or else the first stop.
func (s *Story) Steps() (steps []int, deciding int) {
	severity, found := 0, false
	for i := range s.Moments {
		m := &s.Moments[i]
		if m.Say == "" && m.Weight < prose.Headline {
			continue
		}
		switch {
		case found:
		case s.decided > 0 && m.At >= s.decided:
			deciding, found = len(steps), true
		case m.severity > severity:
			severity, deciding = m.severity, len(steps)
		}
		steps = append(steps, i)
	}
	return steps, deciding
}

// Decided reports whether the event that the lesson asks to predict came, and has a moment.
func (s *Story) Decided() bool {
	steps, deciding := s.Steps()
	return s.decided > 0 && len(steps) > 0 && s.Moments[steps[deciding]].At >= s.decided
}
