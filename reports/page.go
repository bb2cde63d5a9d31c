package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// Lesson is what the scenario file says to a student. Any of it may be empty.
type Lesson struct {
	Why      string
	Question string
	Answer   string
	// Notes are what it says while the run goes on: Collector.Narrate or Load takes them.
	Notes []LessonNote
	Knob  Knob
}

// Knob is the setting that the lesson wants its reader to change, and the number that moves by it.
type Knob struct {
	Set      []string // each path=value; none when there is no knob
	Moves    string
	Question string
}

// Page returns report.html: one file that needs nothing else. Every value of the run is escaped.
func Page(s *Story, lesson Lesson, figures []Figure) ([]byte, error) {
	page, err := pageTemplate()
	if err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	data, err := PageData(s, lesson)
	if err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	view := newPageView(s, lesson, figures)
	view.Data = template.HTML(data)
	if view.CSS, err = pageStyle(); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	if view.JS, err = pageScript(); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, view); err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	return b.Bytes(), nil
}

// pageView is what page.html shows.
type pageView struct {
	CSS      template.CSS
	JS       template.JS
	Run      kafka.Run
	Lesson   Lesson
	Why      []string // paragraphs
	Verdict  verdictView
	Findings []findingView
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
	Data     template.HTML // base64
}

// knobView is the setting to change next.
type knobView struct{ Question, Moves, Command string }

// viewKnob is nil when the lesson has no knob, or this run was played with it turned.
func viewKnob(r *kafka.Run, k Knob) *knobView {
	for _, set := range k.Set {
		if !slices.Contains(r.Set, set) {
			return &knobView{k.Question, k.Moves, CommandWith(r, k.Set)}
		}
	}
	return nil
}

// fileView is a file beside the page.
type fileView struct{ Name, What string }

type verdictView struct{ Class, Word, Meaning string }

type findingView struct {
	Anomaly, Meaning, Count, Explanation string
	Link                                 string // a page about it, "" for none
	Expected                             bool
	Witnesses                            []witnessView
}

type witnessView struct{ At, Who, Text, Place string }

type figureView struct {
	Name, Title, Note string
	Wide, Narrow      template.HTML
}

type momentView struct{ At, Where, What, Say, Tag, Class string }

type factView struct{ Name, Value string }

type measureView struct{ Name, Value, About string }

// pageRows is how many moments one list shows at most.
const pageRows = 400

func newPageView(s *Story, lesson Lesson, figures []Figure) *pageView {
	v := &pageView{
		Run: s.Run, Lesson: lesson,
		Why: paragraphs(lesson.Why), Verdict: viewVerdict(&s.Run), Command: Command(&s.Run),
		Knob: viewKnob(&s.Run, lesson.Knob),
	}
	for _, a := range s.Run.Expected {
		v.Expected = append(v.Expected, string(a))
	}
	for _, f := range s.Run.Findings {
		v.Findings = append(v.Findings, viewFinding(f, s.Run.Expected))
		if drawn(f) {
			v.Files = append(v.Files, fileView{linearizability,
				"the operations on a partition that no order explains, drawn to look around in"})
		}
	}
	for _, f := range figures {
		v.Figures = append(v.Figures, figureView{
			Name: f.Name, Title: f.Title, Note: figureNote(f.Name),
			Wide: template.HTML(withoutStyle(f.SVG)), Narrow: template.HTML(withoutStyle(f.Narrow)),
		})
	}
	v.Files = append(v.Files,
		fileView{"run.json", "the verdict, the seed, and all that is needed to play the run again"},
		fileView{"history.ndjson", "what the clients asked and were told, one line for each"},
		fileView{"trace.ndjson", "every event in every process, one line for each"},
		fileView{"findings.json", "the anomalies with all their witnesses"})
	v.viewMoments(s)
	v.Facts = []factView{
		{"Scenario", s.Run.Scenario}, {"Seed", fmt.Sprint(s.Run.Seed)},
		{"Trace hash", s.Run.TraceHash}, {"Engine", s.Run.Engine},
		{"Events", grouped(int64(s.Run.Events))}, {"Virtual time", seconds(s.End, 3)},
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
func (v *pageView) viewMoments(s *Story) {
	const rows = 60
	chosen, _ := weightiest(s.Moments, rows)
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
		v.Left = grouped(int64(left))
	}
}

func viewMoment(m Moment) momentView {
	tag := momentTag(m.Kind)
	class := "tag-" + strings.ReplaceAll(tag, " ", "-")
	if m.Weight == Headline {
		class += " headline"
	}
	return momentView{trimSeconds(m.At, 3), m.Where, m.Sentence(), m.Say, tag, class}
}

// Command is the line that plays the run again.
func Command(r *kafka.Run) string { return CommandWith(r, nil) }

// CommandWith is the line that plays the run again with further settings.
func CommandWith(r *kafka.Run, more []string) string {
	text := fmt.Sprintf("sandcastle run %s --seed %d", shellWord(r.Scenario), r.Seed)
	for _, set := range slices.Concat(r.Set, more) {
		text += " --set " + shellWord(set)
	}
	return text
}

// shellWord quotes s for a shell when it needs it.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("/-_.:@=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// paragraphs splits text at blank lines.
func paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
