package reports

import (
	"fmt"
	"strings"
)

// PlainStory tells a run from its claim to the lesson's answer, for a file or a pipe: every step
// with the way to it as columns. No line is wider than width, and what comes after it is the
// verdict (VerdictLines).
func PlainStory(s *Story, lesson Lesson, width int) []string {
	c := NewColumns(s, lesson)
	const rows = 10
	lesson = lesson.of(s)
	out := c.Introduction(lesson, width)
	for i, stop := range c.Stops() {
		switch stop.Kind {
		case StopPrediction:
			out = append(out, "")
			out = append(out, Labelled("predict", lesson.Question, width)...)
			out = append(out, Labelled("", "Think of an answer before you read on. The lesson's own stands "+
				"at the end.", width)...)
		case StopStep:
			out = append(out, "", fmt.Sprintf("── step %d of %d ", stop.Step, c.Steps()))
			out[len(out)-1] += strings.Repeat("─", max(0, width-TextWidth(out[len(out)-1])))
			out = append(out, Wrap(StepSentence(stop.Moment), width)...)
			if stop.Moment.Say != "" {
				for _, line := range Wrap(stop.Moment.Say, width-2) {
					out = append(out, "│ "+line)
				}
			}
			if hurt := c.Faults(Place{Stop: i}); hurt != "" {
				out = append(out, Wrap("Faults now: "+hurt+".", width)...)
			}
			if width >= ColumnsLeast {
				out = append(out, "")
				for _, line := range c.Draw(Place{Stop: i}, width, rows) {
					out = append(out, line.String())
				}
			}
		}
	}
	out = append(out, "")
	if lesson.Answer != "" {
		out = append(out, Labelled("answer", lesson.Answer, width)...)
	}
	return out
}

// of is what the lesson says of a run: one with other settings is not what its question is about.
func (l Lesson) of(s *Story) Lesson {
	if len(s.Run.Set) > 0 {
		l.Question, l.Answer, l.Knob = "", "", Knob{}
	}
	return l
}

// Introduction says what the story is about: the claim, why, who takes part.
func (c *Columns) Introduction(lesson Lesson, width int) []string {
	run := &c.story.Run
	out := Labelled("lesson", fmt.Sprintf("%s, seed %d", run.Scenario, run.Seed), width)
	for _, set := range run.Set {
		out = append(out, Labelled("set", set, width)...)
	}
	out = append(out, Labelled("claim", run.Claim, width)...)
	for i, p := range paragraphs(lesson.Why) {
		name := "why"
		if i > 0 {
			name = ""
		}
		out = append(out, Labelled(name, p, width)...)
	}
	if width < ColumnsLeast {
		return out
	}
	return append(out, Labelled("columns", c.Legend(width), width)...)
}

// Legend says which column is whose and what the signs mean.
func (c *Columns) Legend(width int) string {
	l := c.layout(width, nil)
	var names []string
	for _, lane := range l.lanes {
		if full := string(c.story.Diagram.Lanes[lane.lane].Node); full != lane.name {
			names = append(names, lane.name+" "+full)
		}
	}
	text := ""
	if len(names) > 0 {
		text = strings.Join(names, ", ") + "; "
	}
	text += "▶ a message, ✗ a fault or a message lost, ◆ a change, · dead, ╎ paused, " +
		"* the controller, ⋮ something left out"
	if missing := l.missing(width); missing != "" {
		text += "; " + missing
	}
	return text + "."
}

// StepSentence says what happened in a step, and when.
func StepSentence(m *Moment) string {
	return seconds(m.At, 3) + ": " + m.subject() + strings.TrimRight(m.Sentence(), ".") + "."
}

// subject is who a moment is about, as its sentence begins.
func (m *Moment) subject() string {
	switch m.Where {
	case "world":
		return ""
	case "network":
		return "the network: "
	default:
		return m.Where + " "
	}
}

// VerdictLines say what the checks made of the run: the verdict, and what was found.
func VerdictLines(s *Story, width int) []string {
	v := viewVerdict(&s.Run)
	text := v.Word + ". " + v.Meaning
	if s.Run.Reason != "" {
		text += " " + asSentence(s.Run.Reason)
	}
	out := Labelled("verdict", text, width)
	for _, f := range s.Run.Findings {
		f := viewFinding(f, s.Run.Expected)
		text := f.Anomaly + ", " + f.Count
		if f.Expected {
			text += ", as expected"
		}
		text += ". " + f.Meaning
		if f.Explanation != "" {
			text = strings.TrimSpace(text) + " " + f.Explanation
		}
		out = append(out, Labelled("found", text, width)...)
	}
	return out
}

const labelWidth = 10

// Labelled is text under a name in the margin.
func Labelled(name, text string, width int) []string {
	lines := Wrap(text, max(width-labelWidth, 10))
	for i := range lines {
		if i > 0 {
			name = ""
		}
		lines[i] = fmt.Sprintf("%-*s%s", labelWidth, name, lines[i])
	}
	return lines
}
