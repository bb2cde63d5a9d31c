package teach

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sandcastle/reports"
)

// A terminal smaller than this shows nothing of use.
const (
	screenLeastWidth  = 40
	screenLeastHeight = 12
)

// View implements tea.Model.
func (t *teacher) View() tea.View {
	v := tea.NewView(strings.Join(t.screen(), "\n"))
	v.AltScreen = true
	return v
}

// screen is exactly as many lines as the terminal has.
func (t *teacher) screen() []string {
	if t.width < screenLeastWidth || t.height < screenLeastHeight {
		return []string{fmt.Sprintf("%d×%d is too small: %d×%d, please; q quits", t.width, t.height,
			screenLeastWidth, screenLeastHeight)}
	}
	lines := t.header()
	foot := t.footer()
	room := t.height - len(lines) - len(foot)
	lines = append(append(lines, t.body(room)...), foot...)
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = inked(l)
		if t.ascii {
			out[i] = ASCII(out[i])
		}
	}
	return out
}

// header is the lesson's name and where the reader stands, with a rule that shows the way gone.
func (t *teacher) header() []reports.Line {
	w := t.walk
	where := ""
	switch stop := w.here(); stop.Kind {
	case reports.StopIntroduction:
		where = fmt.Sprintf("introduction · %d steps", w.columns.Steps())
	case reports.StopPrediction:
		where = fmt.Sprintf("predict · before step %d of %d", stop.Step, w.columns.Steps())
	case reports.StopStep:
		where = fmt.Sprintf("step %d of %d", stop.Step, w.columns.Steps())
		if w.ahead > 0 {
			where += fmt.Sprintf(" · %d further", w.ahead)
		}
	case reports.StopVerdict:
		where = "verdict"
	}
	name := w.Story.Run.Scenario
	if w == t.changed {
		name += " with " + strings.Join(w.Story.Run.Set, " ")
	}
	name = reports.Fit(name, t.width-reports.TextWidth(where)-2)
	gap := strings.Repeat(" ", t.width-reports.TextWidth(name)-reports.TextWidth(where))
	stops := len(w.columns.Stops())
	gone := t.width * (w.stop + 1) / stops
	return []reports.Line{
		{{Text: name, Ink: reports.InkStrong}, {Text: gap + where}},
		{{Text: strings.Repeat("━", gone), Ink: reports.InkStrong},
			{Text: strings.Repeat("─", t.width-gone), Ink: reports.InkFaint}},
	}
}

// body is what lies between header and footer, in exactly room lines.
func (t *teacher) body(room int) []reports.Line {
	var lines []reports.Line
	switch t.over {
	case overHelp:
		lines = t.scrolled(t.helpPage(), room)
	case overState:
		lines = t.scrolled(t.statePage(), room)
	case overJump:
		lines = t.jumpPage(room)
	case overKnob:
		lines = t.scrolled(t.knobPage(), room)
	default:
		switch t.walk.here().Kind {
		case reports.StopIntroduction:
			lines = t.scrolled(aired(t.introduction(), room), room)
		case reports.StopPrediction:
			lines = t.scrolled(t.prediction(), room)
		case reports.StopVerdict:
			lines = t.scrolled(aired(t.verdict(), room), room)
		default:
			lines = t.step(room)
		}
	}
	for len(lines) < room {
		lines = append(lines, nil)
	}
	return lines[:room]
}

// scrolled is the part of a text that the reader has scrolled to, with a last line that says that
// there is more.
func (t *teacher) scrolled(lines []reports.Line, room int) []reports.Line {
	if len(lines) <= room {
		t.scroll = 0
		return lines
	}
	t.scroll = min(t.scroll, len(lines)-room+1)
	lines = lines[t.scroll:]
	if len(lines) < room {
		return lines
	}
	more := fmt.Sprintf("↓ %d more lines", len(lines)-room+1)
	return append(lines[:room-1:room-1], reports.Line{{Text: more, Ink: reports.InkFaint}})
}

