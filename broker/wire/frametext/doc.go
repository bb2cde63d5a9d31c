// Package frametext says for the trace what a Kafka frame means, in a line such as "orders-0: 3
// records from 41, hw=44", and which partitions it is about.
//
//	frame ──▶ Describer ──▶ kmsg message ──▶ one of the describe functions ──▶ line
//	              │
//	              └── names of topic ids, partitions of fetch sessions
//
// Each file holds the words of the APIs of one kind. What it is not: it has no influence on a run,
// and nothing parses what it writes.
//
// Read in this order: describer.go, line.go, log.go, sessions.go, replicas.go, group.go, groups.go,
// topics.go, configs.go, cluster.go, assignment.go, security.go.
package frametext
