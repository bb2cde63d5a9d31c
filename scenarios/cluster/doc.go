// Package cluster looks at the ZooKeeper and the brokers of a run from outside, with eyes that see
// into every machine: what a player of scenarios asks of them, and nobody who takes part can know.
//
//	sim.World ──▶ Cluster     who leads, follows, controls; whether a partition is whole
//	                │ ├─────▶ Waiting     and if it is not, who waits for what
//	                │ └─────▶ Inspector   shows the insides to the checks' watcher
//	notes ─────▶ Topics       which topics there are, and how many partitions they have
//	frames ────▶ DescribeFrames           what the bytes mean, for the trace
//
// What it is not: it changes nothing of a run but what it was asked to remember, and knows no
// scenario.
//
// Read in this order: cluster.go, waiting.go, inspector.go, topics.go, frames.go.
package cluster
