package scenarios

import (
	"path"
	"slices"
	"strings"
)

// Subject is a part of the course: a folder of lessons.
type Subject struct {
	Folder   string // such as "replication"
	Title    string
	Chapters []Chapter
}

// Chapter is one point that the course makes, by a lesson and its twins.
type Chapter struct {
	Number int // in the plan of the course; chapters that make one point in several ways share it
	Title  string
	// Source is where the story of a protocol's fault and its repair is told, such as "KIP-101";
	// "" for other chapters.
	Source string
	// Figure is the name of the figure that shows the point best.
	Figure string
	// Lessons are the names of the lesson and of its twins, each after the one that it is a twin of.
	Lessons []string
}

// CoursePath is a way through the course for those with little time.
type CoursePath struct {
	Title, About string
	Numbers      []int // of chapters, in the order in which they are taken
}

// Course returns the lessons in the order in which they are taught. A lesson that the table of
// chapters does not know is a chapter at the end of its subject.
func Course() []Subject {
	subjects := subjectTable()
	rows := chapterTable()
	lessons := Lessons()
	for _, row := range rows {
		c := Chapter{Number: row.number, Title: row.title, Source: row.source, Figure: row.figure}
		for _, name := range lessons {
			if chapterOf(rows, name) == row.lesson {
				c.Lessons = append(c.Lessons, name)
			}
		}
		if len(c.Lessons) > 0 {
			subjects = addChapter(subjects, path.Dir(row.lesson), c)
		}
	}
	for _, name := range lessons {
		if chapterOf(rows, name) == "" && TwinOf(name) == "" {
			c := Chapter{Title: strings.ReplaceAll(path.Base(name), "-", " ")}
			for _, other := range lessons {
				if other == name || strings.HasPrefix(other, name+"-") {
					c.Lessons = append(c.Lessons, other)
				}
			}
			subjects = addChapter(subjects, path.Dir(name), c)
		}
	}
	return slices.DeleteFunc(subjects, func(s Subject) bool { return len(s.Chapters) == 0 })
}

func addChapter(subjects []Subject, folder string, c Chapter) []Subject {
	for i := range subjects {
		if subjects[i].Folder == folder {
			subjects[i].Chapters = append(subjects[i].Chapters, c)
			return subjects
		}
	}
	return append(subjects, Subject{Folder: folder, Title: folder, Chapters: []Chapter{c}})
}

// chapterOf returns the lesson of the chapter that name belongs to, "" for none: name itself, or
// the longest one that name begins with.
func chapterOf(rows []chapterRow, name string) string {
	best := ""
	for _, r := range rows {
		if (name == r.lesson || strings.HasPrefix(name, r.lesson+"-")) && len(r.lesson) > len(best) {
			best = r.lesson
		}
	}
	return best
}

// TwinOf returns the lesson that name is a twin of: the longest other one whose name it begins
// with. "" when it is nobody's twin.
func TwinOf(name string) string {
	best := ""
	for _, other := range Lessons() {
		if strings.HasPrefix(name, other+"-") && len(other) > len(best) {
			best = other
		}
	}
	return best
}

// Around is what stands beside a lesson in the course.
type Around struct {
	Chapter string   // where to find it in the course: the chapter's first lesson
	Twins   []string // the other lessons of its chapter
	// Before and Next are the first lessons of the chapters beside its own, "" at an end of the
	// course.
	Before, Next string
}

// AroundLesson finds a lesson in the course. It is false for a scenario that is none of them.
func AroundLesson(name string) (a Around, found bool) {
	for _, subject := range Course() {
		for _, c := range subject.Chapters {
			switch {
			case slices.Contains(c.Lessons, name):
				a.Chapter, found = c.Lessons[0], true
				for _, other := range c.Lessons {
					if other != name {
						a.Twins = append(a.Twins, other)
					}
				}
			case !found:
				a.Before = c.Lessons[0]
			default:
				a.Next = c.Lessons[0]
				return a, true
			}
		}
	}
	if !found {
		return Around{}, false
	}
	return a, true
}
