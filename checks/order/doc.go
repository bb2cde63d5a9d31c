// Package order judges what clients did by the order of the logs: where consumers went on, how the
// records of one operation stand, and whether operations form a cycle. One file for each anomaly of
// Jepsen's that is so defined (jepsen.tests.kafka).
//
//	checks.partition ──▶ Log: ranks instead of offsets
//	                      ├─ one operation   int-poll-skip, int-nonmonotonic-poll, int-send-skip,
//	                      │                  int-nonmonotonic-send, precommitted-read
//	                      ├─ Consumers       poll-skip, nonmonotonic-poll, nonmonotonic-send
//	                      └─ Dependencies    G0, G1c, *-cycle-exists: ww, wr, processes, time
//	                            └─ cycles.Graph
//
// Some of it breaks no promise of Kafka's (Case.Allowed): what that is follows Jepsen's
// allowed-error-types, history by history instead of test by test. Records of transactions
// alternate in the logs, so int-send-skip, G0, and cycles of G1c that take the order of records are
// allowed; a consumer that subscribed may be moved by rebalances; and a poll that says
// read_uncommitted is promised nothing about transactions.
//
// It is not about which records are lost, and does not make ranks: package checks does.
//
// Read in this order: log.go, op.go and the five files of single operations; consumer.go,
// poll_skip.go, nonmonotonic_poll.go, nonmonotonic_send.go; dependencies.go, cycle.go, g0.go,
// g1c.go, cycle_exists.go.
package order
