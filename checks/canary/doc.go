// Package canary plants what checks have to find: a check that has gone blind, or that finds what
// is not there, is found out by the runs that pass it.
//
//	a run's history, copied: one record removed, moved, doubled ─▶ Judge   ─▶ found?
//	a run's view, copied: one replica, leader, member changed   ─▶ Watcher ─▶ found?
//	scripts: what is seen over time or on the wire, wrong by as
//	  little as can be, and sound twins as near to it  ─▶ Watcher ─▶ the wrong ones alone?
//	examples: the histories of checks/testdata         ─▶ Judge   ─▶ what they say, no more?
//
// The first two are as large and as odd as the run is; the others stand at the boundaries, where a
// "less" that has become a "less or equal" shows.
//
// Read in this order: canary.go, history.go, plants.go, views.go, script.go with the files of
// scripts, tape.go, examples.go. without.go says which checks have no canary, and why.
package canary
