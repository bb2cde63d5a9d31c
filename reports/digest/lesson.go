package digest

// For is what the lesson says of a run: one with other settings is not what its question is about.
func (l Lesson) For(s *Story) Lesson {
	if len(s.Run.Set) > 0 {
		l.Question, l.Answer, l.Knob = "", "", Knob{}
	}
	return l
}

// Lesson is what the scenario file says to a student. Any of it may be empty.
type Lesson struct {
	Why      string
	Question string
	Answer   string
	// Notes are what it says while the run goes on: Collector.Narrate or Load takes them.
	Notes []LessonNote
	Knob  Knob
}

// Knob is the setting that the lesson wants its reader to change, and the number that moves by it.
type Knob struct {
	Set      []string // each path=value; none when there is no knob
	Moves    string
	Question string
}
