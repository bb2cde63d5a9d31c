package reports

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ownershipLanes is how many lanes a group gets at most for its partitions, and for its members.
const ownershipLanes = 24

// laneHeight is the height of one lane: a name and a bar.
const laneHeight = vg.Length(37)

// drawOwnership shows each partition's owner over time, and below what each member had.
func drawOwnership(s *Story, f format) (*drawing, string) {
	if len(s.groups) == 0 {
		return nil, ""
	}
	d := &drawing{caption: "owner of each partition, and what each member owns"}
	inks := newInkSet()
	face := textFace(f.font)
	var seen []model.NodeID
	dead := false
	for i := range s.groups {
		for _, w := range s.groups[i].owned {
			dead = dead || w.dead
		}
		for _, m := range s.groups[i].members {
			if !slices.Contains(seen, m) {
				seen = append(seen, m)
			}
		}
	}
	colour := func(n model.NodeID) ink {
		all := barInks()
		return all[max(slices.Index(seen, n), 0)%len(all)]
	}
	for _, m := range seen {
		d.legend = append(d.legend, entry{text: string(m), ink: colour(m)})
	}
	if dead {
		d.legend = append(d.legend, entry{text: "owner is dead, the group does not know", ink: inkDead,
			hatch: true})
	}
	alt := "Owners of partitions over virtual time."
	for i := range s.groups {
		g := &s.groups[i]
		for _, lane := range g.lanes(colour) {
			layers := []plot.Plotter{barLayer{bars: lane.bars, inks: &inks, face: face}}
			d.panels = append(d.panels, panel{title: lane.name, height: laneHeight - panelGap - 3, to: 1,
				layers: layers})
		}
		alt += g.alt()
	}
	return d, alt
}

// lane is one row of bars.
type lane struct {
	name string
	bars []bar
}

// lanes returns a lane for each partition, then one for each member.
func (g *groupStory) lanes(colour func(model.NodeID) ink) []lane {
	var out []lane
	for i, tp := range g.partitions {
		if i == ownershipLanes {
			break
		}
		l := lane{name: "partition " + tp.String(), bars: g.partitionBars(tp, colour)}
		if i == 0 {
			l.name += ", group " + g.group
		}
		out = append(out, l)
	}
	for i, m := range g.members {
		if i == ownershipLanes {
			break
		}
		out = append(out, lane{name: "member " + string(m), bars: g.memberBars(m, colour)})
	}
	return out
}

// partitionBars are the owners of one partition. Two owners at once, which must not be, share the
// lane.
func (g *groupStory) partitionBars(tp kafka.TopicPartition, colour func(model.NodeID) ink) []bar {
	var bars []bar
	var until model.Time
	for _, w := range g.owned {
		if w.tp != tp || w.to <= w.from {
			continue
		}
		b := bar{from: inSeconds(w.from), to: inSeconds(w.to), low: 0, high: 1, text: string(w.node),
			fill: colour(w.node)}
		if w.dead {
			b.fill, b.hatch = inkDead, true
		}
		if w.from < until {
			b.high = 0.45
		}
		until = max(until, w.to)
		bars = append(bars, b)
	}
	return bars
}

// memberBars are what one member owned: a bar for every stretch between two changes.
func (g *groupStory) memberBars(m model.NodeID, colour func(model.NodeID) ink) []bar {
	var edges []model.Time
	for _, w := range g.owned {
		if w.node == m {
			edges = append(edges, w.from, w.to)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var bars []bar
	for i := 1; i < len(edges); i++ {
		b := bar{from: inSeconds(edges[i-1]), to: inSeconds(edges[i]), high: 1, fill: colour(m)}
		var names []string
		held := false
		for _, w := range g.owned {
			if w.node != m || w.from > edges[i-1] || w.to < edges[i] || w.to == w.from {
				continue
			}
			held = true
			if w.tp.Topic != "" {
				names = append(names, w.tp.String())
			}
			b.hatch = b.hatch || w.dead
		}
		if !held {
			continue
		}
		slices.Sort(names)
		b.text, b.open = strings.Join(names, ", "), len(names) == 0
		if b.open {
			b.text = "idle"
		}
		if b.hatch {
			b.fill = inkDead
		}
		bars = append(bars, b)
	}
	return bars
}

// alt says in words who owned what at last.
func (g *groupStory) alt() string {
	words := fmt.Sprintf(" Group %s: %d members share %d partitions.", g.group, len(g.members),
		len(g.partitions))
	for _, tp := range g.partitions[:min(len(g.partitions), ownershipLanes)] {
		var names []string
		for _, w := range g.owned {
			name := string(w.node)
			if w.dead {
				name = "nobody"
			}
			if w.tp == tp && w.to > w.from && (len(names) == 0 || names[len(names)-1] != name) {
				names = append(names, name)
			}
		}
		words += fmt.Sprintf(" %s: %s.", tp, strings.Join(names, ", then "))
	}
	return words
}
