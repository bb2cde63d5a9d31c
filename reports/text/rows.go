package text

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// wordRows is how many rows the words of one event may take.
const wordRows = 2

// Draw draws the way to a place in at most height lines of width cells. The last row is what the
// place is about.
func (c *Columns) Draw(p Place, width, height int) []Line {
	for n := max(height-1, 1); ; {
		rows := c.passage(p, n)
		l := c.layout(width, rows)
		head := c.head(l, c.event(p))
		room := max(height-len(head), 1)
		var lines []Line
		before := ""
		for _, r := range rows {
			lines = append(lines, c.drawRow(l, &r, &before)...)
		}
		if len(lines) <= room || n == 1 {
			return append(head, lines[:min(len(lines), room)]...)
		}
		n -= max(1, (len(lines)-room)/wordRows) // so many rows are too many, or more
	}
}

// drawRow draws one row, with a second line if the words need it. before is the time that stands
// in the row above, which is not repeated.
func (c *Columns) drawRow(l *columnLayout, r *passageRow, before *string) []Line {
	if r.gap != "" {
		return []Line{l.drawGap(r.gap)}
	}
	s := newStrip(l.text)
	c.drawShafts(l, s, r.at)
	c.drawTime(s, r, before)
	ink := InkFaint
	switch {
	case r.event >= 0:
		e := &c.story.Diagram.Events[r.event]
		ink = inkOf(c.story.Diagram.Lanes, e)
		l.drawEvent(s, e, ink)
		if r.stop && e.Label.Name == "" && !digest.IsFault(e.Kind) {
			l.mark(s, e.Lane, '◆', InkChange)
		}
	default:
		l.mark(s, r.lane, '◆', InkChange)
	}
	switch {
	case r.now:
		ink = InkStrong
	case ink != InkFault && ink != InkChange:
		ink = InkPlain
	}
	var lines []Line
	for i, text := range c.rowWords(l, r) {
		if i > 0 {
			s = newStrip(l.text)
			c.drawShafts(l, s, r.at)
		}
		lines = append(lines, append(s.line(), Span{text, ink}))
	}
	return lines
}

// drawGap draws what is left out.
func (l *columnLayout) drawGap(gap string) Line {
	s := newStrip(l.text)
	for _, lane := range l.lanes {
		s.set(lane.x, '⋮', InkFaint)
	}
	return append(s.line(), Span{fitList(gap, max(l.width-l.text, 1)), InkFaint})
}

// drawTime draws what stands before the columns: the pointer at the last row, the time, and a sign
// where a little is left out before it.
func (c *Columns) drawTime(s *strip, r *passageRow, before *string) {
	ink := InkFaint
	if r.now {
		ink = InkStrong
		s.write(0, "▶", ink)
	}
	if at := fmt.Sprintf("%8s", prose.TrimSeconds(r.at, 3)); at != *before || r.now {
		s.write(1, at, ink)
		*before = at
	}
	if r.cut {
		s.set(columnsGutter-1, '⋮', InkFaint)
	}
}

// rowWords are the lines that stand beside a row.
func (c *Columns) rowWords(l *columnLayout, r *passageRow) []string {
	room := max(l.width-l.text, 1)
	words := r.text
	if words == "" {
		words = c.words(l, r.event, r.more)
		if TextWidth(words) > room {
			words = withoutMinorFields(words)
		}
	}
	text, most := Wrap(words, room), wordRows
	if r.now {
		most = 1 // what the stop is about stands in full elsewhere
	}
	if len(text) > most {
		text = append(text[:most-1], Fit(strings.Join(text[most-1:], " "), room))
	}
	if len(text) == 0 {
		return []string{""}
	}
	return text
}

// mark sets a sign into the column of a lane, if it has one.
func (l *columnLayout) mark(s *strip, lane int, sign rune, ink Ink) {
	if lane >= 0 && l.place[lane] >= 0 {
		s.set(l.lanes[l.place[lane]].x, sign, ink)
	}
}

// drawShafts draws the columns at a time: those of dead nodes and of nodes that stand still are
// broken.
func (c *Columns) drawShafts(l *columnLayout, s *strip, at model.Time) {
	for _, lane := range l.lanes {
		shaft := '│'
		switch c.laneAt(lane.lane, at) {
		case digest.BandDown:
			shaft = '·'
		case digest.BandPaused:
			shaft = '╎'
		}
		s.set(lane.x, shaft, InkFaint)
	}
}

