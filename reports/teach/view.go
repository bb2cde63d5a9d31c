package teach

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sandcastle/reports/text"
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
func (t *teacher) header() []text.Line {
	w := t.walk
	where := ""
	switch stop := w.here(); stop.Kind {
	case text.StopIntroduction:
		where = fmt.Sprintf("introduction · %d steps", w.columns.Steps())
	case text.StopPrediction:
		where = fmt.Sprintf("predict · before step %d of %d", stop.Step, w.columns.Steps())
	case text.StopStep:
		where = fmt.Sprintf("step %d of %d", stop.Step, w.columns.Steps())
		if w.ahead > 0 {
			where += fmt.Sprintf(" · %d further", w.ahead)
		}
	case text.StopVerdict:
		where = "verdict"
	}
	name := w.Story.Run.Scenario
	if w == t.changed {
		name += " with " + strings.Join(w.Story.Run.Set, " ")
	}
	name = text.Fit(name, t.width-text.TextWidth(where)-2)
	gap := strings.Repeat(" ", t.width-text.TextWidth(name)-text.TextWidth(where))
	stops := len(w.columns.Stops())
	gone := t.width * (w.stop + 1) / stops
	return []text.Line{
		{{Text: name, Ink: text.InkStrong}, {Text: gap + where}},
		{{Text: strings.Repeat("━", gone), Ink: text.InkStrong},
			{Text: strings.Repeat("─", t.width-gone), Ink: text.InkFaint}},
	}
}

// body is what lies between header and footer, in exactly room lines.
func (t *teacher) body(room int) []text.Line {
	var lines []text.Line
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
		case text.StopIntroduction:
			lines = t.scrolled(aired(t.introduction(), room), room)
		case text.StopPrediction:
			lines = t.scrolled(t.prediction(), room)
		case text.StopVerdict:
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
func (t *teacher) scrolled(lines []text.Line, room int) []text.Line {
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
	return append(lines[:room-1:room-1], text.Line{{Text: more, Ink: text.InkFaint}})
}

// step draws the way to a step and says below it what happened.
func (t *teacher) step(room int) []text.Line {
	w := t.walk
	if t.width < text.ColumnsLeast {
		return t.inWords(2 * room)
	}
	words := t.inWords(room)
	height := room - len(words) - 1
	lines := w.columns.Draw(w.place(), t.width, height)
	for len(lines) < height {
		lines = append(lines, nil)
	}
	lines = append(lines, plain(text.InkFaint, strings.Repeat("─", t.width))...)
	return append(lines, words...)
}

// inWords is what a step says in words: what happened, what the lesson says of it, what the node
// knows now, which faults last. It takes at most half of the room, and at least a few lines, so
// that the drawing above it stays where it is.
func (t *teacher) inWords(room int) []text.Line {
	const least = 4
	w := t.walk
	m := w.here().Moment
	sentence, say, who := text.StepSentence(m), m.Say, m.Where
	if w.ahead > 0 {
		sentence, say, who = w.columns.Words(w.place()), "", "the node"
	}
	lines := plain(text.InkStrong, text.Wrap(sentence, t.width)...)
	for _, line := range text.Wrap(say, t.width-2) {
		lines = append(lines, text.Line{{Text: "│ ", Ink: text.InkChange}, {Text: line}})
	}
	if changes := w.columns.Changes(w.place()); len(changes) > 0 {
		var texts []string
		for _, f := range changes {
			texts = append(texts, f.Key+": "+f.Value)
		}
		known := who + " now: " + strings.Join(texts, "; ")
		lines = append(lines, plain(text.InkPlain, text.Wrap(known, t.width)...)...)
	}
	if faults := w.columns.Faults(w.place()); faults != "" {
		words := text.Wrap("faults now: "+faults, t.width)
		lines = append(lines, plain(text.InkFault, words...)...)
	}
	if t.width < text.ColumnsLeast {
		words := text.Wrap(fmt.Sprintf("The columns need a terminal of %d cells; this one has %d.",
			text.ColumnsLeast, t.width), t.width)
		lines = append(append(lines, nil), plain(text.InkFaint, words...)...)
	}
	for len(lines) < least {
		lines = append(lines, nil)
	}
	return lines[:min(len(lines), max(room/2, least))]
}

// footer is the keys that matter here.
func (t *teacher) footer() []text.Line {
	keys := t.keysHere()
	for len(keys) > 1 && text.TextWidth(strings.Join(keys, "  ")) > t.width {
		keys = append(keys[:len(keys)-2], keys[len(keys)-1]) // the last one is the way out
	}
	return []text.Line{
		{{Text: strings.Repeat("─", t.width), Ink: text.InkFaint}},
		{{Text: text.Fit(strings.Join(keys, "  "), t.width), Ink: text.InkFaint}},
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
	case t.walk.chooses():
		return []string{
			"↑↓ or a letter choose",
			"Enter shows the answer",
			"→ go on and see",
			"← back",
			"q quit",
		}
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
	if t.walk.here().Kind == text.StopStep {
		keys = append(keys, "↓ message")
	}
	if t.changed != nil {
		keys = append(keys, "Tab other run")
	}
	return append(keys, "q quit")
}
