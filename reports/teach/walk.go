package teach

import "sandcastle/reports/text"

// walk is one run that is walked through, and where the reader stands in it.
type walk struct {
	Run
	columns *text.Columns

	stop     int // index into columns.Stops
	ahead    int // so many events after it
	guess    string
	revealed bool // the answer was shown before its time
}

func newWalk(r *Run) *walk {
	w := &walk{Run: *r}
	if len(w.Story.Run.Set) > 0 { // what the lesson asks is asked of it as it is written
		w.Lesson.Question, w.Lesson.Answer = "", ""
	}
	w.columns = text.NewColumns(w.Story, w.Lesson)
	return w
}

// here is the stop where the reader stands.
func (w *walk) here() text.Stop { return w.columns.Stops()[w.stop] }

// goTo goes to a stop, to the nearest end if there is none such.
func (w *walk) goTo(stop int) {
	w.stop, w.ahead = min(max(stop, 0), len(w.columns.Stops())-1), 0
}

// goAhead goes so many events further from a step, or back towards it.
func (w *walk) goAhead(by int) {
	w.ahead = min(max(w.ahead+by, 0), w.columns.Ahead(w.stop))
}

// place is where the reader stands.
func (w *walk) place() text.Place { return text.Place{Stop: w.stop, Ahead: w.ahead} }

// asks is true where the reader is asked for a prediction that was not answered yet.
func (w *walk) asks() bool {
	return w.here().Kind == text.StopPrediction && !w.revealed
}
