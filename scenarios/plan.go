package scenarios

import (
	"fmt"
	"strings"
	"time"
)

// PlannedFault is one entry of a timeline for somebody who has to do it by hand.
type PlannedFault struct {
	At time.Duration
	// When is the event that the entry waits for, "" if it has a time alone.
	When string
	Text string // "kill leader(orders-0) for 6s"
}

// Plan is the timeline, in the order of the file.
func (s *Scenario) Plan() []PlannedFault {
	var plan []PlannedFault
	for i := range s.Timeline {
		a := &s.Timeline[i]
		p := PlannedFault{At: a.At, When: a.When.text, Text: a.Verb}
		if a.Chained && p.When == "" {
			p.When = fmt.Sprintf("%s after that", a.Then)
		}
		var names []string
		for _, role := range a.Targets {
			names = append(names, role.text)
		}
		if a.Name != "" {
			names = append(names, a.Name)
		}
		if len(names) > 0 {
			p.Text += " " + strings.Join(names, ", ")
		}
		if a.For > 0 {
			p.Text += fmt.Sprintf(" for %s", a.For)
		}
		plan = append(plan, p)
	}
	return plan
}
