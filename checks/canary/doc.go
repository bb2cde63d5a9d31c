// Package canary plants what checks have to find. After a run that they passed, its history and a
// view of its cluster are taken once more, one thing is falsified on a copy, and the check whose
// matter that is has to find it: a check that has gone blind is found out by the runs that it
// passes.
//
//	history ──copy──▶ one record removed, moved, doubled, … ──▶ Judge, one check ──▶ found?
//	view    ──copy──▶ one replica, leader, member changed   ──▶ Watcher          ──▶ found?
//
// What it is not: a test of how well a check excuses what is no anomaly; those are in checks, ok
// and bad by turns.
//
// Read in this order: canary.go, history.go, plants.go, views.go. without.go says which checks have
// no canary, and why.
package canary
