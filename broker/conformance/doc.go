// Package conformance holds brokers to what every client relies on. It plays one list of exchanges
// of bare requests against a cluster, wherever that runs, and checks the answers: the simulated
// cluster and the one on real sockets pass the same list.
//
//	Contract ──▶ clause ──▶ player ──▶ Cluster ──▶ Line ──▶ broker
//	                         │  request, as a client writes it
//	                         ◀──────────────────────────── answer
//
// It is in no test file because the tests of two packages use it: its own, over the simulator, and
// those of broker/host. No command imports it.
//
// Read in this order: contract.go, player.go, then the clauses: handshake.go, topics.go,
// records.go, sequences.go, waiting.go, groups.go.
package conformance
