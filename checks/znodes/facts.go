package znodes

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Violation is one case of an anomaly.
type Violation struct {
	Anomaly     kafka.Anomaly
	Identity    string // of the case: seen again, it is not counted again
	Explanation string
	Witnesses   []kafka.Witness
}

// Tick is how exactly ZooKeeper knows when a session is over: tickTime.
const Tick = 2 * time.Second

// Facts are what is known of a ZooKeeper.
type Facts struct {
	conns    map[model.ConnID]*conn
	sessions map[int64]*session
	zxid     int64            // the highest that a reply had
	written  map[string]int64 // the zxid of the last acknowledged setData, by path
	nodes    map[string]kafka.ZNodeView
	shown    []kafka.ZSessionView // at the last look
	// controllers are who had which controller epoch.
	controllers map[kafka.Epoch]kafka.Witness
	// started is since when the server runs without a pause; Never while it does not.
	started model.Time
	// void says that its disk may have lost what was flushed: nothing is known of it any more.
	void bool
}

// conn is a connection.
type conn struct {
	session int64
	// watches are those that are set, missed those of which a change was not told.
	watches map[string]watch
	missed  map[string]model.Time
}

// watch is a set of what is watched of a node.
type watch uint8

const (
	watchData  watch = 1 << iota // its data, and whether it is there
	watchChild                   // its children
)

type session struct {
	timeout time.Duration
	heard   model.Time
	// overdue is when it was heard last after a silence of its timeout: its end may be in the log
	// already, which takes as long as a flush.
	overdue model.Time
}

// New returns Facts of nothing.
func New() *Facts {
	f := &Facts{started: model.Never, controllers: map[kafka.Epoch]kafka.Witness{}}
	f.begin()
	return f
}

// begin forgets what was known.
func (f *Facts) begin() {
	f.conns, f.sessions = map[model.ConnID]*conn{}, map[int64]*session{}
	f.written, f.nodes, f.zxid = map[string]int64{}, nil, 0
}

func (f *Facts) conn(id model.ConnID) *conn {
	c := f.conns[id]
	if c == nil {
		c = &conn{watches: map[string]watch{}, missed: map[string]model.Time{}}
		f.conns[id] = c
	}
	return c
}

// TrackLine learns of a line of the trace. ours says that it is of ZooKeeper's node.
func (f *Facts) TrackLine(line *kafka.TraceLine, ours bool) {
	if line.Note.Kind == kafka.ControllerElected {
		if _, had := f.controllers[line.Note.Epoch]; !had {
			f.controllers[line.Note.Epoch] = witnessOf(line)
		}
	}
	if !ours || line.Note.Kind != kafka.NoNote {
		return
	}
	switch {
	case line.Kind == model.Started.String():
		f.started = line.At
		f.conns = map[model.ConnID]*conn{}
		for _, s := range f.sessions { //unordered: each by itself
			s.heard = max(s.heard, line.At) // their time begins anew
		}
	case line.Fault == nil:
	case line.Kind == model.TraceHeal && line.Fault.Verb == model.FaultResume:
		f.started = line.At
	case line.Fault.Verb == model.FaultPause:
		f.started = model.Never
	case line.Fault.Verb == model.FaultPowerLoss:
	case kafka.FaultKindOf(line.Fault.Verb).LosesData:
		f.void = true
		f.begin()
	}
}

func witnessOf(line *kafka.TraceLine) kafka.Witness {
	return kafka.Witness{
		Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: line.Note.String(),
	}
}
