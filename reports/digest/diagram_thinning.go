package digest

import (
	"cmp"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// thin drops events until about limit are left: folded exchanges first, then what is far in time
// from anything notable. What happened to the cluster stays, and with every event that is
// kept the chain of its causes, unless even those are too many.
func (d *diagramRecorder) thin(limit int) {
	kept := make([]bool, len(d.events))
	left := limit
	for _, index := range d.byInterest() {
		if left <= 0 {
			break
		}
		for i := int(index); i >= 0 && !kept[i] && left > 0; i = d.events[i].Cause {
			kept[i] = true
			left--
		}
	}
	d.keep(kept)
}

// byInterest orders the events: the more interesting first.
func (d *diagramRecorder) byInterest() []int32 {
	far := d.distances()
	rank := func(i int32) int {
		switch e := &d.events[i]; {
		case e.Fold != Unfolded:
			return 2
		case e.Label.Name != "" && e.Kind == model.FrameReceived.String(),
			e.Kind == model.Commanded.String():
			return 1
		default:
			return 0
		}
	}
	order := make([]int32, len(d.events))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := rank(a) - rank(b); c != 0 {
			return c
		}
		if c := cmp.Compare(far[a], far[b]); c != 0 {
			return c
		}
		return int(a - b)
	})
	return order
}

// distances are how far in time each event is from the next notable one, before or after it.
func (d *diagramRecorder) distances() []model.Time {
	far := make([]model.Time, len(d.events))
	last := -model.Never
	for i := range d.events {
		if d.events[i].Notable() {
			last = d.events[i].At
		}
		far[i] = d.events[i].At - max(last, d.events[i].At-model.Never)
	}
	last = model.Never
	for i := len(d.events) - 1; i >= 0; i-- {
		if d.events[i].Notable() {
			last = d.events[i].At
		}
		far[i] = min(far[i], last-d.events[i].At)
	}
	return far
}

// Notable reports whether the event stands out: a fault, a lost message, or a note of some weight.
func (e *DiagramEvent) Notable() bool {
	if IsFault(e.Kind) || e.Kind == model.TraceLost {
		return true
	}
	kind, ok := kafka.ParseNoteKind(e.Kind)
	if !ok {
		return false
	}
	_, weight, _ := prose.Sentence(&kafka.Note{Kind: kind, Topic: "t", Epoch: 1})
	return weight >= prose.Notable
}

// keep drops the events that are not kept. A state that begins with a dropped event begins with the
// next one that is left.
func (d *diagramRecorder) keep(kept []bool) {
	to := make([]int32, len(d.events)) // new index, −1 for none
	next := make([]int, len(d.events)) // new index of it or of the next that is kept
	n := 0
	for i := range d.events {
		next[i], to[i] = n, -1
		if kept[i] {
			to[i] = int32(n)
			d.events[n] = d.events[i]
			n++
		}
	}
	d.left += len(d.events) - n
	clear(d.events[n:])
	d.events = d.events[:n]
	for i := range d.events {
		if c := d.events[i].Cause; c >= 0 {
			d.events[i].Cause = int(to[c])
		}
	}
	for i, index := range d.steps {
		if index >= 0 {
			d.steps[i] = to[index]
		}
	}
	d.folds.moved(to)
	d.knows.moved(next, n)
}
