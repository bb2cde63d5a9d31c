package model

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// TraceLine is one line of trace.ndjson: one event of the world, or one note that a process made
// while it handled an event.
//
//	{"at":5000000000,"seq":812,"node":"broker-1","kind":"frame","cause":799,
//	 "conn":4,"peer":"producer-p1","api":"Produce","version":11,"corr":7,"bytes":233,
//	 "sent":4999600000,"partitions":["orders-0"],"text":"acks=all orders-0: 1 record"}
//	{"at":5000000000,"seq":812,"node":"broker-1","kind":"log-end","topic":"orders","partition":0,
//	 "epoch":1,"offset":4711}
//
// A note has the seq of the event in whose step it was made. Kind is the String of an EventKind, of
// a NoteKind, or one of the Trace… constants.
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
	// Note is a note. Of every other kind it carries Text, and of a frame Partitions: those that the
	// frame is about.
	Note Note
}

// Kinds of trace lines that are neither events nor notes of a process.
const (
	TraceFault = "fault" // the timeline did something to the world; the text says what
	TraceHeal  = "heal"  // a fault ended
	TraceLost  = "lost"  // a frame will never arrive
	TraceHeld  = "held"  // a fault keeps a frame back; it arrives later, or is lost
	TraceEnd   = "end"   // the run's last line
)

