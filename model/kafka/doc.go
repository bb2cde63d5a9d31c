// Package kafka holds what everybody who looks at a run of Kafka must agree on: the ids of its
// protocol, the notes that its processes make, what its clients asked and were told (Op, History),
// what a checker finds (Finding, Verdict) and sees inside (ReplicaView), and what a correct
// partition promises (PartitionLog).
//
//	processes ─ Note ▶ trace.ndjson   ─ TraceLine ▶ checks, reports
//	          ─ Op   ▶ history.ndjson ─ History   ▶ checks ─ Finding ▶ run.json
//
// What it is not: it knows neither Kafka's wire format (broker/wire) nor how a run came to be.
//
// Read in this order: id.go, internal_topic.go, note.go, trace.go, history.go, history_ndjson.go,
// finding.go, run.go, measure.go, partition_log.go, view.go; command.go tells the commands apart in
// hashes.
package kafka
