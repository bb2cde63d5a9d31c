// Package measure counts what happened in a run, under the names by which scenarios expect it and
// pages show it (kafka.MeasureKinds).
//
//	history ──▶ OfHistory   operations, how long sends took, how far readers were behind
//	notes   ──▶ Notes       how often what was noted, and where
//	machines ─▶ Load        how busy CPU, network and disk were in the worst second, and the traffic
//
// What it is not: it judges nothing, and knows no scenario.
//
// Read in this order: history.go, sends.go, reads.go, notes.go, load.go.
package measure
