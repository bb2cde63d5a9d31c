package digest

import (
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// From is the index of the first event at or after a time.
func (d *Diagram) From(at model.Time) int {
	return sort.Search(len(d.Events), func(i int) bool { return d.Events[i].At >= at })
}

// EventOf finds the event that a moment tells of, −1 for none. Of like events at one time, such as
// elections in many partitions, it is the one that says the same. A moment of many nodes at
// once has the first event of that time, of producers the first of theirs.
func (d *Diagram) EventOf(m *Moment) int {
	lane := d.Lane(model.NodeID(m.Where))
	best, like := -1, false
	for i := d.From(m.At); i < len(d.Events) && d.Events[i].At == m.At; i++ {
		e := &d.Events[i]
		switch {
		case lane >= 0 && e.Lane != lane:
		case e.Kind == m.Kind && e.Text == m.What:
			return i
		case e.Kind == m.Kind && !like:
			best, like = i, true
		case best >= 0:
		case m.Kind == "silence" && (e.Lane < 0 || d.Lanes[e.Lane].Role != "producer"):
		default: // a note that comes with every record has no event of its own
			best = i
		}
	}
	if best < 0 {
		return d.before(m.At, lane)
	}
	return best
}

// before is the last event of a lane at a time or before it, of any lane for −1; −1 for none.
func (d *Diagram) before(at model.Time, lane int) int {
	i := d.From(at+1) - 1
	for i >= 0 && lane >= 0 && d.Events[i].Lane != lane {
		i--
	}
	return i
}

// EventOfWitness finds the event by which a witness stands, −1 for none. What was found by a look
// inside a broker has no event: it is as after the last one there.
func (d *Diagram) EventOfWitness(w *kafka.Witness) int {
	if w.Seq > 0 {
		i := sort.Search(len(d.Events), func(i int) bool { return d.Events[i].Seq >= w.Seq })
		if i < len(d.Events) && d.Events[i].Seq == w.Seq {
			return i
		}
	}
	lane := d.Lane(model.NodeID(w.Who))
	for i := d.From(w.At); lane >= 0 && i < len(d.Events) && d.Events[i].At == w.At; i++ {
		if d.Events[i].Lane == lane {
			return i
		}
	}
	return d.before(w.At, lane)
}

// Alike reports whether two events are the same sort of thing between the same nodes.
func (d *Diagram) Alike(i, j int) bool {
	if i < 0 {
		return false
	}
	a, b := &d.Events[i], &d.Events[j]
	if a.Fault != nil && b.Fault != nil {
		return a.At == b.At && a.Fault.Verb == b.Fault.Verb
	}
	return a.Kind == b.Kind && a.Lane == b.Lane && a.Peer == b.Peer && a.Label.Name == b.Label.Name &&
		a.Label.Reply == b.Label.Reply && a.Label.Name != ""
}

// Lane finds the lane of a node, −1 for none.
func (d *Diagram) Lane(id model.NodeID) int {
	for i := range d.Lanes {
		if d.Lanes[i].Node == id {
			return i
		}
	}
	return -1
}
