// Package world is a small cluster for tests that is led by hand: real brokers, a ZooKeeper server,
// producers, consumers and an admin client, each a process, on the wires of broker/world/wires. A
// script says what happens and shows what can be seen:
//
//	kill broker-1                           the leader is gone
//	tick 18s                                its session is over
//	----
//	18s broker-2: leader-elected orders-0 broker=2 epoch=1 isr=[2 3]
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
