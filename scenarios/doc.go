// Package scenarios turns a YAML file and a seed into a run: it builds the cluster in the
// simulator, plays the workloads and the timeline, lets everything heal and settle, reads
// everything once more, and has the checks judge what happened.
//
//	lessons/*/*.yaml ─▶ Parse ─▶ Scenario ─▶ Play(seed) ─▶ Result ─▶ kafka.Run, history, trace
//	                   strict,     ▲        │
//	                   line and    │        │
//	                   column   Override    ├ cluster.go    nodes: ZooKeeper, brokers, admin
//	                                        ├ workload.go   producers and consumers
//	                                        ├ timeline.go   faults, at a time or after an event
//	                                        ├ settle.go     heal, settle, final reads
//	                                        └ judge.go      checks, expectations, verdict
//
// `go test ./scenarios` plays every lesson twice and compares the trace hashes, and plays it under
// further seeds, others with each commit. testdata/trace_hashes.txt keeps the hashes.
//
// Below it: cluster looks into the machines, history records what clients did, measure counts.
//
// What it is not: it draws nothing (package reports) and writes no files (package rundir, which
// uses it; sweep, shrink, course and record beside that play many runs, ever smaller scenarios,
// every lesson, and a real cluster).
//
// Read in this order: scenario.go, fields.go, decode.go, play.go, then the files above.
package scenarios
