package scenarios

import "slices"

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
