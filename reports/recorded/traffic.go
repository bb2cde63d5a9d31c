package recorded

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Traffic writes the lines of a running cluster as the simulator would.
type Traffic struct {
	To  interface{ Observe(*kafka.TraceLine) }
	Seq uint64
	At  model.Time
}

// Event is an event at a node, caused by another; it returns its seq.
func (w *Traffic) Event(node model.NodeID, kind string, cause uint64) uint64 {
	w.Seq++
	w.At += 1000
	line := model.TraceLine{At: w.At, Seq: w.Seq, Node: node, Kind: kind, Cause: cause}
	w.To.Observe(&kafka.TraceLine{TraceLine: line})
	return w.Seq
}

// frame is a message that arrives.
func (w *Traffic) frame(from, to model.NodeID, l model.Label, cause uint64, empty bool) uint64 {
	w.Seq++
	w.At += 1000
	w.To.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{
		At: w.At, Seq: w.Seq, Node: to, Kind: model.FrameReceived.String(),
		Cause: cause, Peer: from, Label: l, Sent: w.At - 500, Empty: empty},
		Note: kafka.Note{Text: l.Name + " in words"}})
	return w.Seq
}

// exchange is a request and its reply.
func (w *Traffic) exchange(api string, from, to model.NodeID, cause uint64, empty bool) uint64 {
	l := model.Label{Name: api, Correlation: int32(w.Seq), Versioned: true, Version: 3}
	asked := w.frame(from, to, l, cause, false)
	l.Reply = true
	return w.frame(to, from, l, asked, empty)
}

// Note adds what a process says of itself in the step of the last event.
func (w *Traffic) Note(node model.NodeID, n kafka.Note) {
	line := model.TraceLine{At: w.At, Seq: w.Seq, Node: node, Kind: n.Kind.String()}
	w.To.Observe(&kafka.TraceLine{TraceLine: line, Note: n})
}

// Crowd is a run of so many lines that the diagram cannot hold them all: sends, empty fetches,
// heartbeats and timers, with an election in the middle.
func (w *Traffic) Crowd(rounds int) {
	for i := range rounds {
		timer := w.Event("broker-2", model.TimerFired.String(), 0)
		w.exchange("Fetch", "broker-2", "broker-1", timer, true)
		w.exchange("Heartbeat", "consumer-1", "broker-1", 0, true)
		command := w.Event("producer-p1", model.Commanded.String(), 0)
		w.exchange("Produce", "producer-p1", "broker-1", command, false)
		w.Note("broker-1", kafka.Note{Kind: kafka.LogEnd, Topic: "orders", Offset: kafka.Offset(i)})
		if i == rounds/2 {
			asked := w.exchange("UpdateMetadata", "broker-2", "broker-1", timer, false)
			w.Event("broker-2", model.Flushed.String(), asked)
			w.Note("broker-2", kafka.Note{Kind: kafka.LeaderElected, Topic: "orders", Broker: 2, Epoch: 7,
				Brokers: []kafka.BrokerID{2}})
		}
	}
}
