package scenarios

import (
	"fmt"
	"slices"

	"sandcastle/model/kafka"
)

// This file is the question of a scenario: its form, and whether the run bears its answer out.

func predictKind() kind[Prediction] {
	start := func(pos position) Prediction { return Prediction{pos: pos} }
	return object("predict", start, []fieldOf[Prediction]{
		must(
			field("question", said(), func(p *Prediction) *string { return &p.Question }, "The question."),
		),
		must(field("answer", said(), func(p *Prediction) *string { return &p.Answer },
			"Its answer. {name} stands for a measure of the run, as in {lost-write}.")),
		field("choices", list("choices", choiceKind()),
			func(p *Prediction) *[]Choice { return &p.Choices },
			"Answers to choose from, one of them right."),
		field("at", trigger(), func(p *Prediction) *Trigger { return &p.At },
			"What decides: it and what follows are shown with the answer. An event, or fired(name) for "+
				"an entry of the timeline. If not given, it is the gravest fault."),
	})
}

func choiceKind() kind[Choice] {
	start := func(pos position) Choice { return Choice{pos: pos} }
	return object("a choice", start, []fieldOf[Choice]{
		must(field("text", said(), func(c *Choice) *string { return &c.Text }, "The answer.")),
		field("right", truth(), func(c *Choice) *bool { return &c.Right }, "Whether it is right."),
		field("counts", bounds(), func(c *Choice) *[]Bound { return &c.Counts },
			"What measures of the run keep to if it is right, as in {lost-write: \"= 0\"}."),
		field("sometimes", list("sometimes", trigger()),
			func(c *Choice) *[]Trigger { return &c.Sometimes },
			"Events that happen if it is right."),
	})
}

// choicesMost is how many choices a question has at most: each is chosen by a letter, and later
// letters are keys for something else.
const choicesMost = 6

// completePredict checks the question as a whole.
func (d *decoder) completePredict(s *Scenario) {
	p := &s.Predict
	if p.At.Held != "" {
		d.failAt(p.pos, "", "predict: at waits for an event of the protocol, "+
			"not for a held message")
	}
	d.completeName(s, p.pos, p.At.Fired)
	d.completeWords(p.pos, p.Answer)
	d.completeWords(position{1, 1}, s.Explain)
	right := 0
	for i := range p.Choices {
		c := &p.Choices[i]
		if c.Right {
			right++
			if len(c.Counts) == 0 && len(c.Sometimes) == 0 {
				d.failAt(c.pos, "give it `counts` or `sometimes`",
					"nothing in the run shows that the choice %q is right", c.Text)
			}
		}
		if slices.ContainsFunc(p.Choices[:i], func(o Choice) bool { return o.Text == c.Text }) {
			d.failAt(c.pos, "", "the choice %q stands twice", c.Text)
		}
		for _, t := range c.Sometimes {
			d.onlyPredictions(c.pos, t)
		}
	}
	if len(p.Choices) > choicesMost {
		d.failAt(p.pos, fmt.Sprintf("at most %d", choicesMost), "predict has %d choices", len(p.Choices))
	}
	if len(p.Choices) > 0 && (right != 1 || len(p.Choices) < 2) {
		d.failAt(p.pos, "mark one of two or more with `right: true`",
			"predict has %d choices, of which %d are right", len(p.Choices), right)
	}
}

// onlyPredictions refuses what nothing but a prediction waits for.
func (d *decoder) onlyPredictions(pos position, t Trigger) {
	if t.Fired != "" {
		d.failAt(pos, "wait for what it does, or use `then`", "only predict.at waits for %s", t.text)
	}
}

// completeWords checks that what stands in braces in a text is a measure.
func (d *decoder) completeWords(pos position, text string) {
	for _, name := range kafka.MeasureWords(text) {
		if _, err := CheckMeasure(name); err != nil {
			hint := "a measure stands in braces, as in {lost-write}"
			if near := kafka.NearestMeasure(name); near != "" {
				hint = "did you mean " + fmt.Sprintf("%q", near) + "?"
			}
			d.failAt(pos, hint, "no run has a number called %q", name)
		}
	}
}

// watched are the events that the run is asked about: those that are expected, and behind them
// those of the choices.
func (s *Scenario) watched() []Trigger {
	out := slices.Clone(s.Expect.Sometimes)
	for i := range s.Predict.Choices {
		out = append(out, s.Predict.Choices[i].Sometimes...)
	}
	return out
}

// wrongChoice says which choice is not as the run shows it, "" for none. A choice that the run does
// not speak of counts as it is marked.
func (p *player) wrongChoice(run *kafka.Run) string {
	at := len(p.s.Expect.Sometimes)
	for i := range p.s.Predict.Choices {
		c := &p.s.Predict.Choices[i]
		holds := true
		for range c.Sometimes {
			holds = holds && p.happened[at]
			at++
		}
		for _, b := range c.Counts {
			m, ok := run.Measure(b.Counter)
			holds = holds && ok && b.holds(m.Value)
		}
		switch {
		case c.Right && !holds:
			return fmt.Sprintf("the choice %q is said to be right, and the run shows that it is not",
				c.Text)
		case !c.Right && holds && len(c.Counts)+len(c.Sometimes) > 0:
			return fmt.Sprintf("the choice %q is said to be wrong, and the run shows that it is right",
				c.Text)
		}
	}
	return ""
}
