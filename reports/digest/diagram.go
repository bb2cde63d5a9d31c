package digest

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Diagram is a run as a space-time diagram: one lane per node, every message as an arrow from the
// lane that sent it to the lane that it reached, and what each node knew of itself at any moment.
// The page and the terminal draw it.
type Diagram struct {
	Lanes  []Lane
	Events []DiagramEvent // in order of the trace
	States []StateChange  // in order of the events
	// Lines is how many lines the trace has. Left is how many events Events lacks because they were
	// too many; notes that come with every record are states and no events of their own.
	Lines, Left int
}

// Lane is a node. Lanes stand in the order in which they are drawn: clients, brokers, ZooKeeper.
type Lane struct {
	Node model.NodeID
	Role string // "producer", "consumer", "admin", "broker" or "zookeeper"
}

// Fold says why an event is of no interest until somebody asks.
type Fold uint8

const (
	Unfolded  Fold = iota
	Heartbeat      // keeps a session or a membership alive
	EmptyPoll      // a fetch that brought nothing, or its answer
	Noise          // a timer, a flush, a connection
)

// DiagramEvent is one line of the trace.
type DiagramEvent struct {
	At   model.Time
	Seq  uint64
	Lane int // index into Lanes; -1 for the world itself
	Kind string
	// Cause is the index of the event that led to this one, -1 for none.
	Cause int

	Peer    int // lane of the sender of a frame, -1 for none
	Sent    model.Time
	Conn    model.ConnID
	Label   model.Label
	Version int          // of the frame's API, -1 if unknown
	Fault   *model.Fault // that began or ended, nil for none
	// Text is a frame's decoded fields, or a note in words.
	Text       string
	Partitions []kafka.TopicPartition // that the event is about
	Fold       Fold
}

// StateChange is something that a node knows from an event on: "orders-0 role" is "leader, epoch
// 2".
type StateChange struct {
	Event int // index into Events
	Lane  int
	Key   string
	Value string // "" when it is no longer known
}
