package text

import (
	"fmt"
	"strings"

	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// Story tells a run from its question to the lesson's answer, for a file or a pipe: every step
// with the way to it as columns. No line is wider than width, and what comes after it is the
// verdict (VerdictLines).
func Story(s *digest.Story, lesson digest.Lesson, width int) []string {
	c := NewColumns(s, lesson)
	const rows = 10
	lesson = lesson.For(s)
	out := c.Introduction(lesson, width)
	for i, stop := range c.Stops() {
		switch stop.Kind {
		case StopPrediction:
			out = append(out, "")
			out = append(out, Labelled("predict", lesson.Question, width)...)
			for i, c := range lesson.Choices {
				out = append(out, Labelled("", ChoiceMark(i)+c.Text, width)...)
			}
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
	if !lesson.Asks() {
		return out
	}
	out = append(out, Labelled("answer", RightChoice(lesson)+lesson.Answer, width)...)
	out = append(out, Labelled("claim", s.Run.Claim, width)...)
	return append(out, Explained(lesson, width)...)
}

// ChoiceMark stands before the i-th choice: "a) ".
func ChoiceMark(i int) string { return string(rune('a'+i)) + ") " }

// RightChoice names the choice that is right, before the answer: "b) ", "" if there are none.
func RightChoice(lesson digest.Lesson) string {
	for i, c := range lesson.Choices {
		if c.Right {
			return ChoiceMark(i)
		}
	}
	return ""
}

// Explained is what the lesson explains once its question is answered.
func Explained(lesson digest.Lesson, width int) []string {
	return labelledParagraphs("because", lesson.Explain, width)
}

func labelledParagraphs(name, text string, width int) (out []string) {
	for i, p := range prose.Paragraphs(text) {
		if i > 0 {
			name = ""
		}
		out = append(out, Labelled(name, p, width)...)
	}
	return out
}

// Introduction says what the story is about: the question, or the claim where nothing is asked,
// why, and who takes part. What the run proves would be the answer.
func (c *Columns) Introduction(lesson digest.Lesson, width int) []string {
	run := &c.story.Run
	out := Labelled("lesson", fmt.Sprintf("%s, seed %d", run.Scenario, run.Seed), width)
	for _, set := range run.Set {
		out = append(out, Labelled("set", set, width)...)
	}
	if lesson.Asks() {
		out = append(out, Labelled("question", lesson.Question, width)...)
	} else {
		out = append(out, Labelled("claim", run.Claim, width)...)
	}
	out = append(out, labelledParagraphs("why", lesson.Why, width)...)
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
func StepSentence(m *digest.Moment) string {
	return prose.Seconds(m.At, 3) + ": " + subject(m) + strings.TrimRight(m.Sentence(), ".") + "."
}

// subject is who a moment is about, as its sentence begins.
func subject(m *digest.Moment) string {
	switch m.Where {
	case "world":
		return ""
	case "network":
		return "the network: "
	default:
		return m.Where + " "
	}
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
