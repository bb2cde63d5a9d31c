package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/figures"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
	"sandcastle/reports/text"
)

//go:embed course.html
var courseHTML string

//go:embed course.css
var courseCSS string

// Course is what the page over all lessons shows: subjects, and in each the chapters in the order
// in which they are taught.
type Course struct {
	Subjects []CourseSubject
	Paths    []CoursePath
}

// CourseSubject is a part of the course.
type CourseSubject struct {
	ID, Title string
	Chapters  []CourseChapter
}

// CourseChapter is one point that the course makes: a lesson and its twins.
type CourseChapter struct {
	Number        int
	Title, Source string
	Lessons       []CourseLesson
}

// CourseLesson is one lesson as it was played.
type CourseLesson struct {
	Run kafka.Run
	// Question is asked before the report is opened.
	Question string
	// Of is the lesson that this is a twin of, and Differs what is set otherwise in it.
	// OfDir is where that one's run directory is, as Dir.
	Of, OfDir string
	Differs   []string
	// Dir is the run directory, from where the page lies, with '/'.
	Dir       string
	Thumbnail figures.Thumbnail // without SVG when there is nothing to draw
	Silence   model.Time        // of the Story
	// Pictures are further figures beside the page, such as those of sweeps.
	Pictures []CoursePicture
}

// CoursePicture is a figure in a file of its own.
type CoursePicture struct {
	File, Title, Alt string
}

// CoursePath is a way through the course.
type CoursePath struct {
	Title, About string
	Numbers      []int // of chapters
}

// Index returns index.html: one file whose links are relative. Every value is escaped.
func Index(c *Course) ([]byte, error) {
	page, err := template.New("course").Parse(courseHTML)
	if err != nil {
		return nil, fmt.Errorf("index.html: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, newCourseView(c)); err != nil {
		return nil, fmt.Errorf("index.html: %w", err)
	}
	return WithPolicy(b.Bytes())
}

// courseView is what course.html shows.
type courseView struct {
	CSS      template.CSS
	Engine   string
	Lessons  int
	Failed   []linkView // lessons whose claim did not hold
	Paths    []pathView
	Subjects []subjectView
}

type linkView struct{ Href, Text string }

type pathView struct {
	Title, About string
	Chapters     []linkView
}

type subjectView struct {
	ID, Title string
	Chapters  []chapterView
}

type chapterView struct {
	ID, Title, Source string
	Cards             []cardView
}

type cardView struct {
	Name, Base, Claim, Question string
	Of, OfReport                string
	Differs                     []string
	Verdict                     text.Verdict
	Failed                      bool // the claim did not hold
	Found                       []foundView
	Silence                     string
	Report                      string
	Thumbnail                   template.HTML
	Pictures                    []CoursePicture
}

type foundView struct{ Anomaly, Count, Meaning string }

func newCourseView(c *Course) *courseView {
	v := &courseView{CSS: template.CSS(palette.PageSheet() + courseCSS), Engine: kafka.EngineVersion}
	for _, s := range c.Subjects {
		sv := subjectView{ID: s.ID, Title: s.Title}
		for i := range s.Chapters {
			sv.Chapters = append(sv.Chapters, v.viewChapter(&s.Chapters[i]))
		}
		v.Subjects = append(v.Subjects, sv)
	}
	for _, p := range c.Paths {
		pv := pathView{Title: p.Title, About: p.About}
		for _, number := range p.Numbers {
			pv.Chapters = append(pv.Chapters, chaptersWith(c, number)...)
		}
		v.Paths = append(v.Paths, pv)
	}
	return v
}

// chaptersWith links to every chapter that has the number.
func chaptersWith(c *Course, number int) []linkView {
	var links []linkView
	for _, s := range c.Subjects {
		for i := range s.Chapters {
			if ch := &s.Chapters[i]; ch.Number == number {
				links = append(links, linkView{"#" + ch.id(), ch.Title})
			}
		}
	}
	return links
}

// id is the chapter's place in the page: the name of its first lesson.
func (c *CourseChapter) id() string { return lessonID(c.Lessons[0].Run.Scenario) }

func lessonID(name string) string { return strings.ReplaceAll(name, "/", "-") }

func (v *courseView) viewChapter(c *CourseChapter) chapterView {
	cv := chapterView{ID: c.id(), Title: c.Title, Source: c.Source}
	for i := range c.Lessons {
		card := viewCard(&c.Lessons[i])
		v.Lessons++
		if c.Lessons[i].Run.Verdict != kafka.VerdictOK {
			v.Failed = append(v.Failed, linkView{"#" + cv.ID, card.Name})
		}
		cv.Cards = append(cv.Cards, card)
	}
	return cv
}

func viewCard(l *CourseLesson) cardView {
	name := l.Run.Scenario
	card := cardView{
		Name: name, Base: baseOf(name), Claim: l.Run.Claim, Question: l.Question,
		Differs: l.Differs, Verdict: text.VerdictOf(&l.Run), Report: l.Dir + "/report.html",
		Thumbnail: template.HTML(l.Thumbnail.SVG), Pictures: l.Pictures,
	}
	card.Failed = l.Run.Verdict != kafka.VerdictOK
	if l.Of != "" {
		card.Of, card.OfReport = baseOf(l.Of), l.OfDir+"/report.html"
	}
	if l.Silence > 0 {
		card.Silence = prose.Seconds(l.Silence, 2)
	}
	for _, f := range l.Run.Findings {
		found := text.FindingOf(f, l.Run.Expected)
		if !slices.Contains(l.Run.Expected, f.Anomaly) {
			found.Count += ", not expected"
		}
		card.Found = append(card.Found, foundView{found.Anomaly, found.Count, found.Meaning})
	}
	return card
}

func baseOf(name string) string { return name[strings.LastIndex(name, "/")+1:] }
