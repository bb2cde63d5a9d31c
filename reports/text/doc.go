// Package text tells a run in plain text: a summary of a few lines, the whole story step by step,
// the space-time diagram as columns of characters, the verdict, two runs side by side, and the
// tables of a sweep.
//
//	seconds   p1    b1    b2    b3
//	  5.999   ├────▶│     │     │   Produce v9: acks=all orders-0: 1 record
//	  6.000   │     │     ✗     │   broker-2 is killed
//
// What it is not: it writes to no terminal. A Line is spans of text, each with an Ink that a
// terminal may colour; ink alone says nothing.
//
// Read in this order:
//
//	summary.go     the story in a few lines
//	story.go       the story from the claim to the answer; verdict.go what the checks say, meaning.go
//	               what an anomaly is,
//	               command.go how the run is played again
//	columns.go     the diagram as columns, and the walk through it: passage.go chooses the rows,
//	               layout.go places the columns, rows.go draws them, state.go is what nodes know
//	line.go        spans, inks, and texts that are cut or wrapped to a width
//	comparison.go  a lesson beside the same with a knob turned
//	sweep.go       a sweep as tables and as CSV
package text
