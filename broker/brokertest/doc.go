// Package brokertest is a world for tests of whole brokers: ZooKeeper, brokers and a client that
// speaks bare frames, in the simulator, on hardware that costs nothing.
//
//	Cluster ──▶ sim.World ──▶ zookeeper-1, broker-1 … broker-n, probe-1
//	   │ Request, Produce, Fetch …                                  ▲
//	   └──▶ Line ── commands ────────────── frames out, replies in ─┘
//
// What it is not: it is no part of a broker, and nothing but tests imports it. The room scenarios
// plays lessons.
//
// Read in this order: cluster.go, probe.go, requests.go, state.go.
package brokertest
