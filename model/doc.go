// Package model holds the nouns of Sandcastle: what a process sees (Event), what it wants
// (Effects), what it is (Process), and what a checker reads afterwards (Op, Finding, ReplicaView,
// PartitionLog).
//
// It imports nothing of ours and nothing but the standard library, so that the simulator, the
// broker, the checkers and the reports can speak about one run without knowing each other.
//
//	            Event                        Effects
//	world ───────────────▶ Process.Step ───────────────▶ world
//	(sim, broker/host)      one function                 (sim, broker/host)
//	                            │
//	                            ├─ Note ▶ trace.ndjson     what happened inside (leader elected, …)
//	                            └─ Op   ▶ history.ndjson   what a client asked and was told
//
// What it is not: it knows neither Kafka's wire format (broker/wire) nor the simulator (sim).
//
// Read in this order: time.go, id.go, process.go, event.go, effects.go, disk.go, rand.go; then, for
// judging, note.go, history.go, history_ndjson.go, finding.go, partition_log.go, view.go.
package model
