package teach

import "sandcastle/reports/text"

// walk is one run that is walked through, and where the reader stands in it.
type walk struct {
	Run
	columns *text.Columns

	stop   int // index into columns.Stops
	ahead  int // so many events after it
	guess  string
	choice int // of the lesson's choices, −1 before one was chosen
	// question is the stop at which the walk asks, −1 for none. It is open until the answer was
	// shown (revealed) or the reader has gone on and seen it (passed).
	question         int
	revealed, passed bool
}

func newWalk(r *Run) *walk {
	w := &walk{Run: *r, choice: -1, question: -1}
	w.Lesson = w.Lesson.For(w.Story)
	w.columns = text.NewColumns(w.Story, w.Lesson)
	for i, stop := range w.columns.Stops() {
		if stop.Kind == text.StopPrediction {
			w.question = i
		}
	}
	return w
}

// here is the stop where the reader stands.
func (w *walk) here() text.Stop { return w.columns.Stops()[w.stop] }

// goTo goes to a stop, to the nearest end if there is none such.
func (w *walk) goTo(stop int) {
	w.stop, w.ahead = min(max(stop, 0), len(w.columns.Stops())-1), 0
	w.passed = w.passed || w.question >= 0 && w.stop > w.question
}

// goAhead goes so many events further from a step, or back towards it: while the question is open,
// not as far as what decides it.
func (w *walk) goAhead(by int) {
	most := w.columns.Ahead(w.stop)
	if w.open() {
		most = w.columns.AheadBefore(w.stop, w.question+1)
	}
	w.ahead = min(max(w.ahead+by, 0), most)
}

// place is where the reader stands.
func (w *walk) place() text.Place { return text.Place{Stop: w.stop, Ahead: w.ahead} }

// open is true until the question is answered, or the reader has seen what came: until then nothing
// is shown that lies behind it.
func (w *walk) open() bool { return w.question >= 0 && !w.revealed && !w.passed }

// last is the last stop that the reader may see from here.
func (w *walk) last() int {
	if w.open() {
		return w.question
	}
	return len(w.columns.Stops()) - 1
}

// asks is true where the reader is asked for a prediction that was not answered yet.
func (w *walk) asks() bool {
	return w.here().Kind == text.StopPrediction && !w.revealed
}

// chooses is true where the reader is asked to choose an answer.
func (w *walk) chooses() bool { return w.asks() && len(w.Lesson.Choices) > 0 }

// choose takes a choice, the nearest one there is.
func (w *walk) choose(choice int) {
	w.choice = min(max(choice, 0), len(w.Lesson.Choices)-1)
	w.guess = text.ChoiceMark(w.choice) + w.Lesson.Choices[w.choice].Text
}
