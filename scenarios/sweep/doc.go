// Package sweep plays a scenario under many settings and seeds, and compares numbers of the runs.
//
//	New ─▶ Plan: every combination of values × every seed ─▶ Runs
//	        │                                                 │
//	        ├ directory.go  what an earlier sweep played ────▶│◀── play.go  several at a time,
//	        │ lines.go                                        │    journal.go  each written when done
//	        │                                                 ▼
//	        └────────── runs.ndjson, sweep.csv, sweep.svg ◀── Outcome ─▶ text.SweepLines
//	                        ▲         sweep.json (recipe.go): what was to be played
//	                        └── merge.go: the shards (shard.go) of a sweep as one
//
// A run is known by all that is in its scenario and by its seed, so what is printed and written is
// the same however many runs are played at a time, in whatever parts, and with whatever breaks.
//
// What it is not: it prints nothing (cmd/sandcastle) and lays out nothing (package reports).
//
// Read in this order: plan.go, shard.go, play.go, directory.go, lines.go, journal.go, recipe.go,
// merge.go, measures.go.
package sweep
