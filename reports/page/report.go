package page

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
	"sandcastle/reports/prose"
	"sandcastle/reports/text"
)

// Report returns report.html: one file that needs nothing else. Every value of the run is escaped.
func Report(s *digest.Story, lesson digest.Lesson, drawn []figures.Figure) ([]byte, error) {
	knob := lesson.Knob // a changed run may be changed further
	lesson = lesson.For(s)
	lesson.Knob = knob
	page, err := pageTemplate()
	if err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	data, err := packedData(s, lesson)
	if err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	view := newPageView(s, lesson, drawn)
	view.Data = template.HTML(data)
	if view.CSS, err = pageStyle(); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	view.JS = template.JS(reportScript)
	var b bytes.Buffer
	if err := page.Execute(&b, view); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	return WithPolicy(b.Bytes())
}

// pageView is what page.html shows.
type pageView struct {
	CSS      template.CSS
	JS       template.JS
	Run      kafka.Run
	Lesson   digest.Lesson
	Why      []string // paragraphs
	Explain  []string // paragraphs, read once the question is answered
	Verdict  text.Verdict
	Findings []text.Finding
	Expected []string
	Figures  []figureView
	Moments  []momentView
	All      []momentView // with the details, when they are more than Moments
	Left     string       // how many moments are on no list
	Facts    []factView
	Measures []measureView
	Command  string
	Knob     *knobView
	Files    []fileView
	Around   []neighbourView
	Glossary []prose.Term
	Course   string // where the page over all lessons is, "" for nowhere
	Families []family
	Data     template.HTML // base64
}

// knobView is the setting to change next.
type knobView struct{ Question, Moves, Command string }

// viewKnob is nil when the lesson has no knob, or this run was played with it turned.
func viewKnob(r *kafka.Run, k digest.Knob) *knobView {
	for _, set := range k.Set {
		if !slices.Contains(r.Set, set) {
			return &knobView{k.Question, k.Moves, text.CommandWith(r, k.Set)}
		}
	}
	return nil
}

// fileView is a file beside the page.
type fileView struct {
	Name, What string
	Tells      bool // of what was found
}

type figureView struct {
	Name, Title, Note string
	Wide, Narrow      template.HTML
}

type momentView struct{ At, Where, What, Say, Tag, Class string }

type factView struct{ Name, Value string }

type measureView struct{ Name, Value, About string }

// pageRows is how many moments one list shows at most.
const pageRows = 400

func newPageView(s *digest.Story, lesson digest.Lesson, drawn []figures.Figure) *pageView {
	v := &pageView{
		Run: s.Run, Lesson: lesson,
		Why: prose.Paragraphs(lesson.Why), Explain: prose.Paragraphs(lesson.Explain),
		Verdict: text.VerdictOf(&s.Run), Command: text.Command(&s.Run),
		Glossary: prose.Glossary(), Around: viewAround(&s.Run, &lesson),
		Course: hrefOf(&lesson, digest.NeighbourCourse),
		Knob:   viewKnob(&s.Run, lesson.Knob), Families: families(),
	}
	for _, a := range s.Run.Expected {
		v.Expected = append(v.Expected, string(a))
	}
	for _, f := range s.Run.Findings {
		v.Findings = append(v.Findings, text.FindingOf(f, s.Run.Expected))
		if text.HasDrawing(f) {
			v.Files = append(v.Files, fileView{text.LinearizabilityPage,
				"the operations on a partition that no order explains, drawn to look around in", true})
		}
	}
	for _, f := range drawn {
		v.Figures = append(v.Figures, figureView{
			Name: f.Name, Title: f.Title, Note: figureNote(f.Name),
			Wide:   template.HTML(figures.WithoutStyle(f.SVG)),
			Narrow: template.HTML(figures.WithoutStyle(f.Narrow)),
		})
	}
	v.Files = append(v.Files,
		fileView{"run.json", "the verdict, the seed, and what is needed to play the run again", false},
		fileView{"history.ndjson", "what the clients asked and were told, one line for each", false},
		fileView{"trace.ndjson", "every event in every process, one line for each", false},
		fileView{"findings.json", "the anomalies with all their witnesses", false})
	v.viewMoments(s)
	v.Facts = []factView{
		{"Scenario", s.Run.Scenario}, {"Seed", fmt.Sprint(s.Run.Seed)},
		{"Trace hash", s.Run.TraceHash}, {"Engine", s.Run.Engine},
		{"Events", prose.Grouped(int64(s.Run.Events))}, {"Virtual time", prose.Seconds(s.End, 3)},
	}
	for _, m := range s.Run.Measures() {
		if m.Value != 0 {
			v.Measures = append(v.Measures, measureView{m.Name, m.String(), m.About})
		}
	}
	return v
}

// viewMoments chooses what the timeline shows: what fits the list, the weightier first, and
// everything in a second list that is closed at first.
func (v *pageView) viewMoments(s *digest.Story) {
	const rows = 60
	chosen, _ := text.Weightiest(s.Moments, rows)
	for _, m := range chosen {
		v.Moments = append(v.Moments, viewMoment(m))
	}
	if len(chosen) == len(s.Moments) {
		return
	}
	for _, m := range s.Moments[:min(len(s.Moments), pageRows)] {
		v.All = append(v.All, viewMoment(m))
	}
	if left := len(s.Moments) - len(v.All) + s.Dropped; left > 0 {
		v.Left = prose.Grouped(int64(left))
	}
}

func viewMoment(m digest.Moment) momentView {
	tag := momentTag(m.Kind)
	class := "tag-" + strings.ReplaceAll(tag, " ", "-")
	if m.Weight == prose.Headline {
		class += " headline"
	}
	return momentView{prose.TrimSeconds(m.At, 3), m.Where, m.Sentence(), m.Say, tag, class}
}
