// Package teach walks through a run at a terminal: one column per node, time downwards, and before
// the deciding step it asks what the reader expects.
//
//	introduction ─▶ step ─▶ … ─▶ prediction ─▶ step ─▶ … ─▶ verdict   walk.go: where one stands
//	                 │                                        │
//	                 ├ messages one by one (↑ ↓)               └ knob.go: change a setting, play
//	                 └ over it: keys, moments, what nodes know   again, compare, walk through that
//
// It is a Bubble Tea program: teacher.go turns messages into state, view.go and pages.go turn state
// into lines. The columns themselves are drawn by package reports, which knows of no terminal.
//
// What it is not: it plays nothing. Whoever calls it brings the run, and a Player for the runs with
// other settings.
//
// Read in this order: teacher.go, keys.go, walk.go, view.go, pages.go, knob.go, style.go.
package teach
