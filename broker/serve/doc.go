// Package serve makes a plan of which brokers to start from what `sandcastle serve` gets: flags,
// a server.properties and environment variables as the common container images have them.
//
//	--config FILE ─┐
//	KAFKA_… ───────┼─▶ settings ─▶ Plan ─▶ host.ClusterConfig ─▶ host.StartCluster
//	--set, flags ──┘    later ones count more
//
// Everything is checked before anything is started, and what is in the way of a start or ends a
// cluster is said in one sentence, with what helps (problem.go).
//
// What it is not: it starts nothing (package host) and measures nothing (package metrics).
//
// Read in this order: plan.go, settings.go, problem.go.
package serve