// step draws the way to a step and says below it what happened.
func (t *teacher) step(room int) []reports.Line {
	w := t.walk
	if t.width < reports.ColumnsLeast {
		return t.inWords(2 * room)
	}
	words := t.inWords(room)
	height := room - len(words) - 1
	lines := w.columns.Draw(w.place(), t.width, height)
	for len(lines) < height {
		lines = append(lines, nil)
	}
	lines = append(lines, plain(reports.InkFaint, strings.Repeat("─", t.width))...)
	return append(lines, words...)
}

// inWords is what a step says in words: what happened, what the lesson says of it, what the node
// knows now, which faults last. It takes at most half of the room, and at least a few lines, so
// that the drawing above it stays where it is.
func (t *teacher) inWords(room int) []reports.Line {
	const least = 4
	w := t.walk
	m := w.here().Moment
	sentence, say, who := reports.StepSentence(m), m.Say, m.Where
	if w.ahead > 0 {
		sentence, say, who = w.columns.Words(w.place()), "", "the node"
	}
	lines := plain(reports.InkStrong, reports.Wrap(sentence, t.width)...)
	for _, line := range reports.Wrap(say, t.width-2) {
		lines = append(lines, reports.Line{{Text: "│ ", Ink: reports.InkChange}, {Text: line}})
	}
	if changes := w.columns.Changes(w.place()); len(changes) > 0 {
		var texts []string
		for _, f := range changes {
			texts = append(texts, f.Key+": "+f.Value)
		}
		text := who + " now has " + strings.Join(texts, "; ")
		lines = append(lines, plain(reports.InkPlain, reports.Wrap(text, t.width)...)...)
	}
	if faults := w.columns.Faults(w.place()); faults != "" {
		text := reports.Wrap("faults now: "+faults, t.width)
		lines = append(lines, plain(reports.InkFault, text...)...)
	}
	if t.width < reports.ColumnsLeast {
		text := reports.Wrap(fmt.Sprintf("The columns need a terminal of %d cells; this one has %d.",
			reports.ColumnsLeast, t.width), t.width)
		lines = append(append(lines, nil), plain(reports.InkFaint, text...)...)
	}
	for len(lines) < least {
		lines = append(lines, nil)
	}
	return lines[:min(len(lines), max(room/2, least))]
}

// footer is the keys that matter here.
func (t *teacher) footer() []reports.Line {
	text := t.keysHere()
	for len(text) > 1 && reports.TextWidth(strings.Join(text, "  ")) > t.width {
		text = append(text[:len(text)-2], text[len(text)-1]) // the last one is the way out
	}
	return []reports.Line{
		{{Text: strings.Repeat("─", t.width), Ink: reports.InkFaint}},
		{{Text: reports.Fit(strings.Join(text, "  "), t.width), Ink: reports.InkFaint}},
	}
}

func (t *teacher) keysHere() []string {
	switch {
	case t.over == overKnob && t.typing:
		return []string{"Enter play", "Ctrl-U clear", "Esc back", "Ctrl-C quit"}
	case t.over == overKnob && t.knob.phase == knobCompares:
		return []string{
			"Enter walk through the changed run",
			"k another setting",
			"↑↓ scroll",
			"Esc back",
			"q quit",
		}
	case t.over == overJump:
		return []string{"↑↓ choose", "Enter go there", "Esc back", "q quit"}
	case t.over != overNothing:
		return []string{"↑↓ scroll", "Esc back", "q quit"}
	case t.typing:
		return []string{
			"Enter shows the answer",
			"→ go on and see",
			"← back",
			"Esc keys",
			"Ctrl-C quit",
		}
	}
	keys := []string{"Space → next", "← back", "? keys", "j jump", "s state", "k knob"}
	if t.walk.here().Kind == reports.StopStep {
		keys = append(keys, "↓ message")
	}
	if t.changed != nil {
		keys = append(keys, "Tab other run")
	}
	return append(keys, "q quit")
}
