package text

import (
	"sort"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// Columns draws a story's space-time diagram as text: one column per node, time downwards, one row
// per event. It draws the way to one stop of a walk at a time.
//
//	 seconds   p1    b1    b2    b3
//	   5.999   ├────▶│     │     │   Produce v9: acks=all orders-0: 1 record
//	   6.000   │     │     ✗     │   broker-2 is killed
//	           ⋮     ⋮     ⋮     ⋮   6.0 s, 1,204 messages: Fetch 800, Produce 404
//	▶ 12.012   │     │     ·     ◆   broker-3 elects broker-3 as leader of orders-0
type Columns struct {
	story  *digest.Story
	stops  []Stop
	events []int   // of each stop that is a step the event that it tells of, or the last before it
	own    []bool  // whether that event is what the stop is about, and not only of its time
	place  []int   // the lane that the stop is about, −1 for none
	busy   []int64 // of every lane how much happens there, for who is hidden first
	loud   []int   // how many events before an index are not quiet
	// moments are what the story tells of an event, in better words than its own.
	moments map[int]*digest.Moment
}

// StopKind says what a walk shows at one of its stops.
type StopKind uint8

const (
	StopIntroduction StopKind = iota // claim, why, who takes part
	StopPrediction                   // the question, before the deciding step
	StopStep                         // a moment with the way to it
	StopVerdict                      // what the checks say, and the answer
)

// Stop is where a walk through a story stands still.
type Stop struct {
	Kind StopKind
	// Step counts the steps from 1. It is that of the next step for a prediction, 0 elsewhere.
	Step   int
	Moment *digest.Moment // of a step
}

// NewColumns prepares to draw s. With a question, a stop for the prediction stands before the
// deciding step. A run with other settings than the lesson's is not asked about.
func NewColumns(s *digest.Story, lesson digest.Lesson) *Columns {
	lesson = lesson.For(s)
	c := &Columns{story: s, moments: map[int]*digest.Moment{}}
	steps, deciding := s.Steps()
	c.add(Stop{Kind: StopIntroduction})
	for i, m := range steps {
		if i == deciding && lesson.Question != "" {
			c.add(Stop{Kind: StopPrediction, Step: i + 1})
		}
		c.add(Stop{Kind: StopStep, Step: i + 1, Moment: &s.Moments[m]})
	}
	c.add(Stop{Kind: StopVerdict})
	c.weighLanes()
	return c
}

// add appends a stop with the event that it stands at.
func (c *Columns) add(stop Stop) {
	d := &c.story.Diagram
	event, own, lane := -1, false, -1
	switch {
	case stop.Kind == StopVerdict:
		event = len(d.Events) - 1
	case stop.Moment != nil:
		event = d.EventOf(stop.Moment)
		own = event >= 0 && (d.Events[event].Kind == stop.Moment.Kind ||
			digest.IsFault(d.Events[event].Kind) && digest.IsFault(stop.Moment.Kind))
		if event >= 0 {
			lane = d.Events[event].Lane
		}
		if !own {
			event = d.From(stop.Moment.At+1) - 1
		}
		for own && event+1 < len(d.Events) && digest.IsFault(d.Events[event].Kind) &&
			d.Alike(event, event+1) {
			event++ // one entry of the timeline changes several links
		}
	}
	if n := len(c.events); n > 0 { // a walk never goes back
		own = own && event >= c.events[n-1]
		event = max(event, c.events[n-1])
	}
	c.stops, c.events = append(c.stops, stop), append(c.events, event)
	c.own, c.place = append(c.own, own), append(c.place, lane)
}

// Stops are where the walk stops, in order. The first is the introduction and the last the verdict.
func (c *Columns) Stops() []Stop { return c.stops }

// Place is where a reader stands: at a stop, or so many events after it, quiet ones not counted.
type Place struct{ Stop, Ahead int }

// event is the event of a place, −1 before the first.
func (c *Columns) event(p Place) int {
	event := c.events[p.Stop]
	if p.Ahead <= 0 {
		return event
	}
	want := c.loud[event+1] + p.Ahead
	return sort.SearchInts(c.loud, min(want, c.loud[len(c.loud)-1])) - 1
}

// Ahead is how many events follow a stop.
func (c *Columns) Ahead(stop int) int { return c.aheadBefore(stop, len(c.loud)-1) }

// AheadBefore is how many events lie between two stops.
func (c *Columns) AheadBefore(stop, later int) int { return c.aheadBefore(stop, c.events[later]) }

func (c *Columns) aheadBefore(stop, event int) int {
	return max(0, c.loud[max(event, 0)]-c.loud[c.events[stop]+1])
}

// Steps is how many of the stops are steps.
func (c *Columns) Steps() int {
	n := 0
	for _, s := range c.stops {
		if s.Kind == StopStep {
			n++
		}
	}
	return n
}

// mainPart is the weight of an event that the walk tells of, sidePart that of one that the story
// tells of.
const (
	mainPart = 1 << 40
	sidePart = 1 << 20
)

// weighLanes finds out how much happens in every lane. What the walk tells of counts most.
func (c *Columns) weighLanes() {
	d := &c.story.Diagram
	c.busy = make([]int64, len(d.Lanes))
	weigh := func(lane int, weight int64) {
		if lane >= 0 {
			c.busy[lane] += weight
		}
	}
	c.loud = make([]int, len(d.Events)+1)
	for i := range d.Events {
		e := &d.Events[i]
		c.loud[i+1] = c.loud[i]
		if !quietEvent(e) {
			c.loud[i+1]++
		}
		switch {
		case digest.IsFault(e.Kind):
			weigh(e.Lane, mainPart)
		case !quietEvent(e):
			weigh(e.Lane, 1)
			weigh(e.Peer, 1)
		}
	}
	for i, stop := range c.stops {
		if stop.Moment != nil && c.own[i] {
			weigh(d.Events[c.events[i]].Lane, mainPart)
		}
	}
	for i := range c.story.Moments {
		m := &c.story.Moments[i]
		event := d.EventOf(m)
		if event < 0 || d.Events[event].Kind != m.Kind || digest.IsFault(m.Kind) {
			continue
		}
		c.moments[event] = m
		if m.Weight >= prose.Notable {
			weigh(d.Events[event].Lane, sidePart)
		}
	}
}

// quietEvent is true for events that are drawn only if something worth telling came of them.
func quietEvent(e *digest.DiagramEvent) bool {
	if e.Fold != digest.Unfolded || e.Kind == model.Commanded.String() {
		return true
	}
	for _, tp := range e.Partitions {
		if !kafka.InternalTopic(tp.Topic) {
			return false
		}
	}
	return len(e.Partitions) > 0 || strings.HasPrefix(e.Kind, "coordinator-")
}
