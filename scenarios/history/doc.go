// Package history writes the history of a run: what clients asked for and what came of it, in the
// form in which checks read it.
//
//	client operations, in the order in which they begin and end ──▶ Recorder ──▶ kafka.History
//
// What it is not: it reads no files (model/kafka does), and knows no scenario.
//
// Read recorder.go.
package history
