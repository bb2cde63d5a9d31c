package teach

import (
	"fmt"
	"strings"

	"sandcastle/reports"
)

// introduction says what the story is about and how to read it.
func (t *teacher) introduction() []reports.Line {
	lines := plain(reports.InkPlain, t.walk.columns.Introduction(t.walk.Lesson, t.width)...)
	return append(lines, plain(reports.InkFaint, "", "Space begins.")...)
}

// aired puts an empty line before every part of a page if there is room for all of them. A part
// begins where something stands in the margin.
func aired(lines []reports.Line, room int) []reports.Line {
	var out []reports.Line
	for i, l := range lines {
		text := l.String()
		if i > 0 && text != "" && text[0] != ' ' && len(out[len(out)-1]) > 0 &&
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
func (t *teacher) prediction() []reports.Line {
	w := t.walk
	lines := plain(reports.InkPlain, "", "What do you expect?", "")
	lines = append(lines, plain(reports.InkStrong, reports.Wrap(w.Lesson.Question, t.width)...)...)
	lines = append(lines, nil)
	if !w.revealed {
		if !t.typing {
			return append(lines, plain(reports.InkPlain, "> "+reports.Fit(w.guess, t.width-2))...)
		}
		t.input.SetWidth(t.width - 4)
		return append(lines, plain(reports.InkPlain, t.input.View())...)
	}
	guess := w.guess
	if strings.TrimSpace(guess) == "" {
		guess = "(you thought it to yourself)"
	}
	lines = append(lines, plain(reports.InkPlain, reports.Labelled("you", guess, t.width)...)...)
	answer := reports.Labelled("answer", w.Lesson.Answer, t.width)
	lines = append(append(lines, nil), plain(reports.InkStrong, answer...)...)
	return append(lines, plain(reports.InkFaint, "", "Go on and see it happen.")...)
}

// verdict says what the checks made of the run, and where to go from here.
func (t *teacher) verdict() []reports.Line {
	w := t.walk
	var lines []reports.Line
	add := func(ink reports.Ink, name, text string) {
		if text != "" {
			lines = append(lines, plain(ink, reports.Labelled(name, text, t.width)...)...)
		}
	}
	if w.Lesson.Question != "" {
		add(reports.InkPlain, "question", w.Lesson.Question)
		add(reports.InkPlain, "you", w.guess)
		add(reports.InkStrong, "answer", w.Lesson.Answer)
		lines = append(lines, nil)
	}
	add(reports.InkPlain, "claim", w.Story.Run.Claim)
	for _, line := range reports.VerdictLines(w.Story, t.width) {
		lines = append(lines, reports.Line{{Text: line}})
	}
	lines = append(lines, nil)
	if k := w.Lesson.Knob; len(k.Set) > 0 && w == t.written {
		add(reports.InkStrong, "try this", k.Question+" Press k.")
	}
	for i, kin := range w.Kin {
		add(reports.InkPlain, [...]string{"twin", ""}[min(i, 1)], kin)
	}
	add(reports.InkPlain, "again", reports.Command(&w.Story.Run))
	add(reports.InkPlain, "report", w.Report)
	return lines
}

// helpPage lists the keys and the signs.
func (t *teacher) helpPage() []reports.Line {
	lines := plain(reports.InkStrong, "Keys")
	for _, b := range bindings() {
		if b.names != "" {
			names := fmt.Sprintf("%-*s", min(28, t.width/2), "  "+b.names)
			lines = append(lines, reports.Line{
				{Text: reports.Fit(names, t.width), Ink: reports.InkStrong},
				{Text: reports.Fit(" "+b.what, max(t.width-reports.TextWidth(names), 0))},
			})
		}
	}
	lines = append(append(lines, nil), plain(reports.InkStrong, "Columns")...)
	for _, line := range reports.Wrap(t.walk.columns.Legend(t.width), t.width-2) {
		lines = append(lines, reports.Line{{Text: "  " + line}})
	}
	return lines
}

// statePage is what every node knows at this moment; what has just changed is strong.
func (t *teacher) statePage() []reports.Line {
	w := t.walk
	lines := plain(reports.InkStrong, "What every node knows at this moment")
	for _, n := range w.columns.Facts(w.place()) {
		lines = append(lines, nil, reports.Line{{Text: string(n.Node), Ink: reports.InkStrong}})
		for _, f := range n.Facts {
			ink, mark := reports.InkPlain, "  "
			if f.Changed {
				ink, mark = reports.InkChange, "▸ "
			}
			lines = append(lines, plain(ink, reports.Fit(mark+f.Key+": "+f.Value, t.width))...)
		}
	}
	if len(lines) == 1 {
		return append(
			lines,
			plain(reports.InkPlain, "", "Nothing yet: the story has not begun.")...)
	}
	return lines
}

// jumpPage is the list of stops around the chosen one.
func (t *teacher) jumpPage(room int) []reports.Line {
	stops := t.walk.columns.Stops()
	lines := plain(reports.InkStrong, "Jump to")
	room--
	from := min(max(t.choice-room/2, 0), max(len(stops)-room, 0))
	for i := from; i < min(from+room, len(stops)); i++ {
		text := "introduction"
		switch stop := stops[i]; stop.Kind {
		case reports.StopPrediction:
			text = "predict: " + t.walk.Lesson.Question
		case reports.StopStep:
			text = fmt.Sprintf("%2d  %s", stop.Step, reports.StepSentence(stop.Moment))
		case reports.StopVerdict:
			text = "verdict"
		}
		mark, ink := "  ", reports.InkPlain
		if i == t.choice {
			mark, ink = "▸ ", reports.InkStrong
		}
		lines = append(lines, plain(ink, reports.Fit(mark+text, t.width))...)
	}
	return lines
}

// knobPage asks before the changed lesson is played, and compares afterwards.
func (t *teacher) knobPage() []reports.Line {
	k := t.written.Lesson.Knob
	question := k.Question
	if question == "" {
		question = "This lesson names no knob of its own. Which setting do you want to change?"
	}
	lines := plain(reports.InkStrong, reports.Wrap(question, t.width)...)
	lines = append(lines, nil)
	switch t.knob.phase {
	case knobPlays:
		return append(
			lines,
			plain(reports.InkPlain, "Playing with "+strings.Join(t.knob.set, " ")+" …")...)
	case knobCompares:
		return append(lines, t.results()...)
	}
	if k.Moves != "" {
		lines = append(lines, plain(reports.InkPlain, reports.Wrap(
			"Change this and play again, then look at the number "+k.Moves+":", t.width)...)...)
	}
	t.input.SetWidth(t.width - 4)
	lines = append(append(lines, nil), plain(reports.InkPlain, t.input.View())...)
	if t.knob.err != nil {
		lines = append(lines, nil)
		for _, line := range strings.Split(t.knob.err.Error(), "\n") {
			lines = append(lines, plain(reports.InkFault, reports.Wrap(line, t.width)...)...)
		}
	}
	command := reports.CommandWith(&t.written.Story.Run, settingsOf(t.input.Value()))
	lines = append(append(lines, nil), plain(reports.InkFaint, "The same from a command line:")...)
	return append(lines, plain(reports.InkFaint, reports.Wrap(command, t.width)...)...)
}

// results are both runs side by side.
func (t *teacher) results() []reports.Line {
	moves := t.written.Lesson.Knob.Moves
	lines := reports.Comparison(t.written.Story, t.changed.Story, moves, t.width)
	lines = append(lines, nil)
	command := reports.CommandWith(&t.written.Story.Run, t.knob.set)
	return append(lines, plain(reports.InkFaint, reports.Labelled("again", command, t.width)...)...)
}
