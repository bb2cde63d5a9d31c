package model

import "time"

// EffectKind says what a process wants.
type EffectKind uint8

const (
	// EffectSend: put the frame Data on connection Conn. Sending on a closed connection does nothing.
	EffectSend EffectKind = iota + 1
	// EffectDial: open connection Conn (odd, new) to Addr, "host:port". Answered by ConnOpened or,
	// when it is refused, by ConnClosed. No answer at all is possible: set a timer.
	EffectDial
	// EffectClose: close Conn. No ConnClosed follows on this side. Reason, if there is one, says what
	// the other side did wrong, for whoever looks after the process.
	EffectClose
	// EffectSetTimer: Timer shall fire at At (at once if that is past).
	EffectSetTimer
	// EffectCancelTimer: Timer shall not fire, if it is set.
	EffectCancelTimer
	// EffectFlush: make what was written so far to the files under Flush.Path durable.
	EffectFlush
	// EffectNote: Notes[Index] goes to the trace.
	EffectNote
	// EffectOp: Ops[Index] goes to the history.
	EffectOp
	// EffectHalt: the process ends itself, as a broker does when it cannot go on. Reason says why.
	EffectHalt
)

// Label says what a frame is, for the trace and for faults that pick messages ("the second Fetch
// reply"). It has no part in the protocol.
type Label struct {
	// Name is the API's name, a constant such as "Fetch".
	Name string
	// Reply is true for a response.
	Reply bool
	// Versioned says that Version is the version of the API; ZooKeeper's has none.
	Versioned bool
	Version   int16
	// Correlation ties a reply to its request on the same connection.
	Correlation int32
}

// Flush is the request to make files durable, with what may only happen afterwards.
type Flush struct {
	// Path is a file, a directory (all files below it), or "" for the whole disk.
	Path string
	// Token comes back in the Flushed event; 0 asks for no event.
	Token uint64
	// Release holds the effects that wait for the flush, such as the replies that promise durability.
	// They are dropped when the flush fails or the process dies first.
	Release []Effect
}

// Effect is one wish of a process. Which fields mean something depends on Kind.
type Effect struct {
	Kind   EffectKind
	Conn   ConnID
	Timer  Timer
	At     Time
	Index  int
	Data   []byte
	Addr   string
	Label  Label
	Flush  *Flush
	Reason string
}

// Effects is one step as its process sees it: the time at which it happens, and what the process
// wants, in order. The host empties it between steps and reuses its memory, so a process keeps no
// reference to it beyond the step.
type Effects struct {
	// Now is the time of the step, on a clock that nobody sets: timers and timeouts go by it.
	Now Time
	// Wall is what the node's wall clock shows. It is Now unless somebody has set that clock, or it
	// runs fast or slow; it may go back. What is written down goes by it, and ages that are told from
	// what is written down: timestamps of records, retention, the expiry of offsets.
	Wall  Time
	List  []Effect
	Notes []Note
	Ops   []Op
	// Work is CPU time that the step cost beyond what the hardware profile charges per event and per
	// byte, such as compressing a batch.
	Work time.Duration
	// Frames is the memory of frames; nil where each is made anew.
	Frames FrameMemory
}

// FrameMemory is memory for frames, which is used again.
type FrameMemory interface {
	// Lend returns an empty frame with room for n bytes. What is in the room is undefined.
	Lend(n int) []byte
	// Return takes the memory of a frame that nobody uses any more.
	Return(frame []byte)
}

// Frame returns an empty frame with room for n bytes, to be filled and sent.
func (e *Effects) Frame(n int) []byte {
	if e.Frames == nil {
		return make([]byte, 0, n)
	}
	return e.Frames.Lend(n)
}

// Return gives back a frame that the process has received and is done with. Nothing may point into
// it any more: the next Frame may have its memory. A process need not return what it receives.
func (e *Effects) Return(frame []byte) {
	if e.Frames != nil {
		e.Frames.Return(frame)
	}
}

// At sets the time of the step, on both clocks, and returns e.
func (e *Effects) At(now Time) *Effects {
	e.Now, e.Wall = now, now
	return e
}

// WallAt sets what the wall clock shows, where that is another time, and returns e.
func (e *Effects) WallAt(wall Time) *Effects {
	e.Wall = wall
	return e
}

// Reset empties e and keeps its memory, that of notes and operations too (SpareNote, SpareOp).
func (e *Effects) Reset() {
	clear(e.List)
	e.List, e.Notes, e.Ops, e.Work = e.List[:0], e.Notes[:0], e.Ops[:0], 0
}

// Send asks for frame on conn. The frame belongs to the host from now on.
func (e *Effects) Send(conn ConnID, frame []byte, label Label) {
	e.List = append(e.List, Effect{Kind: EffectSend, Conn: conn, Data: frame, Label: label})
}

// Dial asks for a connection to addr, "host:port", under the odd id conn.
func (e *Effects) Dial(conn ConnID, addr string) {
	e.List = append(e.List, Effect{Kind: EffectDial, Conn: conn, Addr: addr})
}

// Close asks to close conn.
func (e *Effects) Close(conn ConnID) {
	e.List = append(e.List, Effect{Kind: EffectClose, Conn: conn})
}

// CloseBecause is Close with what the other side did wrong, in half a sentence.
func (e *Effects) CloseBecause(conn ConnID, reason string) {
	e.List = append(e.List, Effect{Kind: EffectClose, Conn: conn, Reason: reason})
}

// SetTimer asks for TimerFired(timer) at the time at, in place of an earlier setting.
func (e *Effects) SetTimer(timer Timer, at Time) {
	e.List = append(e.List, Effect{Kind: EffectSetTimer, Timer: timer, At: at})
}

// CancelTimer takes back SetTimer.
func (e *Effects) CancelTimer(timer Timer) {
	e.List = append(e.List, Effect{Kind: EffectCancelTimer, Timer: timer})
}

// Flush asks to make path durable, then for the released effects, then for Flushed(token).
func (e *Effects) Flush(path string, token uint64, release ...Effect) {
	e.List = append(e.List, Effect{
		Kind: EffectFlush, Flush: &Flush{Path: path, Token: token, Release: release},
	})
}

// Note records something for the trace.
func (e *Effects) Note(n Note) {
	e.Notes = append(e.Notes, n)
	e.List = append(e.List, Effect{Kind: EffectNote, Index: len(e.Notes) - 1})
}

// SpareNote returns the note of an earlier step whose place the next Note will take, nil if there
// is none: whoever makes notes may use its memory again.
func (e *Effects) SpareNote() Note { return spare(e.Notes) }

// Op records the start or the outcome of a client operation.
func (e *Effects) Op(op Op) {
	e.Ops = append(e.Ops, op)
	e.List = append(e.List, Effect{Kind: EffectOp, Index: len(e.Ops) - 1})
}

// SpareOp is SpareNote for operations.
func (e *Effects) SpareOp() Op { return spare(e.Ops) }

// spare returns what stands behind the end of list.
func spare[T any](list []T) T {
	if len(list) == cap(list) {
		var none T
		return none
	}
	return list[:len(list)+1][len(list)]
}

// Halt ends the process.
func (e *Effects) Halt(reason string) {
	e.List = append(e.List, Effect{Kind: EffectHalt, Reason: reason})
}
