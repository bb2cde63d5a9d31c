package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
	"sandcastle/reports/text"
)

//go:embed history.html
var historyHTML string

// historyView is what history.html shows.
type historyView struct {
	kafka.Judgement
	CSS        template.CSS
	Word       text.Verdict
	Operations string
	Reason     string
	Found      []historyFinding
}

// historyFinding is a finding with its counterexample.
type historyFinding struct {
	text.Finding
	Counterexample []string
}

// History returns the page of a history of so many operations that was judged: one file that needs
// nothing else. examples are the counterexamples of its findings. Every value is escaped.
func History(j *kafka.Judgement, operations int, examples [][]string) ([]byte, error) {
	page, err := template.New("history").Parse(historyHTML)
	if err != nil {
		return nil, fmt.Errorf("history.html: %w", err)
	}
	v := historyView{
		Judgement: *j, Word: text.JudgementOf(j.Verdict), Operations: prose.Grouped(int64(operations)),
		Reason: prose.AsSentence(j.Reason),
	}
	for i, f := range j.Findings {
		v.Found = append(v.Found, historyFinding{text.FindingOf(f, nil), examples[i]})
	}
	if v.CSS, err = pageStyle(); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, &v); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	return WithPolicy(b.Bytes())
}
