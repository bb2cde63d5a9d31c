package reports

// Steps are the stops of a walk through the story, as indexes into Moments: what the lesson says
// something of, and the headlines. deciding is the step, an index into steps, before which a
// student predicts: the first of the gravest faults, or else the first stop.
func (s *Story) Steps() (steps []int, deciding int) {
	grave := 0
	for i := range s.Moments {
		m := &s.Moments[i]
		if m.Say == "" && m.Weight < Headline {
			continue
		}
		if m.grave > grave {
			grave, deciding = m.grave, len(steps)
		}
		steps = append(steps, i)
	}
	return steps, deciding
}
