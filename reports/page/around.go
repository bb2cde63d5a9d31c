package page

import (
	"cmp"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/text"
)

// neighbourView is a page beside this one: a link to it or, where it is not there, the command that
// makes it.
type neighbourView struct {
	ID, Kind, Name, About, Href, Command string
}

// viewAround lists what stands beside the lesson.
func viewAround(r *kafka.Run, lesson *digest.Lesson) []neighbourView {
	var out []neighbourView
	for i := range lesson.Around {
		n := &lesson.Around[i]
		v := neighbourView{Kind: n.Kind.String(), Name: n.Name, About: n.About, Href: n.Href,
			ID: "around-" + string(rune('a'+i))}
		switch {
		case n.Href != "":
		case n.Kind == digest.NeighbourCourse:
			v.Command = n.CourseCommand(r.Program)
		default:
			v.Command = text.Command(&kafka.Run{Scenario: n.Name, Seed: n.Seed, Program: r.Program})
		}
		out = append(out, v)
	}
	return out
}

// hrefOf finds the page of a kind, "" where there is none.
func hrefOf(lesson *digest.Lesson, kind digest.NeighbourKind) string {
	for i := range lesson.Around {
		if n := &lesson.Around[i]; n.Kind == kind {
			return n.Href
		}
	}
	return ""
}

// next writes the lesson after this one: its name, and where its page is, "" for nowhere.
func (w *dataWriter) next(lesson *digest.Lesson) {
	name := ""
	for i := range lesson.Around {
		if lesson.Around[i].Kind == digest.NeighbourNext {
			name = cmp.Or(name, lesson.Around[i].Name)
		}
	}
	w.key("next").raw(`{"name":`).quote(name).key("href").
		quote(hrefOf(lesson, digest.NeighbourNext)).raw("}")
}
