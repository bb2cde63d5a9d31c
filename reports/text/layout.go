package text

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// columnLayout says where in a line of some width everything stands.
type columnLayout struct {
	width  int
	lanes  []columnLane // those that are shown, from left to right
	place  []int        // of every lane of the diagram its index in lanes, −1 for hidden
	text   int          // where the words begin
	hidden []string     // names of the lanes that have no column
}

// columnLane is one column.
type columnLane struct {
	lane int // of the diagram
	x    int // of its line
	name string
}

const (
	columnsGutter = 10 // "▶ 12.012 "
	laneLeast     = 5
	laneGood      = 7
	laneMost      = 14
	wordsLeast    = 30 // cells for the words beside the columns
	wordsGood     = 48 // before the columns get wider than they must
	// ColumnsLeast is the width below which nothing is drawn as columns.
	ColumnsLeast = 60
)

// layout gives every lane a column if it can: with its whole name in a wide terminal, else with a
// short one. What does not fit is hidden: first who takes no part in the rows that are drawn, the
// quietest of all before others; bystanders are hidden before the columns get narrow.
func (c *Columns) layout(width int, rows []passageRow) *columnLayout {
	d := &c.story.Diagram
	l := &columnLayout{width: width, place: make([]int, len(d.Lanes))}
	room := max(width-columnsGutter-wordsLeast, laneLeast)
	shown := make([]int, len(d.Lanes))
	for i := range shown {
		shown[i] = i
	}
	part := c.partOf(rows)
	slices.SortStableFunc(shown, func(a, b int) int {
		return cmp.Or(cmp.Compare(part[b], part[a]), cmp.Compare(c.busy[b], c.busy[a]))
	})
	for n := len(shown); n > 1 && (n*laneLeast > room ||
		n*laneGood > room && part[shown[n-1]] == 0 && c.bystander(shown[n-1])); n-- {
		shown = shown[:n-1]
	}
	slices.Sort(shown)

	names := make([]string, len(d.Lanes))
	for i := range d.Lanes {
		names[i] = string(d.Lanes[i].Node)
	}
	each := min(longest(names, shown)+2, laneMost)
	if each*len(shown) > room-(wordsGood-wordsLeast) {
		names = c.ShortNames()
		each = max(min(laneGood, room/max(len(shown), 1)), laneLeast)
	}
	for i := range l.place {
		l.place[i] = -1
	}
	for i, lane := range shown {
		l.place[lane] = i
		x := columnsGutter + i*each + each/2
		l.lanes = append(l.lanes, columnLane{lane, x, Fit(names[lane], each-1)})
	}
	for i := range d.Lanes {
		if l.place[i] < 0 {
			l.hidden = append(l.hidden, string(d.Lanes[i].Node))
		}
	}
	l.text = columnsGutter + len(shown)*each + 1
	return l
}

// partOf says of every lane how many of the rows it takes part in. The later ones count for more.
func (c *Columns) partOf(rows []passageRow) []int {
	part := make([]int, len(c.story.Diagram.Lanes))
	for i, r := range rows {
		if r.event < 0 {
			continue
		}
		e := &c.story.Diagram.Events[r.event]
		for _, lane := range []int{e.Lane, e.Peer} {
			if lane >= 0 {
				part[lane] += 1 + i
			}
		}
	}
	return part
}

// bystander is true for lanes in which hardly anything happens.
func (c *Columns) bystander(lane int) bool {
	return c.busy[lane] < sidePart && c.busy[lane]*50 < int64(c.loud[len(c.loud)-1])
}

func longest(names []string, of []int) int {
	n := 0
	for _, i := range of {
		n = max(n, TextWidth(names[i]))
	}
	return n
}

// ShortNames are the lanes' names where room is scarce: b1 for broker-1, c2 for consumer-2. Names
// that would be alike stay long.
func (c *Columns) ShortNames() []string {
	lanes := c.story.Diagram.Lanes
	short := make([]string, len(lanes))
	count := map[string]int{}
	for i, l := range lanes {
		short[i] = shortName(string(l.Node), l.Role)
		count[short[i]]++
	}
	for i, l := range lanes {
		if count[short[i]] > 1 {
			short[i] = string(l.Node)
		}
	}
	return short
}

func shortName(name, role string) string {
	rest, found := strings.CutPrefix(name, role+"-")
	if !found || rest == "" {
		first, _, _ := strings.Cut(name, "-") // final-reader
		return first
	}
	if _, err := strconv.Atoi(rest); err != nil {
		return rest
	}
	if role == "zookeeper" {
		return "zk" + rest
	}
	return role[:1] + rest
}

// head are the lines over the columns: the names, and what the lanes are now.
func (c *Columns) head(l *columnLayout, event int) []Line {
	names, states := newStrip(l.text), newStrip(l.text)
	names.write(2, "seconds", InkFaint)
	badges, controls := c.badges(event)
	some := false
	for _, lane := range l.lanes {
		names.write(lane.x-TextWidth(lane.name)/2, lane.name, InkStrong)
		if controls[lane.lane] {
			names.write(lane.x-TextWidth(lane.name)/2+TextWidth(lane.name), "*", InkChange)
		}
		badge, ink := head(badges[lane.lane], max(l.pitch()-1, 4)), InkChange
		if badge == "dead" || badge == "paused" || badge == "cut" {
			ink = InkFault
		}
		states.write(lane.x-TextWidth(badge)/2, badge, ink)
		some = some || badge != ""
	}
	lines := []Line{append(names.line(), Span{l.missing(max(l.width-l.text, 1)), InkFaint})}
	if some {
		lines = append(lines, states.line())
	}
	return lines
}

// pitch is how far a column stands from the next.
func (l *columnLayout) pitch() int {
	if len(l.lanes) < 2 {
		return laneMost
	}
	return l.lanes[1].x - l.lanes[0].x
}

// missing says in so much room which nodes have no column, or how many if the names do not fit, ""
// for none.
func (l *columnLayout) missing(room int) string {
	names := "without a column: " + strings.Join(l.hidden, ", ")
	switch {
	case len(l.hidden) == 0:
		return ""
	case len(l.hidden) <= 3 && TextWidth(names) <= room:
		return names
	case len(l.hidden) == 1:
		return Fit("1 node without a column", room)
	default:
		return Fit(fmt.Sprintf("%d nodes without a column", len(l.hidden)), room)
	}
}

// Hidden says which nodes have no column in a drawing of that width, "" for none.
func (c *Columns) Hidden(width int) string { return c.layout(width, nil).missing(width) }
