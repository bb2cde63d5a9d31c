package teach

import (
	"fmt"
	"strings"

	"sandcastle/reports/prose"
	"sandcastle/reports/text"
)

// introduction says what the story is about and how to read it.
func (t *teacher) introduction() []text.Line {
	lines := plain(text.InkPlain, t.walk.columns.Introduction(t.walk.Lesson, t.width)...)
	return append(lines, plain(text.InkFaint, "", "Space begins.")...)
}

// aired puts an empty line before every part of a page if there is room for all of them. A part
// begins where something stands in the margin.
func aired(lines []text.Line, room int) []text.Line {
	var out []text.Line
	for i, l := range lines {
		printed := l.String()
		if i > 0 && printed != "" && printed[0] != ' ' && len(out[len(out)-1]) > 0 &&
			out[len(out)-1].String() != "" {
			out = append(out, nil)
		}
		out = append(out, l)
	}
	if len(out) > room {
		return lines
	}
	return out
}

// prediction asks, and shows the lesson's answer beside the reader's once it is revealed.
func (t *teacher) prediction() []text.Line {
	w := t.walk
	lines := plain(text.InkPlain, "", "What do you expect?", "")
	lines = append(lines, plain(text.InkStrong, text.Wrap(w.Lesson.Question, t.width)...)...)
	lines = append(lines, nil)
	lines = append(lines, t.choices()...)
	switch {
	case w.revealed:
	case w.chooses():
		return lines
	case !t.typing:
		return append(lines, plain(text.InkPlain, "> "+text.Fit(w.guess, t.width-2))...)
	default:
		t.input.SetWidth(t.width - 4)
		return append(lines, plain(text.InkDrawn, t.input.View())...)
	}
	guess := w.guess
	if strings.TrimSpace(guess) == "" {
		guess = "(you thought it to yourself)"
	}
	lines = append(lines, plain(text.InkPlain, text.Labelled("you", guess, t.width)...)...)
	answer := text.Labelled("answer", text.RightChoice(w.Lesson)+w.Lesson.Answer, t.width)
	lines = append(append(lines, nil), plain(text.InkStrong, answer...)...)
	return append(lines, plain(text.InkFaint, "", "Go on and see it happen.")...)
}

// choices are the answers to choose from, the chosen one marked; once the answer is shown, the
// right one too.
func (t *teacher) choices() []text.Line {
	w := t.walk
	var lines []text.Line
	for i, c := range w.Lesson.Choices {
		mark, ink := "  ", text.InkPlain
		if i == w.choice {
			mark, ink = "▸ ", text.InkStrong
		}
		sign := ""
		if w.revealed && c.Right {
			sign = " ✓"
		} else if w.revealed && i == w.choice {
			sign = " ✗"
		}
		mark += text.ChoiceMark(i)
		for _, words := range text.Wrap(c.Text+sign, t.width-text.TextWidth(mark)) {
			lines = append(lines, text.Line{{Text: mark + words, Ink: ink}})
			mark = strings.Repeat(" ", text.TextWidth(mark))
		}
	}
	if len(lines) > 0 {
		lines = append(lines, nil)
	}
	return lines
}

// verdict says what the checks made of the run, and where to go from here.
func (t *teacher) verdict() []text.Line {
	w := t.walk
	var lines []text.Line
	add := func(ink text.Ink, name, words string) {
		if words != "" {
			lines = append(lines, plain(ink, text.Labelled(name, words, t.width)...)...)
		}
	}
	if w.Lesson.Question != "" {
		add(text.InkPlain, "question", w.Lesson.Question)
		add(text.InkPlain, "you", w.guess)
		add(text.InkStrong, "answer", text.RightChoice(w.Lesson)+w.Lesson.Answer)
		for _, line := range text.Explained(w.Lesson, t.width) {
			lines = append(lines, text.Line{{Text: line}})
		}
		lines = append(lines, nil)
	}
	add(text.InkPlain, "claim", w.Story.Run.Claim)
	for _, line := range text.VerdictLines(w.Story, t.width) {
		lines = append(lines, text.Line{{Text: line}})
	}
	lines = append(lines, nil)
	if k := w.Lesson.Knob; len(k.Set) > 0 && w == t.written {
		add(text.InkStrong, "try this", k.Question+" Press k.")
	}
	for i, kin := range w.Kin {
		add(text.InkPlain, [...]string{"twin", ""}[min(i, 1)], kin)
	}
	add(text.InkPlain, "again", text.Command(&w.Story.Run))
	add(text.InkPlain, "report", w.Report)
	return lines
}

// helpPage lists the keys and the signs.
func (t *teacher) helpPage() []text.Line {
	lines := plain(text.InkStrong, "Keys")
	for _, b := range bindings() {
		if b.names != "" {
			names := fmt.Sprintf("%-*s", min(28, t.width/2), "  "+b.names)
			lines = append(lines, text.Line{
				{Text: text.Fit(names, t.width), Ink: text.InkStrong},
				{Text: text.Fit(" "+b.what, max(t.width-text.TextWidth(names), 0))},
			})
		}
	}
	lines = append(append(lines, nil), plain(text.InkStrong, "Columns")...)
	for _, line := range text.Wrap(t.walk.columns.Legend(t.width), t.width-2) {
		lines = append(lines, text.Line{{Text: "  " + line}})
	}
	return append(lines, t.wordsPage()...)
}

