// Package rundir writes, reads and replays run directories: the files in which a run is kept.
//
//	Play ──▶ scenarios.Play ──trace──▶ out/LESSON/seed-N/
//	                 │                   run.json        the scenario, its seed, verdict, trace hash
//	                 │ observed by a     trace.ndjson    a line an event
//	                 ▼                   history.ndjson  what clients asked and heard
//	         digest.Collector ──drawn─▶ findings.json   what the checks found
//	                                     figures/*.svg, report.html
//
//	Read ◀── run.json    Replay ◀── trace.ndjson    Redraw ◀── all of it
//
// A directory appears whole or not at all: it is written beside its place and moved there, and only
// ever replaces an older run, in which nothing else stands.
//
// What it is not: it judges nothing (package checks) and draws nothing itself (package reports).
//
// Read in this order: play.go, rundir.go, replace.go, name.go, read.go, replay.go, redraw.go.
package rundir
