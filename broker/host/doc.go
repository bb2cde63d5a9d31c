// Package host plays processes over real sockets, files and the wall clock: the same brokers,
// ZooKeeper servers and clients that the simulator plays over virtual ones.
//
//	                                ┌──────── Node ────────┐
//	socket ─▶ reader ───┐           │ one goroutine:       │─▶ writer ─▶ socket
//	disk  ──▶ flusher ──┼─▶ inbox ─▶│ Process.Step(in, out)│─▶ flusher ─▶ fsync
//	clock ──▶ timers ───┘           └──────────────────────┘─▶ timers
//
// A process is stepped by one goroutine alone, so it needs no locks here either. Everything else is
// carried to it through its inbox, which has room for a bounded number of events: who sends faster
// than the process works waits. Of one connection there is one frame at a time in there, and none
// while the process works on an earlier one or its answer is not yet read. So a peer can send
// as much as it likes and read as little: what it costs is bounded, and others have their turn.
//
// Of what takes part in a run, this is the only package with goroutines, sockets, files and a
// clock. Around it: serve plans which brokers it starts, metrics exports what they count, tools are
// clients for the command line.
//
// Read in this order: node.go, inbox.go, effects.go, connection.go, reader.go, writer.go,
// timers.go, dir.go, file.go, arena.go, frames.go, notes.go, flush.go, unsynced.go, lock.go,
// listen.go, doors.go, complaints.go, handles.go, descriptors.go, cluster.go.
package host