// wordsPage is the glossary, as on the page of a run.
func (t *teacher) wordsPage() []text.Line {
	lines := append([]text.Line{nil}, plain(text.InkStrong, "Words")...)
	for _, term := range prose.Glossary() {
		lines = append(lines, plain(text.InkStrong, "  "+term.Name)...)
		for _, line := range text.Wrap(term.Meaning, t.width-6) {
			lines = append(lines, text.Line{{Text: "    " + line}})
		}
	}
	return lines
}

// statePage is what every node knows at this moment; what has just changed is strong.
func (t *teacher) statePage() []text.Line {
	w := t.walk
	lines := plain(text.InkStrong, "What every node knows at this moment")
	for _, n := range w.columns.Facts(w.place()) {
		lines = append(lines, nil, text.Line{{Text: string(n.Node), Ink: text.InkStrong}})
		for _, f := range n.Facts {
			ink, mark := text.InkPlain, "  "
			if f.Changed {
				ink, mark = text.InkChange, "▸ "
			}
			lines = append(lines, plain(ink, text.Fit(mark+f.Key+": "+f.Value, t.width))...)
		}
	}
	if len(lines) == 1 {
		return append(
			lines,
			plain(text.InkPlain, "", "Nothing yet: the story has not begun.")...)
	}
	return lines
}

// jumpPage is the list of stops around the chosen one.
func (t *teacher) jumpPage(room int) []text.Line {
	stops := t.walk.columns.Stops()
	lines := plain(text.InkStrong, "Jump to")
	room--
	if last := t.walk.last() + 1; last < len(stops) {
		stops = stops[:last]
		room--
	}
	from := min(max(t.choice-room/2, 0), max(len(stops)-room, 0))
	for i := from; i < min(from+room, len(stops)); i++ {
		label := "introduction"
		switch stop := stops[i]; stop.Kind {
		case text.StopPrediction:
			label = "predict: " + t.walk.Lesson.Question
		case text.StopStep:
			label = fmt.Sprintf("%2d  %s", stop.Step, text.StepSentence(stop.Moment))
		case text.StopVerdict:
			label = "verdict"
		}
		mark, ink := "  ", text.InkPlain
		if i == t.choice {
			mark, ink = "▸ ", text.InkStrong
		}
		lines = append(lines, plain(ink, text.Fit(mark+label, t.width))...)
	}
	if len(stops) < len(t.walk.columns.Stops()) {
		lines = append(lines, plain(text.InkFaint, "  what follows is hidden until you have answered")...)
	}
	return lines
}

// knobPage asks before the changed lesson is played, and compares afterwards.
func (t *teacher) knobPage() []text.Line {
	if t.written.open() {
		return plain(text.InkPlain, text.Wrap("Answer the lesson's question first: what another setting "+
			"does would give its answer away. G goes to the end without an answer.", t.width)...)
	}
	k := t.written.Lesson.Knob
	question := k.Question
	if question == "" {
		question = "This lesson names no knob of its own. Which setting do you want to change?"
	}
	lines := plain(text.InkStrong, text.Wrap(question, t.width)...)
	lines = append(lines, nil)
	switch t.knob.phase {
	case knobPlays:
		return append(
			lines,
			plain(text.InkPlain, "Playing with "+strings.Join(t.knob.set, " ")+" …")...)
	case knobCompares:
		return append(lines, t.results()...)
	}
	if k.Moves != "" {
		lines = append(lines, plain(text.InkPlain, text.Wrap(
			"Change this and play again, then look at the number "+k.Moves+":", t.width)...)...)
	}
	t.input.SetWidth(t.width - 4)
	lines = append(append(lines, nil), plain(text.InkDrawn, t.input.View())...)
	if t.knob.err != nil {
		lines = append(lines, nil)
		for _, line := range strings.Split(t.knob.err.Error(), "\n") {
			lines = append(lines, plain(text.InkFault, text.Wrap(line, t.width)...)...)
		}
	}
	command := text.CommandWith(&t.written.Story.Run, settingsOf(t.input.Value()))
	lines = append(append(lines, nil), plain(text.InkFaint, "The same from a command line:")...)
	return append(lines, plain(text.InkFaint, text.Wrap(command, t.width)...)...)
}

// results are both runs side by side.
func (t *teacher) results() []text.Line {
	moves := t.written.Lesson.Knob.Moves
	lines := text.Comparison(t.written.Story, t.changed.Story, moves, t.width)
	lines = append(lines, nil)
	command := text.CommandWith(&t.written.Story.Run, t.knob.set)
	return append(lines, plain(text.InkFaint, text.Labelled("again", command, t.width)...)...)
}
