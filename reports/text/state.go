package text

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"sandcastle/model"
	"sandcastle/reports/digest"
)

// Fact is something that a node knows at a moment.
type Fact struct {
	Key, Value string // Value is "" for what it no longer knows
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

// Facts are what the nodes know at a place, nodes that know nothing left out.
func (c *Columns) Facts(at Place) []NodeFacts {
	var out []NodeFacts
	for lane, facts := range c.facts(c.event(at)) {
		facts = slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" })
		if len(facts) > 0 {
			out = append(out, NodeFacts{c.story.Diagram.Lanes[lane].Node, facts})
		}
	}
	return out
}

// Changes are what the node of a place's event came to know by it.
func (c *Columns) Changes(at Place) []Fact {
	event := c.event(at)
	if event < 0 || at.Ahead == 0 && !c.own[at.Stop] {
		return nil
	}
	var out []Fact
	d := &c.story.Diagram
	for i := c.statesUntil(event - 1); i < c.statesUntil(event); i++ {
		if s := d.States[i]; s.Lane == d.Events[event].Lane && s.Value != "" {
			out = append(out, Fact{s.Key, s.Value, true})
		}
	}
	return out
}

// badges say in a word what every lane is just after an event: dead, cut off, a leader, an owner;
// and which of them controls the cluster.
func (c *Columns) badges(event int) (words []string, controls []bool) {
	facts := c.facts(event)
	words, controls = make([]string, len(facts)), make([]bool, len(facts))
	for lane := range facts {
		words[lane], controls[lane] = badge(facts[lane])
		if event >= 0 && c.cutOff(lane, c.story.Diagram.Events[event].At) {
			words[lane] = "cut"
		}
	}
	return words, controls
}

// cutOff reports whether the node of a lane, and not one of its links, is cut off at a time.
func (c *Columns) cutOff(lane int, at model.Time) bool {
	node := c.story.Diagram.Lanes[lane].Node
	return slices.ContainsFunc(c.story.Bands, func(b digest.Band) bool {
		return b.Kind == digest.BandNetwork && b.Node == node && b.From <= at && at < b.To
	})
}

func badge(facts []Fact) (word string, controls bool) {
	leads := 0
	for _, f := range facts {
		switch {
		case f.Value == "":
		case f.Key == "process":
			return f.Value, false
		case strings.HasSuffix(f.Key, " role") && strings.HasPrefix(f.Value, "leader"):
			leads++
		case f.Key == "controller":
			controls = true
		case f.Key == "owns" && f.Value == "nothing":
			word = "idle"
		case f.Key == "owns":
			word = "owns"
		}
	}
	switch {
	case leads == 1:
		word = "lead"
	case leads > 1:
		word = fmt.Sprintf("lead%d", leads)
	}
	return word, controls
}

// Faults names the faults that last at a place, set-up left out, "" for none.
func (c *Columns) Faults(p Place) string {
	event := c.event(p)
	if event < 0 || event >= len(c.story.Diagram.Events) {
		return ""
	}
	at := c.story.Diagram.Events[event].At
	var labels []string
	for _, b := range c.story.Bands {
		if !b.Quiet && b.From <= at && at < b.To && !slices.Contains(labels, b.Label) {
			labels = append(labels, b.Label)
		}
	}
	return visible(strings.Join(labels, ", "))
}

// laneAt reports whether the node of a lane is dead (BandDown) or stands still (BandPaused) at a
// time.
func (c *Columns) laneAt(lane int, at model.Time) digest.BandKind {
	node := c.story.Diagram.Lanes[lane].Node
	for _, b := range c.story.Bands {
		if b.Node == node && b.From <= at && at < b.To && b.Kind <= digest.BandPaused {
			return b.Kind
		}
	}
	return digest.BandOther
}
