// Package model holds the nouns that any simulated process needs: what it sees (Event), what it
// wants (Effects), what it is (Process), its disk, its randomness, and the lines of the trace that
// a run leaves.
//
// It imports nothing but the standard library and knows no protocol: a note is an interface (Note),
// and so is a line of a history (Op). Those of Kafka are in model/kafka.
//
//	            Event                        Effects
//	world ───────────────▶ Process.Step ───────────────▶ world
//	(sim, broker/host)      one function                 (sim, broker/host)
//	                            │
//	                            ├─ Note ▶ trace.ndjson     what happened inside
//	                            └─ Op   ▶ history.ndjson   what a client asked and was told
//
// What it is not: the world that runs processes. There are two, the simulator (sim) and real
// sockets and files (broker/host), and no process can tell which one it is in.
//
// Read in this order: time.go, id.go, address.go, process.go, event.go, effects.go, disk.go,
// rand.go, sum.go; then, for who looks at a run, note.go, trace.go. input_error.go is how a mistake
// in a person's file is told.
package model
