// Package jepsen reads histories in the form in which Jepsen and Maelstrom keep them, history.edn:
// one map a line, or a vector of them. It makes each the line of JSON that kafka.ReadAnyHistory
// reads, on the same line, so that what is wrong is told where it is.
//
//	history.edn ─ Lines ▶ history.ndjson ─ kafka.ReadAnyHistory ▶ checks
//
// What it is not: it knows nothing of operations. EDN itself is read by olympos.io/encoding/edn.
package jepsen
