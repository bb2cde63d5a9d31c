package digest

import (
	"sandcastle/reports/prose"
)

// Steps are the stops of a walk through the story, as indexes into Moments: what the lesson says
// something of, and the headlines. deciding is the step, an index into steps, before which a
// student predicts: the first from the event on that the lesson names, or else the first of the
// gravest faults, or else the first stop.
func (s *Story) Steps() (steps []int, deciding int) {
	grave, found := 0, false
	for i := range s.Moments {
		m := &s.Moments[i]
		if m.Say == "" && m.Weight < prose.Headline {
			continue
		}
		switch {
		case found:
		case s.decided > 0 && m.At >= s.decided:
			deciding, found = len(steps), true
		case m.grave > grave:
			grave, deciding = m.grave, len(steps)
		}
		steps = append(steps, i)
	}
	return steps, deciding
}

// Decided tells whether the event came that the lesson says to predict, and is told of.
func (s *Story) Decided() bool {
	steps, deciding := s.Steps()
	return s.decided > 0 && len(steps) > 0 && s.Moments[steps[deciding]].At >= s.decided
}
