package digest

import (
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// diagramRecorder fills a Diagram, line by line. It keeps at most diagramRoom events: when they are
// more, it thins them as the finished diagram is thinned.
type diagramRecorder struct {
	lanes  []Lane
	laneOf map[model.NodeID]int
	events []DiagramEvent
	// steps finds the event of a seq, −1 for one that is no longer kept. The first is of seq 1.
	steps []int32
	lines int
	left  int // events that were dropped
	folds folding
	knows knowledge
}

const (
	// diagramLimit is how many events a diagram has at most.
	diagramLimit = 100_000
	diagramRoom  = 3 * diagramLimit
)

func newDiagramRecorder() diagramRecorder {
	return diagramRecorder{laneOf: map[model.NodeID]int{}, folds: newFolding(), knows: newKnowledge()}
}

// onLine takes in one line of the trace.
func (d *diagramRecorder) onLine(l *kafka.TraceLine) {
	d.lines++
	if l.Kind == model.TraceEnd {
		return
	}
	lane := d.lane(l.Node)
	note := l.Note.Kind != kafka.NoNote
	if note && everyRecord(l.Note.Kind) {
		d.knows.onNote(len(d.events)-1, lane, l) // the lines of one step follow each other
		return
	}
	cause := d.step(l.Cause)
	if note {
		cause = d.step(l.Seq)
	}
	e := DiagramEvent{
		At: l.At, Seq: l.Seq, Lane: lane, Kind: l.Kind, Cause: cause, Peer: -1, Version: -1,
		Conn: l.Conn, Fault: l.Fault, Text: l.Note.Text,
	}
	if l.Peer != "" {
		e.Peer = d.lane(l.Peer)
	}
	if l.Label.Name != "" {
		e.Label, e.Sent, e.Partitions = l.Label, l.Sent, slices.Clone(l.Note.Partitions)
		if l.Label.Versioned {
			e.Version = int(l.Label.Version)
		}
	}
	if note {
		e.Text, e.Partitions = noteText(l), notePartitions(&l.Note)
	}
	index := len(d.events)
	d.events = append(d.events, e)
	if isStep(l) {
		d.setStep(l.Seq, index)
		d.folds.onStep(d.events, index, l.Empty)
	}
	d.knows.onEvent(index, lane, e.Peer, l)
	if len(d.events) >= diagramRoom {
		d.thin(diagramRoom / 2)
	}
}

// everyRecord is true for notes that come with every record: they say what a node knows after the
// event in whose step they were made, and are no events of their own.
func everyRecord(k kafka.NoteKind) bool {
	return k == kafka.LogEnd || k == kafka.HighWatermark || k == kafka.OffsetCommitted ||
		k == kafka.RecordsAcked
}

// IsFault reports whether trace lines of a kind begin or end faults.
func IsFault(kind string) bool { return kind == model.TraceFault || kind == model.TraceHeal }

// isStep is true for events that a process took.
func isStep(l *kafka.TraceLine) bool {
	return l.Note.Kind == kafka.NoNote && !IsFault(l.Kind) && l.Kind != model.TraceLost &&
		l.Kind != model.TraceHeld
}

// lane finds the lane of a node, a new one for a new node; −1 for the world.
func (d *diagramRecorder) lane(id model.NodeID) int {
	if id == "" {
		return -1
	}
	lane, ok := d.laneOf[id]
	if !ok {
		lane = len(d.lanes)
		d.laneOf[id] = lane
		d.lanes = append(d.lanes, Lane{id, roleOf(id)})
	}
	return lane
}

// roleOf tells what a node is by its name, as the runner gives it.
func roleOf(id model.NodeID) string {
	name := string(id)
	switch {
	case strings.HasPrefix(name, "broker-"):
		return "broker"
	case strings.HasPrefix(name, "zookeeper"):
		return "zookeeper"
	case strings.HasPrefix(name, "producer-"):
		return "producer"
	case strings.HasPrefix(name, "admin"):
		return "admin"
	default:
		return "consumer"
	}
}

// step is the index of the event of a seq, −1 for none.
func (d *diagramRecorder) step(seq uint64) int {
	if seq == 0 || seq > uint64(len(d.steps)) {
		return -1
	}
	return int(d.steps[seq-1])
}

func (d *diagramRecorder) setStep(seq uint64, index int) {
	for seq > uint64(len(d.steps)) {
		d.steps = append(d.steps, -1)
	}
	if seq > 0 {
		d.steps[seq-1] = int32(index)
	}
}

// noteText is a note in words.
func noteText(l *kafka.TraceLine) string {
	if what, _, _ := prose.Sentence(&l.Note); what != "" {
		return what
	}
	return strings.ReplaceAll(l.Note.Kind.String(), "-", " ")
}

func notePartitions(n *kafka.Note) []kafka.TopicPartition {
	switch {
	case n.Topic != "" && n.Kind != kafka.TopicCreated && n.Kind != kafka.TopicDeleted:
		return []kafka.TopicPartition{n.TP()}
	case len(n.Partitions) > 0:
		return slices.Clone(n.Partitions)
	default:
		return nil
	}
}

// diagram returns what was recorded, lanes in the order in which they are drawn.
func (d *diagramRecorder) diagram() Diagram {
	if len(d.events) > diagramLimit {
		d.thin(diagramLimit)
	}
	order := make([]int, len(d.lanes)) // old lanes in their new order
	for i := range order {
		order[i] = i
	}
	roles := []string{"producer", "consumer", "admin", "broker", "zookeeper"}
	slices.SortFunc(order, func(a, b int) int {
		x, y := d.lanes[a], d.lanes[b]
		if c := slices.Index(roles, x.Role) - slices.Index(roles, y.Role); c != 0 {
			return c
		}
		return CompareNodes(x.Node, y.Node)
	})
	moved := make([]int, len(order)+1) // from −1, by the old lane
	moved[0] = -1
	out := Diagram{Events: d.events, States: d.knows.states, Lines: d.lines, Left: d.left}
	for to, from := range order {
		moved[from+1] = to
		out.Lanes = append(out.Lanes, d.lanes[from])
	}
	for i := range out.Events {
		e := &out.Events[i]
		e.Lane, e.Peer = moved[e.Lane+1], moved[e.Peer+1]
	}
	for i := range out.States {
		out.States[i].Lane = moved[out.States[i].Lane+1]
	}
	return out
}
