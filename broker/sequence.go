package broker

import (
	"fmt"

	"sandcastle/model"
)

// sequence is work of several steps, of which each begins when the one before has ended, at once or
// after an answer has come.
type sequence struct {
	name  string
	steps []step
	done  func(out *model.Effects)
	at    int  // the step that is being done; len(steps) when all are
	inRun bool // a step that ends at once leaves it to run to begin the next
}

// step is one step of a sequence.
type step struct {
	name string
	// do does the step and then calls next, once. One that never does ends the sequence there.
	do func(out *model.Effects, next func(*model.Effects))
}

// String says where the sequence stands.
func (s *sequence) String() string {
	if s.at == len(s.steps) {
		return s.name + ": done"
	}
	return fmt.Sprintf("%s: step %d of %d, %s", s.name, s.at+1, len(s.steps), s.steps[s.at].name)
}

// run does steps from the one at hand on, until one has to wait.
func (s *sequence) run(out *model.Effects) {
	s.inRun = true
	for s.at < len(s.steps) {
		before := s.at
		s.steps[before].do(out, s.next)
		if s.at == before {
			break
		}
	}
	s.inRun = false
	if s.at == len(s.steps) {
		s.done(out)
	}
}

// next ends the step at hand.
func (s *sequence) next(out *model.Effects) {
	if s.at == len(s.steps) {
		panic("broker: a step has ended twice of " + s.String())
	}
	s.at++
	if !s.inRun {
		s.run(out)
	}
}
