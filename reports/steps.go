package reports

import "sandcastle/model"

// Steps are the stops of a walk through the story, as indexes into Moments: what the lesson says
// something of, and the headlines. deciding is the step, an index into steps, before which a
// student predicts: the first fault, or else the first stop.
func (s *Story) Steps() (steps []int, deciding int) {
	deciding = -1
	for i := range s.Moments {
		m := &s.Moments[i]
		if m.Say == "" && m.Weight < Headline {
			continue
		}
		if m.Kind == model.TraceFault && deciding < 0 {
			deciding = len(steps)
		}
		steps = append(steps, i)
	}
	return steps, max(deciding, 0)
}
