package text

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// passageRow is one row of a drawing: an event, or a gap.
type passageRow struct {
	event int // index into the diagram, −1 for a gap and for what has no event
	more  int // like events that follow at once and are drawn as this one
	lane  int // of what has no event, −1 for none
	at    model.Time
	text  string // shown instead of the event's own words
	stop  bool   // it is what a stop is about
	now   bool   // it is the last row, the one to look at
	cut   bool   // something is left out before it, too little for a row

	// gap tells of the events from one index until before another, which are left out; at is how
	// long they took.
	gap         string
	from, until int
}

const (
	chainMost = 6                       // so many causes of a step are drawn at most
	longPause = model.Time(500_000_000) // a pause of this length is worth a row
	muchLeft  = 40                      // and so is so much that is left out
)

// passage chooses at most room rows that lead to a place: what follows its stop one by one, above
// it the way to the stop from the step before, above that the way to the step before if there is
// room.
func (c *Columns) passage(p Place, room int) []passageRow {
	rows := c.further(p, room)
	for at := p.Stop; at > 0 && len(rows) < room; at-- {
		if c.stops[at].Kind == StopStep {
			rows = append(c.wayTo(at, room-len(rows)), rows...)
		}
	}
	if n := len(rows); n > 0 && (c.stops[p.Stop].Kind == StopStep || p.Ahead > 0) {
		rows[n-1].now = true
	}
	for i := range rows {
		if r := &rows[i]; r.until > 0 {
			r.gap = c.gap(r.from, r.until, r.at)
		}
	}
	return rows
}

// further is at most room of the rows after a stop, each event by itself.
func (c *Columns) further(p Place, room int) []passageRow {
	if p.Ahead <= 0 {
		return nil
	}
	var chosen []int
	first := max(1, p.Ahead-room)
	for ahead := first; ahead < p.Ahead; ahead++ {
		chosen = append(chosen, c.event(Place{p.Stop, ahead}))
	}
	event := c.event(p)
	last := passageRow{event: event, lane: -1, at: c.story.Diagram.Events[event].At}
	rows := c.rowsOf(chosen, c.event(Place{p.Stop, first - 1})+1, last)
	return rows[max(0, len(rows)-room):]
}

// wayTo chooses at most room rows between the step before a stop and its own, which comes last.
func (c *Columns) wayTo(stop, room int) []passageRow {
	m := c.stops[stop].Moment
	last := passageRow{event: -1, lane: c.place[stop], at: m.At, stop: true,
		text: subject(m) + m.Sentence()}
	from, until := c.events[stop-1]+1, c.events[stop]+1
	if c.own[stop] {
		last.event = c.events[stop]
		until--
		for until > from && digest.IsFault(m.Kind) && c.story.Diagram.Alike(until-1, last.event) {
			until-- // one entry of the timeline changes several links
		}
	}
	order := c.byWorth(from, until, c.events[stop])
	order = order[:min(len(order), 8*room)]
	rows := c.rowsOf(nil, from, last)
	for n := len(order); n > 0; {
		chosen := slices.Sorted(slices.Values(order[:n]))
		more := c.rowsOf(chosen, from, last)
		if len(more) <= room {
			rows = more
			break
		}
		n -= max(1, (len(more)-room)/2) // an event has a gap before it at most
	}
	return rows[max(0, len(rows)-room):]
}

// byWorth orders the events from one index until before another by how much they help to
// understand the event that they lead to: its causes, what happened to the cluster, and then the
// traffic just before it. Of what applications ask for, which is as regular as a clock, only the
// last is of interest.
func (c *Columns) byWorth(from, until, event int) []int {
	d := &c.story.Diagram
	if event < 0 || from >= until {
		return nil
	}
	var causes, news, traffic, asked []int
	for i := d.Events[event].Cause; i >= from && len(causes) < chainMost; i = d.Events[i].Cause {
		if i < until && d.Events[i].Fold != digest.Noise {
			causes = append(causes, i)
		}
	}
	for i := until - 1; i >= from; i-- {
		switch e := &d.Events[i]; {
		case slices.Contains(causes, i):
		case e.Kind == model.Commanded.String() && len(asked) == 0:
			asked = append(asked, i)
		case quietEvent(e):
		case e.Notable():
			news = append(news, i)
		default:
			traffic = append(traffic, i)
		}
	}
	return slices.Concat(causes, news, traffic, asked)
}

// rowsOf makes rows of events, with a gap wherever much is left out, and of last.
func (c *Columns) rowsOf(chosen []int, from int, last passageRow) []passageRow {
	d := &c.story.Diagram
	var rows []passageRow
	at := model.Time(0)
	if from > 0 {
		at = d.Events[from-1].At
	}
	add := func(r passageRow, until int) {
		left, pause := c.loud[until]-c.loud[from], r.at-at
		if pause >= longPause || left >= muchLeft {
			gap := passageRow{event: -1, lane: -1, at: pause, from: from, until: max(until, 1)}
			rows = append(rows, gap)
			left = 0
		}
		r.cut = left > 0
		rows = append(rows, r)
		at = r.at
	}
	for _, i := range chosen {
		n := len(rows)
		if n > 0 && c.loud[i] == c.loud[from] && d.Alike(rows[n-1].event, i) {
			rows[n-1].more++
		} else {
			add(passageRow{event: i, lane: -1, at: d.Events[i].At}, i)
		}
		from = i + 1
	}
	end := last.event
	if end < 0 {
		end = max(from, d.From(last.at+1))
	}
	add(last, end)
	return rows
}

// gap says what is left out: the events from one index until before another, and how long they
// took.
func (c *Columns) gap(from, until int, pause model.Time) string {
	messages := 0
	var names []string
	counts := map[string]int{}
	for i := from; i < until; i++ {
		e := &c.story.Diagram.Events[i]
		if e.Kind != model.FrameReceived.String() {
			continue
		}
		messages++
		if counts[e.Label.Name]++; counts[e.Label.Name] == 1 {
			names = append(names, e.Label.Name)
		}
	}
	text := prose.ShortTime(pause)
	if messages == 0 {
		return text
	}
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	var most []string
	for _, name := range names[:min(len(names), 3)] {
		most = append(most, fmt.Sprintf("%s %s", name, prose.Grouped(int64(counts[name]))))
	}
	text += ", " + prose.Counted(int64(messages), "message") + ": " + strings.Join(most, ", ")
	if len(names) > 3 {
		text += ", …"
	}
	return text
}
