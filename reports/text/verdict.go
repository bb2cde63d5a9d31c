package text

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// VerdictLines say what the checks made of the run: the verdict, and what was found.
func VerdictLines(s *digest.Story, width int) []string {
	v := VerdictOf(&s.Run)
	text := v.Word + ". " + v.Meaning
	if s.Run.Reason != "" {
		text += " " + prose.AsSentence(s.Run.Reason)
	}
	out := Labelled("verdict", text, width)
	for _, f := range s.Run.Findings {
		f := FindingOf(f, s.Run.Expected)
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
	for i := range s.Run.Allowed {
		a := &s.Run.Allowed[i]
		line := a.Finding.String() + " (" + a.Why + "). " + a.Explanation
		out = append(out, Labelled("allowed", line, width)...)
	}
	for _, p := range s.Run.PassedOver {
		out = append(out, Labelled("note", prose.AsSentence(p.String()), width)...)
	}
	return out
}

// Verdict is what the checks made of a run: a class for style sheets, a few words, a sentence.
type Verdict struct{ Class, Word, Meaning string }

// Finding is an anomaly that was found, in words.
type Finding struct {
	Anomaly, Meaning, Count, Explanation string
	Link                                 string // a page about it, "" for none
	Expected                             bool
	Witnesses                            []Witness
}

// Witness is an operation or an event by which a finding stands, and where to find it.
type Witness struct{ At, Who, Text, Place string }

// VerdictOf is the verdict of a run in words.
func VerdictOf(r *kafka.Run) Verdict {
	v := Verdict{Class: string(r.Verdict), Word: string(r.Verdict)}
	switch r.Verdict {
	case kafka.VerdictOK:
		v.Word, v.Meaning = "the claim held", "Every check finished, and nothing contradicts the claim."
		if len(r.Expected) > 0 {
			v.Meaning = "The claim holds: this lesson expects the anomalies below, and found exactly those."
		}
	case kafka.VerdictViolated:
		v.Word, v.Meaning = "the claim did not hold",
			"The checks found what must not be, or did not find what the claim says must be."
	case kafka.VerdictUndecided:
		v.Word, v.Meaning = "undecided",
			"A check ran out of its budget of steps. Nobody knows whether the claim held."
	case kafka.VerdictUnsettled:
		v.Word, v.Meaning = "did not settle",
			"All faults were healed, but the cluster did not come to rest in the time it had."
	case kafka.VerdictEmpty:
		v.Class, v.Word, v.Meaning = "undecided", "nothing to judge",
			"No record was acknowledged and none was read, so that nothing could be wrong."
	default:
		v.Class, v.Word, v.Meaning = "undecided", "not judged",
			"What the checks found is below, and nothing of it is held against the claim:"
	}
	return v
}

// JudgementOf is the verdict of a history in words: nothing is claimed of it.
func JudgementOf(v kafka.Verdict) Verdict {
	switch v {
	case kafka.VerdictOK:
		return Verdict{string(v), "nothing wrong", "Every check finished, and found nothing."}
	case kafka.VerdictViolated:
		return Verdict{string(v), "not right", "This must not be in a history of a correct Kafka:"}
	default:
		return VerdictOf(&kafka.Run{Verdict: v})
	}
}

// LinearizabilityPage is the page that stands beside this one when hasDrawing says so.
const LinearizabilityPage = "linearizability.html"

// HasDrawing reports whether Porcupine draws the finding.
func HasDrawing(f kafka.Finding) bool {
	return f.Shows(kafka.Nonlinearizable) && len(f.Witnesses) > 0 && f.Witnesses[0].Op >= 0
}

// times says how often something was found.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return prose.Grouped(int64(n)) + " times"
}

// followsText is a sentence about what follows from a finding, "" for nothing.
func followsText(list []kafka.Consequence) string {
	text := ""
	for i, c := range list {
		switch {
		case i == 0:
			text = "What follows from it is not counted by itself: "
		case i == len(list)-1:
			text += " and "
		default:
			text += ", "
		}
		text += string(c.Anomaly) + " " + times(c.Count)
	}
	if text == "" {
		return ""
	}
	return text + "."
}

// FindingOf is a finding in words. expected are the anomalies that the lesson says must appear.
func FindingOf(f kafka.Finding, expected []kafka.Anomaly) Finding {
	v := Finding{
		Anomaly: string(f.Anomaly), Meaning: AnomalyMeaning(f.Anomaly),
		Count: times(f.Count), Explanation: prose.AsSentence(f.Explanation),
		Expected: slices.Contains(expected, f.Anomaly),
	}
	if follows := followsText(f.Follows); follows != "" {
		v.Explanation = strings.TrimSpace(v.Explanation + " " + follows)
	}
	if HasDrawing(f) {
		v.Link = LinearizabilityPage
	}
	for _, w := range f.Witnesses {
		place := ""
		switch {
		case w.Op >= 0:
			place = fmt.Sprintf("history, index %d", w.Op)
		case w.Seq > 0:
			place = fmt.Sprintf("trace, seq %d", w.Seq)
		}
		v.Witnesses = append(v.Witnesses, Witness{prose.TrimSeconds(w.At, 6), w.Who, w.Text, place})
	}
	return v
}
