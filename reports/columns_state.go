package reports

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"sandcastle/model"
)

// Fact is something that a node knows at a moment.
type Fact struct {
	Key, Value string // Value is "" for what it knows no more
	Changed    bool   // by the event itself
}

// facts are what every lane knows just after an event.
func (c *Columns) facts(event int) [][]Fact {
	d := &c.story.Diagram
	out := make([][]Fact, len(d.Lanes))
	for _, s := range d.States[:c.statesUntil(event)] {
		if s.Lane < 0 {
			continue
		}
		f := Fact{s.Key, s.Value, s.Event == event}
		at := slices.IndexFunc(out[s.Lane], func(f Fact) bool { return f.Key == s.Key })
		if at < 0 {
			out[s.Lane] = append(out[s.Lane], f)
			continue
		}
		out[s.Lane][at] = f
	}
	return out
}

// statesUntil is how many changes of state there are up to an event.
func (c *Columns) statesUntil(event int) int {
	states := c.story.Diagram.States
	return sort.Search(len(states), func(i int) bool { return states[i].Event > event })
}

// NodeFacts is what one node knows.
type NodeFacts struct {
	Node  model.NodeID
	Facts []Fact
}

// Facts are what the nodes know at a stop, nodes that know nothing left out.
func (c *Columns) Facts(stop int) []NodeFacts {
	var out []NodeFacts
	for lane, facts := range c.facts(c.events[stop]) {
		facts = slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" })
		if len(facts) > 0 {
			out = append(out, NodeFacts{c.story.Diagram.Lanes[lane].Node, facts})
		}
	}
	return out
}

// Changes are what the node of a stop's event came to know by it.
func (c *Columns) Changes(stop int) []Fact {
	if !c.own[stop] {
		return nil
	}
	event := c.events[stop]
	var out []Fact
	d := &c.story.Diagram
	for i := c.statesUntil(event - 1); i < c.statesUntil(event); i++ {
		if s := d.States[i]; s.Lane == d.Events[event].Lane && s.Value != "" {
			out = append(out, Fact{s.Key, s.Value, true})
		}
	}
	return out
}

// badges say in a word what every lane is just after an event: dead, a leader, an owner.
func (c *Columns) badges(event int) []string {
	facts := c.facts(event)
	out := make([]string, len(facts))
	for lane := range facts {
		out[lane] = badge(facts[lane])
	}
	return out
}

func badge(facts []Fact) string {
	leads, controls, owns := 0, false, ""
	for _, f := range facts {
		switch {
		case f.Value == "":
		case f.Key == "process":
			return f.Value
		case strings.HasSuffix(f.Key, " role") && strings.HasPrefix(f.Value, "leader"):
			leads++
		case f.Key == "controller":
			controls = true
		case f.Key == "owns":
			owns = "owns"
			if f.Value == "nothing" {
				owns = "idle"
			}
		}
	}
	text := owns
	switch {
	case leads == 1:
		text = "lead"
	case leads > 1:
		text = fmt.Sprintf("lead%d", leads)
	}
	if controls {
		text += "*"
	}
	return text
}

// Faults names the faults that last at a stop, "" for none.
func (c *Columns) Faults(stop int) string {
	event := c.events[stop]
	if event < 0 || event >= len(c.story.Diagram.Events) {
		return ""
	}
	at := c.story.Diagram.Events[event].At
	var labels []string
	for _, b := range c.story.Bands {
		if b.From <= at && at < b.To && !slices.Contains(labels, b.Label) {
			labels = append(labels, b.Label)
		}
	}
	return visible(strings.Join(labels, ", "))
}

// laneAt tells whether the node of a lane is dead (BandDown) or stands still (BandPaused) at a
// time.
func (c *Columns) laneAt(lane int, at model.Time) BandKind {
	node := c.story.Diagram.Lanes[lane].Node
	for _, b := range c.story.Bands {
		if b.Node == node && b.From <= at && at < b.To && b.Kind <= BandPaused {
			return b.Kind
		}
	}
	return BandOther
}
