// Package recorded has runs that are written by hand, line by line, for the tests of reports: a
// failover, a takeover in a group, cut links, keys spread unevenly, and a crowd of messages.
//
//	r := recorded.Failover(200) ─▶ r.Trace, r.Ops, or r.Dir() as a run directory
//
// It knows the trace and the history, and nothing of what is made of them. Read recording.go, then
// traffic.go.
package recorded
