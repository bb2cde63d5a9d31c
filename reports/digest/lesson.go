package digest

// Lesson is what the scenario file says to a student. Any of it may be empty.
type Lesson struct {
	// Why is read first. Explain is read once the question is answered, or the run is over.
	Why, Explain string
	Question     string
	Choices      []Choice // to answer it with; none leaves it to the student's own words
	Answer       string
	// Notes are what it says while the run goes on, and Acts what it says of its own doings, one for
	// each entry of the timeline: Collector.Narrate or Load takes them.
	Notes []LessonNote
	Acts  []LessonAct
	Knob  Knob
	// Around are the pages that stand beside that of the lesson.
	Around []Neighbour
}

// Choice is an answer to choose.
type Choice struct {
	Text  string
	Right bool
}

// Knob is the setting that the lesson wants its reader to change, and the number that moves by it.
type Knob struct {
	Set      []string // each path=value; none when there is no knob
	Moves    string
	Question string
}

// For is what the lesson says of a run, with the run's numbers in it: one with other settings is
// not what its question is about.
func (l Lesson) For(s *Story) Lesson {
	run := &s.Run
	if len(run.Set) > 0 {
		l.Question, l.Choices, l.Answer, l.Explain, l.Knob = "", nil, "", "", Knob{}
	}
	l.Answer, l.Explain = run.Fill(l.Answer), run.Fill(l.Explain)
	return l
}

// Asks reports whether there is something to predict.
func (l *Lesson) Asks() bool { return l.Question != "" }
