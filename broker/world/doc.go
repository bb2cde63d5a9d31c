// Package world is a small cluster for tests that is led by hand: real brokers, a ZooKeeper server,
// producers, consumers and an admin client, each a process, on the wires of broker/world/wires. A
// script says what happens and shows what can be seen:
//
//	kill broker-2
//	----
//
//	tick 20s
//	----
//	20s zookeeper: session-expired (broker-2)
//	20s broker-1: leader-elected orders-0 broker=3 epoch=1 isr=[3 1]
//
// Nothing takes time but tick. What processes send each other arrives at once, unless the script
// holds it back (hold, cut, pause) or wants to do everything itself (by-hand): then frames lie in
// their queues until step, deliver or drop. With latency 0 and one fixed order a script always says
// the same, and it says what the claim at its head says: testdata is meant to be read.
//
// The commands stand in script.go with a line for each. What it is not: a simulator with costs and
// chance (sim), nor a place for checks of a whole history (scenarios).
//
// Read in this order: testdata/elections/leader_dies.txt, script.go, world.go, clients.go,
// wires_commands.go, view.go, words.go.
package world