// drawEvent draws a message as an arrow and everything else as a mark.
func (l *columnLayout) drawEvent(s *strip, e *digest.DiagramEvent, ink Ink) {
	if e.Lane < 0 || l.place[e.Lane] < 0 {
		return
	}
	to := l.lanes[l.place[e.Lane]].x
	if e.Label.Name == "" || e.Peer < 0 || e.Peer == e.Lane {
		s.set(to, markOf(e), ink)
		return
	}
	head := '▶'
	from, step := columnsGutter-1, 1
	if l.place[e.Peer] >= 0 {
		from = l.lanes[l.place[e.Peer]].x
	}
	if from > to {
		head, step = '◀', -1
	}
	s.drawArrow(from, to, step, ink)
	switch e.Kind {
	case model.TraceLost:
		s.set(to-step, '✗', InkFault)
	case model.TraceHeld:
		s.set(to-step, '○', InkFault)
	default:
		s.set(to-step, head, ink)
	}
	if l.place[e.Peer] < 0 {
		return
	}
	tail := '├'
	if step < 0 {
		tail = '┤'
	}
	s.set(from, tail, ink)
}

// drawArrow draws the shaft; the columns that it crosses stay to be seen.
func (s *strip) drawArrow(from, to, step int, ink Ink) {
	for x := from + step; x != to; x += step {
		if s.runes[x] == ' ' {
			s.set(x, '─', ink)
		} else {
			s.set(x, '┼', ink)
		}
	}
}

// markOf is the sign of an event that is no message.
func markOf(e *digest.DiagramEvent) rune {
	switch {
	case e.EndsFault():
		return '+'
	case e.Kind == model.TraceFault:
		return '✗'
	case e.Notable():
		return '◆'
	default:
		return '•'
	}
}

// inkOf says in which ink an event is drawn.
func inkOf(lanes []digest.Lane, e *digest.DiagramEvent) Ink {
	role := func(lane int) string {
		if lane < 0 {
			return ""
		}
		return lanes[lane].Role
	}
	switch a, b := role(e.Lane), role(e.Peer); {
	case digest.IsFault(e.Kind) && !e.EndsFault(),
		e.Kind == model.TraceLost, e.Kind == model.TraceHeld:
		return InkFault
	case e.Label.Name == "":
		return InkChange
	case a == "zookeeper" || b == "zookeeper":
		return InkKeeper
	case a == "broker" && b == "broker":
		return InkBroker
	default:
		return InkClient
	}
}

// words tell what an event is. Whoever has no column is named.
func (c *Columns) words(l *columnLayout, event, more int) string {
	e := &c.story.Diagram.Events[event]
	text := e.Text
	if m := c.moments[event]; m != nil {
		text = m.What
	}
	switch e.Kind {
	case model.FrameReceived.String(), model.TraceLost, model.TraceHeld:
		text = frameWords(e)
	case model.Commanded.String():
		text = strings.Replace(strings.Replace(text, "/-1 ", " ", 1), ` key=""`, "", 1)
		text = "application: " + text
	case model.Started.String():
		text = "starts"
	case model.TimerFired.String(), model.Flushed.String(), model.ConnOpened.String(),
		model.ConnClosed.String():
		text = strings.TrimSpace(strings.ReplaceAll(e.Kind, "-", " ") + " " + text)
	}
	name := func(lane int) string { return string(c.story.Diagram.Lanes[lane].Node) }
	if e.Peer >= 0 && l.place[e.Peer] < 0 {
		text = "from " + name(e.Peer) + ": " + text
	}
	if e.Lane >= 0 && l.place[e.Lane] < 0 {
		text = name(e.Lane) + ": " + text
	}
	if more > 0 {
		text = fmt.Sprintf("%d× %s", more+1, text)
	}
	return text
}

// Words tell all that is known of the event ahead of a stop: when, who, what.
func (c *Columns) Words(p Place) string {
	event := c.event(p)
	if event < 0 {
		return ""
	}
	e := &c.story.Diagram.Events[event]
	text := prose.Seconds(e.At, 6) + ": "
	if e.Lane >= 0 {
		text += string(c.story.Diagram.Lanes[e.Lane].Node) + " "
	}
	l := c.layout(1<<20, nil) // everybody has a column there
	if e.Label.Name == "" {
		return text + c.words(l, event, 0)
	}
	if e.Peer >= 0 {
		text += "← " + string(c.story.Diagram.Lanes[e.Peer].Node) + " "
	}
	return text + "(" + prose.ShortTime(e.At-e.Sent) + " under way) " + c.words(l, event, 0)
}

// frameWords are a message's API, version and fields.
func frameWords(e *digest.DiagramEvent) string {
	text := e.Label.Name
	if e.Label.Versioned {
		text += fmt.Sprintf(" v%d", e.Label.Version)
	}
	if e.Label.Reply && !strings.HasPrefix(e.Label.Name, "zk.event") {
		text += " reply"
	}
	switch e.Kind {
	case model.TraceLost:
		text += " is lost"
	case model.TraceHeld:
		text += " is held back"
	}
	if e.Text != "" {
		text += ": " + e.Text
	}
	return text
}

// withoutMinorFields leaves out the fields of a message that few lessons are about.
func withoutMinorFields(words string) string {
	fields := strings.Fields(words)
	kept := fields[:0]
	for _, f := range fields {
		name, _, found := strings.Cut(f, "=")
		if !found || !slices.Contains([]string{"session", "max_wait", "timeout", "zxid"}, name) {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, " ")
}
