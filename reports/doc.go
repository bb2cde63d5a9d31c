// Package reports writes what a run directory is looked at with: figures and one self-contained
// page. All of it is a pure function of run.json, trace.ndjson and history.ndjson.
//
//	trace, history ─▶ digest.Collector ─▶ digest.Story ─┬─▶ text     the terminal, a file
//	run.json         (or digest.Load)                   ├─▶ figures  figures/*.svg ─┐
//	                                                    └─▶ page     report.html ◀──┘
//
// The work is done below, each package using only those to its left:
//
//	prose, palette   a note, a number, a time in plain English; every colour, light and dark
//	digest           what a trace and a history say, in bounded memory; sweeps of many runs
//	text, figures    the story in lines, and as columns of text; the run drawn as SVG
//	page             report.html, and index.html over all lessons
//	recorded         runs written by hand, for the tests of all of these
//
// What it is not: it judges nothing (package checks does), knows nothing of the simulator, and has
// neither a clock nor a file system of its own; digest.Load takes an fs.FS and Write a function.
package reports
