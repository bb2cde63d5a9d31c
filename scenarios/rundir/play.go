package rundir

import (
	"path/filepath"
	"time"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

// Played is a scenario that was played, judged and drawn, and is whole in its run directory.
type Played struct {
	Result *scenarios.Result
	Story  *digest.Story
	Lesson digest.Lesson
	Wall   time.Duration // of playing and judging
	Dir    string
}

// Play plays s into the run directory path, which it makes or replaces. Of opts it sets what
// observes the run.
func Play(s *scenarios.Scenario, opts scenarios.Options, path string, unfinished Unfinished,
) (*Played, error) {
	return play(s, opts, path, unfinished, false)
}

// PlayInCourse plays a lesson of the course into its place below root, while all others are played
// as well: its page leads to theirs.
func PlayInCourse(s *scenarios.Scenario, opts scenarios.Options, root string, unfinished Unfinished,
) (*Played, error) {
	return play(s, opts, filepath.Join(root, Below(s.Name, s.Seed)), unfinished, true)
}

func play(
	s *scenarios.Scenario, opts scenarios.Options, path string, unfinished Unfinished, whole bool,
) (*Played, error) {
	d, err := create(path, unfinished)
	if err != nil {
		return nil, err
	}
	opts.Trace = d.out
	started := time.Now()
	p, err := Observe(s, opts)
	if err != nil {
		d.discard()
		return nil, err
	}
	p.Wall, p.Dir = time.Since(started), path
	p.Lesson.Around = neighbours(s, path, whole)
	if err := d.finish(p); err != nil {
		d.discard()
		return nil, err
	}
	return p, nil
}

// Observe plays s and leaves no run directory.
func Observe(s *scenarios.Scenario, opts scenarios.Options) (*Played, error) {
	lesson, collector := LessonOf(s), digest.NewCollector()
	collector.Narrate(lesson)
	opts.Observe, opts.ObserveOp, opts.EveryLine = collector.Observe, collector.ObserveOp, true
	result, err := scenarios.Play(s, opts)
	if err != nil {
		return nil, err
	}
	return &Played{Result: result, Story: collector.Story(result.Run), Lesson: lesson}, nil
}

// LessonOf is what the pages and texts about a run need to know of its scenario.
func LessonOf(s *scenarios.Scenario) digest.Lesson {
	lesson := digest.Lesson{
		Why: s.Why, Explain: s.Explain, Question: s.Predict.Question, Answer: s.Predict.Answer,
	}
	for _, c := range s.Predict.Choices {
		lesson.Choices = append(lesson.Choices, digest.Choice{Text: c.Text, Right: c.Right})
	}
	for i := range s.Timeline {
		a := &s.Timeline[i]
		where, what := a.Words()
		lesson.Acts = append(lesson.Acts, digest.LessonAct{
			Where: where, What: what, Say: a.Say, Quiet: a.Quiet,
			Decides: a.Label != "" && a.Label == s.Predict.At.Fired,
		})
	}
	lesson.Knob = digest.Knob{Set: s.Knob.Set, Moves: s.Knob.Moves, Question: s.Knob.Question}
	for _, n := range s.Narrate {
		lesson.Notes = append(lesson.Notes, digest.LessonNote{
			Kind: n.When.Note, Where: n.When.Where, Least: n.When.Least, Say: n.Say,
		})
	}
	if at := s.Predict.At; at.Note != kafka.NoNote {
		lesson.Notes = append(lesson.Notes, digest.LessonNote{
			Kind: at.Note, Where: at.Where, Least: at.Least, Decides: true,
		})
	}
	return lesson
}
