// Package sim is the world in which processes live: a clock, a network, disks, machines that fail,
// and chance. It knows nothing of Kafka. One thread, one queue, one seed: the same calls on a World
// of the same Config give the same run, byte for byte.
//
//	              ┌──────────────── World ────────────────┐
//	Step(event) ◀─┤ kernel.go   what happens next         │
//	  process     │ node.go     machines, their inboxes   │
//	effects ─────▶┤ network.go  connections               │──▶ trace.go ▶ trace.ndjson
//	              │ disk.go     page cache and platter    │──▶ hash.go  ▶ one number for the run
//	              │ link.go     latency, cuts             │
//	              │ timers.go, flush.go, filter.go        │──▶ usage.go: what it cost
//	              └───────────────────────────────────────┘
//
// A node takes one event at a time. A step begins when its event has arrived and the node's CPU is
// free; what the step wants leaves when the step ends, later by what hardware.go says the work
// costs. Frames queue on the sender's network card, flushes on its disk.
//
// Connections are like TCP: ordered, reliable until broken. A cut link stalls them, a killed
// process resets them, a node without power leaves them silent.
//
// contract.go, contract_disk.go and contract_network.go say what every world that runs processes
// promises, as tests that another world can be put to.
//
// What it is not: it makes no decision that a person did not ask for. There is no random fault
// here; what goes wrong, and when, comes from the runner.
//
// Example, and the module in example/ with its README, show how to use it for a protocol of one's
// own.
//
// Read in this order: world.go, kernel.go, node.go, network.go, link.go, disk.go, trace.go.
package sim
