package main

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/figures"
	"sandcastle/reports/page"
	"sandcastle/scenarios"
)

func newCourse() *cobra.Command {
	var out string
	var jobs int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "course",
		Short: "Play every lesson and draw the page that leads through them",
		Long: `Plays every lesson with its own seed, several at a time, writes their run directories below
the output directory, and draws index.html: the lessons by subject in the order in which they are
taught, each with its claim, its verdict, what was found, and its report.

Exit codes: 0 every claim held, 1 one did not, 2 one is undecided, 3 bad input or usage, 4 internal
error.`,
		Args: exactly(0, "course takes no arguments: it plays every lesson"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if jobs < 1 {
				return inputError("--jobs %d: at least one lesson has to be played at a time", jobs)
			}
			return playCourse(cmd, scenarios.Course(), courseOptions{out, jobs, asJSON})
		},
	}
	cmd.Flags().StringVar(&out, "out", "out", "write the page and the runs below `DIR`")
	cmd.Flags().IntVar(&jobs, "jobs", runtime.GOMAXPROCS(0), "play so many lessons at a time")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a lesson")
	return cmd
}

// courseOptions are the flags of the command course.
type courseOptions struct {
	out  string
	jobs int
	json bool
}

// coursePlay is a lesson of the course, played.
type coursePlay struct {
	lesson page.CourseLesson
	wall   time.Duration
	dir    string
	err    error
}

// playCourse plays the lessons of subjects and writes the page over them.
func playCourse(cmd *cobra.Command, subjects []scenarios.Subject, o courseOptions) error {
	started := time.Now()
	plays := startLessons(subjects, o)
	defer plays.stop()
	bar := newProgress(cmd.ErrOrStderr(), "playing the course")
	defer bar.done()
	course := page.Course{}
	for _, p := range scenarios.CoursePaths() {
		course.Paths = append(course.Paths, page.CoursePath(p))
	}
	worst, n := kafka.VerdictOK, 0
	for _, subject := range subjects {
		s := page.CourseSubject{ID: "subject-" + subject.Folder, Title: subject.Title}
		for _, c := range subject.Chapters {
			chapter := page.CourseChapter{Number: c.Number, Title: c.Title, Source: c.Source}
			for range c.Lessons {
				p := <-plays.results[n]
				if p.err != nil {
					return p.err
				}
				n++
				bar.update(model.Time(n), model.Time(len(plays.results)))
				if err := printLesson(cmd.OutOrStdout(), &p, o.json); err != nil {
					return &exitError{exitInternal, err}
				}
				worst = worse(worst, p.lesson.Run.Verdict)
				chapter.Lessons = append(chapter.Lessons, p.lesson)
			}
			s.Chapters = append(s.Chapters, chapter)
		}
		course.Subjects = append(course.Subjects, s)
	}
	page, err := page.Index(&course)
	if err != nil {
		return &exitError{exitInternal, err}
	}
	index := filepath.Join(o.out, "index.html")
	if err := replaceFile(index, page); err != nil {
		return &exitError{exitInternal, fmt.Errorf("writing %s: %w", index, err)}
	}
	bar.done()
	if !o.json {
		fmt.Fprintf(cmd.OutOrStdout(), "\n%d lessons in %s\npage      %s\n", n,
			time.Since(started).Round(100*time.Millisecond), index)
	}
	return verdictExit(worst)
}

// worse is the verdict of two that ends the program with the more telling exit code.
func worse(a, b kafka.Verdict) kafka.Verdict {
	if b == kafka.VerdictViolated || a == kafka.VerdictOK {
		return b
	}
	return a
}

func printLesson(w io.Writer, p *coursePlay, asJSON bool) error {
	r := &p.lesson.Run
	if asJSON {
		return printJSON(w, runLine(r, p.wall, p.dir))
	}
	_, err := fmt.Fprintf(w, "%-9s %-52s %s\n", r.Verdict, r.Scenario,
		findingsText(r.Findings, r.Expected)+because(r.Reason))
	return err
}

// lessonPlays are lessons that are being played, each with the channel on which it comes back, in
// the order of the course.
type lessonPlays struct {
	results []chan coursePlay
	halt    chan struct{}
	workers sync.WaitGroup
}

// stop lets the lessons that have begun end and begins no other.
func (p *lessonPlays) stop() {
	close(p.halt)
	p.workers.Wait()
}

// startLessons plays every lesson, o.jobs at a time.
func startLessons(subjects []scenarios.Subject, o courseOptions) *lessonPlays {
	p := &lessonPlays{halt: make(chan struct{})}
	type task struct {
		name, figure string
		result       chan coursePlay
	}
	var tasks []task
	for _, s := range subjects {
		for _, c := range s.Chapters {
			for _, name := range c.Lessons {
				t := task{name, c.Figure, make(chan coursePlay, 1)}
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
	for range o.jobs {
		p.workers.Go(func() {
			for t := range next {
				t.result <- playLesson(t.name, t.figure, o.out)
			}
		})
	}
	return p
}

// playLesson plays one lesson into its directory below out. A panic is the error of that lesson, so
// that the program ends as it does for any other.
func playLesson(name, figure, out string) (p coursePlay) {
	defer func() {
		if r := recover(); r != nil {
			p.err = &exitError{exitInternal, fmt.Errorf("%s: internal error: %v\n%s", name, r, stack())}
		}
	}()
	s, err := scenarios.Lesson(name)
	if err != nil {
		return coursePlay{err: &exitError{exitInternal, err}} // the lessons are part of the program
	}
	below := lessonDir(s.Name, s.Seed)
	p.dir = filepath.Join(out, below)
	done, err := record(s, scenarios.Options{Progress: func(_, _ model.Time) { tuneMemory() }}, p.dir)
	if err != nil {
		return coursePlay{err: err}
	}
	p.wall = done.wall
	p.lesson = page.CourseLesson{
		Run: done.result.Run, Question: s.Predict.Question, Of: scenarios.TwinOf(name),
		Dir: filepath.ToSlash(below), Silence: done.story.Silence,
	}
	if p.lesson.Pictures, err = sweepPictures(s, out); err != nil {
		return coursePlay{err: err}
	}
	p.lesson.Thumbnail, _ = figures.DrawThumbnail(done.story, figure, s.Name)
	if p.lesson.Of != "" {
		twin, err := scenarios.Lesson(p.lesson.Of)
		if err != nil {
			return coursePlay{err: &exitError{exitInternal, err}}
		}
		for _, d := range scenarios.Differences(twin, s) {
			p.lesson.Differs = append(p.lesson.Differs, d.String())
		}
	}
	return p
}
