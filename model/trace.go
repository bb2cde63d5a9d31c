package model

import "strconv"

// TraceLine is one line of trace.ndjson: one event of the world, or one note that a process made
// while it handled an event.
//
//	{"at":5000000000,"seq":812,"node":"broker-1","kind":"frame","cause":799,
//	 "conn":4,"peer":"producer-p1","api":"Produce","version":11,"corr":7,"bytes":233,
//	 "sent":4999600000,"text":"acks=all orders-0: 1 record"}
//	{"at":5000000000,"seq":812,"node":"broker-1","kind":"log-end","topic":"orders","partition":0,
//	 "epoch":1,"offset":4711}
//	{"at":5000000000,"seq":812,"node":"broker-1","kind":"fault","fault":"kill","until":12000000000,
//	 "text":"kill broker-1"}
//
//	{"at":86399500000000,"seq":4812007,"node":"broker-2","kind":"frame","cause":4812001,
//	 "conn":3,"peer":"broker-1","api":"Fetch","reply":true,"version":12,"corr":171984,"bytes":17,
//	 "sent":86399499980000,"empty":true,"text":"nothing new",
//	 "count":171800,"first":402185662010,"sum":"5d1c33ab09e2f871"}
//
// A note has the seq of the event in whose step it was made. Kind is the String of an EventKind,
// the KindName of a Note, or one of the Trace… constants.
type TraceLine struct {
	At    Time   // virtual nanoseconds
	Seq   uint64 // number of the event, counted over the whole run
	Node  NodeID // where it happened; "" for the world itself
	Kind  string
	Cause uint64 // seq of the event that led to this one, 0 for none

	Conn  ConnID // of conn-opened, conn-closed, frame, lost
	Peer  NodeID // the other end of Conn
	Label Label  // of a frame
	Bytes int    // of a frame, without its length
	Sent  Time   // of a frame: when it left the sender
	Empty bool   // of a reply: it says that there is nothing new
	Timer Timer  // of a timer
	// Fault is what was done, of a fault, or what ended, of a heal; nil of every other kind. Node and
	// Peer of the line are those of the fault. It is not changed any more.
	Fault *Fault
	// Text says in words what happened.
	Text string
	// Count is set of a line that stands for several events, alike but for their numbers, which came
	// while nothing but such things happened: of so many, of which the first was at First, this is the
	// last. Sum is the running Sum64 of the lines left out, for comparing traces.
	Count int
	First Time
	Sum   uint64
	// Note is a process's report, or what a protocol has to add to the line of a frame; nil for none.
	Note Note
}

// Kinds of trace lines that are neither events nor notes of a process.
const (
	TraceFault = "fault" // something was done to the world
	TraceHeal  = "heal"  // a fault ended
	TraceLost  = "lost"  // a frame will never arrive
	TraceHeld  = "held"  // a fault keeps a frame back; it arrives later, or is lost
	TraceEnd   = "end"   // the run's last line
)

// AppendJSON appends the line to b, without a newline. Equal lines give equal bytes.
func (l *TraceLine) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"at":`...), int64(l.At), 10)
	b = strconv.AppendUint(append(b, `,"seq":`...), l.Seq, 10)
	b = AppendJSONString(append(b, `,"node":`...), string(l.Node))
	b = AppendJSONString(append(b, `,"kind":`...), l.Kind)
	if l.Cause != 0 {
		b = strconv.AppendUint(append(b, `,"cause":`...), l.Cause, 10)
	}
	if l.Conn != 0 {
		b = strconv.AppendUint(append(b, `,"conn":`...), uint64(l.Conn), 10)
	}
	if l.Peer != "" {
		b = AppendJSONString(append(b, `,"peer":`...), string(l.Peer))
	}
	if l.Label.Name != "" {
		b = AppendJSONString(append(b, `,"api":`...), l.Label.Name)
		if l.Label.Reply {
			b = append(b, `,"reply":true`...)
		}
		if l.Label.Versioned {
			b = strconv.AppendInt(append(b, `,"version":`...), int64(l.Label.Version), 10)
		}
		b = strconv.AppendInt(append(b, `,"corr":`...), int64(l.Label.Correlation), 10)
	}
	if l.Bytes != 0 {
		b = strconv.AppendInt(append(b, `,"bytes":`...), int64(l.Bytes), 10)
		b = strconv.AppendInt(append(b, `,"sent":`...), int64(l.Sent), 10)
	}
	if l.Empty {
		b = append(b, `,"empty":true`...)
	}
	if l.Timer != (Timer{}) {
		b = strconv.AppendUint(append(b, `,"timer":`...), uint64(l.Timer.Kind), 10)
		b = strconv.AppendUint(append(b, `,"timer_id":`...), l.Timer.ID, 10)
	}
	if l.Fault != nil {
		b = l.Fault.appendJSON(b)
	}
	if l.Note != nil {
		b = l.Note.AppendJSON(b)
	}
	if l.Text != "" {
		b = AppendJSONString(append(b, `,"text":`...), l.Text)
	}
	if l.Count != 0 {
		b = strconv.AppendInt(append(b, `,"count":`...), int64(l.Count), 10)
		b = strconv.AppendInt(append(b, `,"first":`...), int64(l.First), 10)
		b = append(strconv.AppendUint(append(b, `,"sum":"`...), l.Sum, 16), '"')
	}
	return append(b, '}')
}
