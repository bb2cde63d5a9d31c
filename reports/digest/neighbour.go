package digest

import (
	"cmp"
	"strings"
)

// Program is how the command line is called where nothing else is known.
const Program = "sandcastle"

// Neighbour is a page that stands beside that of a lesson.
type Neighbour struct {
	Kind NeighbourKind
	// Name is the lesson's, "" for the course; Seed is its own.
	Name string
	Seed uint64
	// About says in which settings a twin differs, "" where that is not said.
	About string
	// Href leads from the run directory to the page, with '/'. It is "" where there is none: then a
	// command makes it, and Out is the directory for all runs that it needs to be told, if any.
	Href, Out string
}

// NeighbourKind says what a neighbour is to the lesson.
type NeighbourKind uint8

const (
	NeighbourCourse  NeighbourKind = iota // the page over all lessons
	NeighbourWritten                      // the same lesson as it is written; this run changed it
	NeighbourTwin                         // the same but for a setting
	NeighbourNext
	NeighbourBefore
)

// String is what the neighbour is called on the page.
func (k NeighbourKind) String() string {
	return [...]string{"the course", "this lesson as it is written", "twin", "next lesson",
		"lesson before"}[k]
}

// CourseCommand is the line that makes the page over all lessons. program is how the reader calls
// the command line.
func (n *Neighbour) CourseCommand(program string) string {
	line := cmp.Or(program, Program) + " course"
	if n.Out != "" {
		line += " --out '" + strings.ReplaceAll(n.Out, "'", `'\''`) + "'"
	}
	return line
}
