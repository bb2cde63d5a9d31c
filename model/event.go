package model

import "fmt"

// EventKind says what happened to a process.
type EventKind uint8

const (
	// Started is the first event of every incarnation.
	Started EventKind = iota + 1
	// ConnOpened: a connection is open. Conn is the id of the Dial effect, or a new even id for an
	// accepted connection, and then Peer names the node that dialled and Listener where it came in,
	// "" if the process has only one listener.
	ConnOpened
	// ConnClosed: a connection is gone, or a dial failed. Nothing more comes on Conn, and Text says
	// why.
	ConnClosed
	// FrameReceived: Data is one whole frame, without its four length bytes. The process owns Data; it
	// may return it (Effects.Return).
	FrameReceived
	// TimerFired: Timer came due. It is no longer set.
	TimerFired
	// Flushed: the flush that carried Token has completed; Text is "" or the disk's error.
	Flushed
	// Commanded: Command is what the workload (or an operator) asks of this process.
	Commanded
)

// String names the kind as traces and stories do.
func (k EventKind) String() string {
	names := [...]string{"none", "started", "conn-opened", "conn-closed", "frame", "timer", "flushed",
		"command"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("event(%d)", uint8(k))
}

// Timer identifies a timer within one process. Setting a timer that is already set moves it.
type Timer struct {
	// Kind is the process's own enum of what the timer is for.
	Kind uint32
	// ID tells timers of one kind apart.
	ID uint64
}

// Command is an instruction to a process from outside the protocol: the workload's sends and
// subscriptions, an operator's requests. String prints it in one line.
type Command interface {
	String() string
	// Sum is a hash of the command's content, for the trace hash: commands come by the hundred
	// thousand and are seldom printed.
	Sum() uint64
}

// Event is one thing that happened to a process. Which fields mean something depends on Kind, as
// said there; the others are zero.
type Event struct {
	Kind     EventKind
	Conn     ConnID
	Timer    Timer
	Token    uint64
	Peer     NodeID
	Listener string
	Data     []byte
	Text     string
	Command  Command
}

// String prints the event in one line.
func (e Event) String() string {
	switch e.Kind {
	case ConnOpened:
		return fmt.Sprintf("%s conn=%d peer=%s", e.Kind, e.Conn, e.Peer)
	case ConnClosed:
		return fmt.Sprintf("%s conn=%d reason=%q", e.Kind, e.Conn, e.Text)
	case FrameReceived:
		return fmt.Sprintf("%s conn=%d bytes=%d", e.Kind, e.Conn, len(e.Data))
	case TimerFired:
		return fmt.Sprintf("%s kind=%d id=%d", e.Kind, e.Timer.Kind, e.Timer.ID)
	case Flushed:
		return fmt.Sprintf("%s token=%d error=%q", e.Kind, e.Token, e.Text)
	case Commanded:
		return fmt.Sprintf("%s %s", e.Kind, e.Command)
	default:
		return e.Kind.String()
	}
}
