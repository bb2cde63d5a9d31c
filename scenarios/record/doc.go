// Package record plays a scenario's clients against a real Kafka cluster, in real time and through
// franz-go, and writes what they asked and heard as a history, which package checks judges: a
// lesson written once checks the real thing.
//
//	scenario ─▶ Begin ──▶ topics ─▶ Play ─┬─ producer.go ─┐              ┌─▶ history.ndjson
//	            cluster.go                ├─ consumer.go ─┼─▶ history.go ┤
//	                          play.go     └─ Finish ──────┘              └── times since the start
//
// Each client is a goroutine, and the clock is the wall's. Of the timeline it closes and restarts
// consumers, which are its own. Faults are the user's to make: what else the timeline would do now
// is announced, and nothing is done.
//
// What it is not: it judges nothing, and it starts no cluster (sandcastle serve does).
//
// Read in this order: recorder.go, cluster.go, play.go, producer.go, consumer.go, history.go.
package record