// AppendJSON appends the line to b, without a newline. Equal lines give equal bytes.
func (l *TraceLine) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"at":`...), int64(l.At), 10)
	b = strconv.AppendUint(append(b, `,"seq":`...), l.Seq, 10)
	b = appendString(append(b, `,"node":`...), string(l.Node))
	b = appendString(append(b, `,"kind":`...), l.Kind)
	if l.Cause != 0 {
		b = strconv.AppendUint(append(b, `,"cause":`...), l.Cause, 10)
	}
	if l.Conn != 0 {
		b = strconv.AppendUint(append(b, `,"conn":`...), uint64(l.Conn), 10)
	}
	if l.Peer != "" {
		b = appendString(append(b, `,"peer":`...), string(l.Peer))
	}
	if l.Label.Name != "" {
		b = appendString(append(b, `,"api":`...), l.Label.Name)
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
	if l.Note.Kind == NoNote && len(l.Note.Partitions) > 0 {
		b = appendPartitions(b, l.Note.Partitions)
	}
	if l.Timer != (Timer{}) {
		b = strconv.AppendUint(append(b, `,"timer":`...), uint64(l.Timer.Kind), 10)
		b = strconv.AppendUint(append(b, `,"timer_id":`...), l.Timer.ID, 10)
	}
	b = l.Note.appendJSON(b)
	return append(b, '}')
}

// appendJSON appends the fields that n's kind carries, each with a leading comma.
func (n *Note) appendJSON(b []byte) []byte {
	fields := noteTable[n.Kind].fields
	if fields&hasTopic != 0 {
		b = appendString(append(b, `,"topic":`...), n.Topic)
		b = strconv.AppendInt(append(b, `,"partition":`...), int64(n.Partition), 10)
	}
	if fields&hasBroker != 0 {
		b = strconv.AppendInt(append(b, `,"broker":`...), int64(n.Broker), 10)
	}
	if fields&hasEpoch != 0 {
		b = strconv.AppendInt(append(b, `,"epoch":`...), int64(n.Epoch), 10)
	}
	if fields&hasOffset != 0 {
		b = strconv.AppendInt(append(b, `,"offset":`...), int64(n.Offset), 10)
	}
	if fields&hasGroup != 0 {
		b = appendString(append(b, `,"group":`...), n.Group)
	}
	if fields&hasMember != 0 {
		b = appendString(append(b, `,"member":`...), n.Member)
	}
	if fields&hasGeneration != 0 {
		b = strconv.AppendInt(append(b, `,"generation":`...), int64(n.Generation), 10)
	}
	b = n.appendLists(b, fields)
	if n.Text != "" {
		b = appendString(append(b, `,"text":`...), n.Text)
	}
	return b
}

func (n *Note) appendLists(b []byte, fields noteField) []byte {
	if fields&hasBrokers != 0 {
		b = append(b, `,"brokers":[`...)
		for i, id := range n.Brokers {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(id), 10)
		}
		b = append(b, ']')
	}
	if fields&hasPartitions != 0 {
		b = appendPartitions(b, n.Partitions)
	}
	return b
}

func appendPartitions(b []byte, tps []TopicPartition) []byte {
	b = append(b, `,"partitions":[`...)
	for i, tp := range tps {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, tp.Topic)
		b = append(b[:len(b)-1], '-') // the closing quote goes behind the number
		b = append(strconv.AppendInt(b, int64(tp.Partition), 10), '"')
	}
	return append(b, ']')
}

// appendFields prints the fields as ` key=value`, for people.
func (n Note) appendFields(b []byte) []byte {
	fields := noteTable[n.Kind].fields
	if fields&hasTopic != 0 {
		b = append(append(b, ' '), n.TP().String()...)
	}
	if fields&hasGroup != 0 {
		b = append(append(b, " group="...), n.Group...)
	}
	if fields&hasMember != 0 {
		b = append(append(b, " member="...), n.Member...)
	}
	numbers := [...]struct {
		field noteField
		name  string
		value int64
	}{
		{hasBroker, " broker=", int64(n.Broker)}, {hasEpoch, " epoch=", int64(n.Epoch)},
		{hasOffset, " offset=", int64(n.Offset)}, {hasGeneration, " generation=", int64(n.Generation)},
	}
	for _, f := range numbers {
		if fields&f.field != 0 {
			b = strconv.AppendInt(append(b, f.name...), f.value, 10)
		}
	}
	if fields&hasBrokers != 0 {
		b = fmt.Appendf(b, " %s=%v", n.brokersAre(), n.Brokers)
	}
	if fields&hasPartitions != 0 {
		b = fmt.Appendf(b, " partitions=%v", n.Partitions)
	}
	if n.Text != "" {
		b = fmt.Appendf(b, " (%s)", n.Text)
	}
	return b
}

// brokersAre says what a kind's Brokers are: the in-sync replicas, or of a move all replicas.
func (n Note) brokersAre() string {
	if n.Kind == ReassignmentStarted || n.Kind == ReassignmentCompleted {
		return "replicas"
	}
	return "isr"
}

// traceJSON is a TraceLine as encoding/json reads it.
type traceJSON struct {
	At         Time       `json:"at"`
	Seq        uint64     `json:"seq"`
	Node       NodeID     `json:"node"`
	Kind       string     `json:"kind"`
	Cause      uint64     `json:"cause"`
	Conn       ConnID     `json:"conn"`
	Peer       NodeID     `json:"peer"`
	API        string     `json:"api"`
	Reply      bool       `json:"reply"`
	Version    *int16     `json:"version"`
	Corr       int32      `json:"corr"`
	Bytes      int        `json:"bytes"`
	Sent       Time       `json:"sent"`
	Empty      bool       `json:"empty"`
	TimerKind  uint32     `json:"timer"`
	TimerID    uint64     `json:"timer_id"`
	Topic      string     `json:"topic"`
	Partition  int32      `json:"partition"`
	Broker     BrokerID   `json:"broker"`
	Epoch      Epoch      `json:"epoch"`
	Offset     Offset     `json:"offset"`
	Group      string     `json:"group"`
	Member     string     `json:"member"`
	Generation int32      `json:"generation"`
	Brokers    []BrokerID `json:"brokers"`
	Partitions []string   `json:"partitions"`
	Text       string     `json:"text"`
}

// ParseTraceLine reads what AppendJSON wrote.
func ParseTraceLine(line []byte) (TraceLine, error) {
	var j traceJSON
	if err := json.Unmarshal(line, &j); err != nil {
		return TraceLine{}, err
	}
	kind, _ := ParseNoteKind(j.Kind)
	l := TraceLine{
		At: j.At, Seq: j.Seq, Node: j.Node, Kind: j.Kind, Cause: j.Cause, Conn: j.Conn, Peer: j.Peer,
		Label: Label{Name: j.API, Reply: j.Reply, Correlation: j.Corr}, Bytes: j.Bytes, Sent: j.Sent,
		Empty: j.Empty,
		Timer: Timer{j.TimerKind, j.TimerID},
		Note: Note{
			Kind: kind, Topic: j.Topic, Partition: j.Partition, Broker: j.Broker, Epoch: j.Epoch,
			Offset: j.Offset, Group: j.Group, Member: j.Member, Generation: j.Generation,
			Brokers: j.Brokers, Text: j.Text,
		},
	}
	if j.Version != nil {
		l.Label.Versioned, l.Label.Version = true, *j.Version
	}
	for _, s := range j.Partitions {
		tp, ok := ParseTopicPartition(s)
		if !ok {
			return TraceLine{}, fmt.Errorf("%q is no topic-partition", s)
		}
		l.Note.Partitions = append(l.Note.Partitions, tp)
	}
	return l, nil
}
