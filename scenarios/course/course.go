package course

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"sync"

	"sandcastle/model"
	"sandcastle/reports/figures"
	"sandcastle/reports/page"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
	"sandcastle/scenarios/sweep"
)

// Options say how the course is played.
type Options struct {
	Out  string // the directory for the page and the runs
	Jobs int    // how many lessons are played at a time
	// Program is how the reader calls the command line.
	Program string
	// Unfinished keeps track of the run directories that are half-written.
	Unfinished rundir.Unfinished
	// Playing is called several times a virtual second of each run, by several goroutines.
	Playing func(now, end model.Time)
	// Played is called with each lesson in the order of the course, the nth of so many.
	Played func(l *Lesson, n, of int) error
}

// Lesson is a lesson of the course that was played.
type Lesson struct {
	*rundir.Played
	onPage page.CourseLesson
	err    error
}

// Play plays the lessons of subjects and writes the page over them, whose path it returns. It stops
// at the first error.
func Play(subjects []scenarios.Subject, o Options) (index string, err error) {
	if err := checkReplaceable(subjects, o.Out); err != nil {
		return "", err
	}
	plays := startLessons(subjects, o)
	defer plays.stop()
	course := page.Course{}
	for _, p := range scenarios.CoursePaths() {
		course.Paths = append(course.Paths, page.CoursePath(p))
	}
	n := 0
	for _, subject := range subjects {
		s := page.CourseSubject{ID: "subject-" + subject.Folder, Title: subject.Title}
		for _, c := range subject.Chapters {
			chapter := page.CourseChapter{Number: c.Number, Title: c.Title, Source: c.Source}
			for range c.Lessons {
				l := <-plays.results[n]
				if l.err != nil {
					return "", l.err
				}
				n++
				if err := o.Played(l, n, len(plays.results)); err != nil {
					return "", err
				}
				chapter.Lessons = append(chapter.Lessons, l.onPage)
			}
			s.Chapters = append(s.Chapters, chapter)
		}
		course.Subjects = append(course.Subjects, s)
	}
	html, err := page.Index(&course)
	if err != nil {
		return "", err
	}
	index = filepath.Join(o.Out, "index.html")
	if err := rundir.ReplaceFile(index, html); err != nil {
		return "", fmt.Errorf("writing %s: %w", index, err)
	}
	return index, nil
}

// checkReplaceable refuses, before anything is played, an output directory in which something
// stands in the way that is not ours.
func checkReplaceable(subjects []scenarios.Subject, out string) error {
	for _, s := range subjects {
		for _, c := range s.Chapters {
			for _, name := range c.Lessons {
				dir := filepath.Join(out, rundir.Below(name, mustLesson(name).Seed))
				if err := rundir.CheckReplaceable(dir); err != nil {
					return err
				}
			}
		}
	}
	return rundir.CheckPage(filepath.Join(out, "index.html"), "Sandcastle")
}

// lessonPlays are lessons that are being played, each with the channel on which it comes back, in
// the order of the course.
type lessonPlays struct {
	results []chan *Lesson
	halt    chan struct{}
	workers sync.WaitGroup
}

// stop lets the lessons that have begun end and begins no other.
func (p *lessonPlays) stop() {
	close(p.halt)
	p.workers.Wait()
}

// startLessons plays every lesson, o.Jobs at a time.
func startLessons(subjects []scenarios.Subject, o Options) *lessonPlays {
	p := &lessonPlays{halt: make(chan struct{})}
	type task struct {
		name, figure string
		result       chan *Lesson
	}
	var tasks []task
	for _, s := range subjects {
		for _, c := range s.Chapters {
			for _, name := range c.Lessons {
				t := task{name, c.Figure, make(chan *Lesson, 1)}
				tasks = append(tasks, t)
				p.results = append(p.results, t.result)
			}
		}
	}
	next := make(chan task)
	go func() {
		defer close(next)
		for _, t := range tasks {
			select {
			case next <- t:
			case <-p.halt:
				return
			}
		}
	}()
	for range o.Jobs {
		p.workers.Go(func() {
			for t := range next {
				t.result <- playLesson(t.name, t.figure, &o)
			}
		})
	}
	return p
}

// playLesson plays one lesson into its directory below o.Out. A panic is the error of that lesson,
// so that the program ends as it does for any other.
func playLesson(name, figure string, o *Options) (l *Lesson) {
	defer func() {
		if r := recover(); r != nil {
			l = &Lesson{err: fmt.Errorf("%s: internal error: %v\n%s", name, r, debug.Stack())}
		}
	}()
	s := mustLesson(name)
	opts := scenarios.Options{Progress: o.Playing, Program: o.Program}
	p, err := rundir.PlayInCourse(s, opts, o.Out, o.Unfinished)
	if err != nil {
		return &Lesson{err: err}
	}
	l = &Lesson{Played: p, onPage: page.CourseLesson{
		Run: p.Result.Run, Question: s.Predict.Question, Of: scenarios.TwinOf(name),
		Dir: dirOf(s), Silence: p.Story.Silence,
	}}
	l.onPage.Pictures, l.err = sweepPictures(s, o)
	l.onPage.Thumbnail, _ = figures.DrawThumbnail(p.Story, figure, s.Name)
	if l.onPage.Of != "" {
		l.onPage.OfDir = dirOf(mustLesson(l.onPage.Of))
		for _, d := range scenarios.Differences(mustLesson(l.onPage.Of), s) {
			l.onPage.Differs = append(l.onPage.Differs, d.String())
		}
	}
	return l
}

// dirOf is the run directory of a lesson below the directory for all runs, with '/'.
func dirOf(s *scenarios.Scenario) string { return filepath.ToSlash(rundir.Below(s.Name, s.Seed)) }

// mustLesson is a lesson by its name: the lessons are part of the program.
func mustLesson(name string) *scenarios.Scenario {
	s, err := scenarios.Lesson(name)
	if err != nil {
		panic(err)
	}
	return s
}

// sweepPictures plays the sweep of a lesson that has one, one run after the other, into its place
// below o.Out, and returns its figure.
func sweepPictures(s *scenarios.Scenario, o *Options) ([]page.CoursePicture, error) {
	if !s.Sweep.Supplied() {
		return nil, nil
	}
	below := filepath.Join(filepath.FromSlash(s.Name), "sweep")
	plan, err := sweep.New(s, sweep.Options{
		Jobs: 1, Plot: true, Out: filepath.Join(o.Out, below), Afresh: true,
	})
	if err != nil {
		return nil, err
	}
	outcome, err := plan.Play(context.Background(), &quietly{o})
	if err != nil || outcome.FigureFile == "" {
		return nil, err
	}
	f, file := outcome.Figure, filepath.ToSlash(filepath.Join(below, "sweep.svg"))
	return []page.CoursePicture{{File: file, Title: f.Title, Alt: f.Alt}}, nil
}

// quietly is a sweep of which only the course hears.
type quietly struct{ o *Options }

func (q *quietly) Remark(string)               {}
func (q *quietly) Played(_, _ int)             {}
func (q *quietly) Playing(now, end model.Time) { q.o.Playing(now, end) }
