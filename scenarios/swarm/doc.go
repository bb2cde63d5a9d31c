// Package swarm draws scenarios: a whole one from a seed alone, or what disturbs one that is given.
//
//	seed, Profile ─▶ shape.go      the cluster, topics, clients ─┐
//	                                      a base scenario ───────┤
//	                                                             ▼
//	                 faults.go     single faults, weighed ─────▶ timeline ─▶ the file ─▶ Parse
//	                 operators.go  what operators ask for ─────▶    ▲            ▲
//	                 correlated.go faults that belong together ─────┘            │
//	                 admits.go     which findings such a run may have ───────────┘
//
// What is drawn is the text of a scenario and nothing else, so that it replays alone. Each aspect
// draws from a stream of its own: one more draw in one does not move the others. Some kinds of
// faults are off altogether in a seed, and the others have widely different weights.
//
// What is expected of a run follows from the scenario (admits.go), however it came about. Most
// seeds are safe: nothing is admitted. The others have one danger each, and admit what that danger
// does in Kafka too.
//
// What it is not: it plays nothing (package scenarios, which it uses) and sweeps nothing (package
// sweep).
//
// Read in this order: draw.go, profile.go, shape.go, faults.go, correlated.go, admits.go.
package swarm
