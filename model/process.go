package model

// Process is any participant of a run: a broker, a ZooKeeper server, a producer, a consumer, an
// admin client. It is one function.
//
// Step never blocks, never calls out, starts no goroutine and returns no error: what it wants is
// appended to out, which also says what time it is; what went wrong comes back as an event. It may
// read and write the Disk it was made with. The same events in the same order always give the same
// effects.
type Process interface {
	Step(in Event, out *Effects)
}

// Boot is what a process is made with, each time its node starts.
type Boot struct {
	Node NodeID
	// Incarnation counts the starts of this node: 1 the first time.
	Incarnation uint64
	// Disk is the node's disk as the last crash left it. Nil for a process that has none.
	Disk Disk
	// Rand is this incarnation's own stream.
	Rand *Rand
}
