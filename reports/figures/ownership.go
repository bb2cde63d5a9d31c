package figures

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// ownershipLanes is how many lanes a group gets at most for its partitions, and for its members.
const ownershipLanes = 24

// laneHeight is the height of one lane: a name and a bar.
const laneHeight = vg.Length(37)

// drawOwnership shows each partition's owner over time, and below what each member had.
func drawOwnership(s *digest.Story, f format) (*drawing, string) {
	if len(s.Groups) == 0 {
		return nil, ""
	}
	d := &drawing{caption: "owner of each partition, and what each member owns"}
	inks := newInkSet()
	face := textFace(f.font)
	cast := castOf(s)
	look := func(n model.NodeID) palette.Look { return cast.Of(string(n)) }
	d.legend = ownersLegend(s, look)
	alt := "Owners of partitions over virtual time."
	for i := range s.Groups {
		g := &s.Groups[i]
		for _, lane := range groupLanes(g, look) {
			layers := []plot.Plotter{barLayer{bars: lane.bars, inks: &inks, face: face}}
			d.panels = append(d.panels, panel{title: lane.name, height: laneHeight - panelGap - 3, to: 1,
				layers: layers})
		}
		alt += ownersAlt(g)
	}
	return d, alt
}

// ownersLegend names the members, and what there is besides.
func ownersLegend(s *digest.Story, look func(model.NodeID) palette.Look) []entry {
	var members []model.NodeID
	dead, idle := false, false
	for i := range s.Groups {
		members = append(members, s.Groups[i].Members...)
		for _, w := range s.Groups[i].Owned {
			dead = dead || w.Dead
			idle = idle || w.TP.Topic == "" && w.To > w.From
		}
	}
	slices.SortFunc(members, digest.CompareNodes)
	var out []entry
	for _, m := range slices.Compact(members) {
		out = append(out, entry{text: string(m), ink: look(m).Bar, striped: look(m).Round > 0})
	}
	if idle {
		out = append(out, entry{text: "a member that owns nothing", open: true})
	}
	if dead {
		const dead = "owner is dead, the group does not know"
		out = append(out, entry{text: dead, ink: palette.Dead, hatch: true})
	}
	return out
}

// lane is one row of bars.
type lane struct {
	name string
	bars []bar
}

// groupLanes returns a lane for each partition, then one for each member.
func groupLanes(g *digest.Group, look func(model.NodeID) palette.Look) []lane {
	var out []lane
	for i, tp := range g.Partitions {
		if i == ownershipLanes {
			break
		}
		l := lane{name: "partition " + tp.String(), bars: partitionBars(g, tp, look)}
		if i == 0 {
			l.name += ", group " + g.Name
		}
		out = append(out, l)
	}
	for i, m := range g.Members {
		if i == ownershipLanes {
			break
		}
		out = append(out, lane{name: "member " + string(m), bars: memberBars(g, m, look)})
	}
	return out
}

// partitionBars are the owners of one partition. Two owners at once, which must not be, share the
// lane.
func partitionBars(
	g *digest.Group, tp kafka.TopicPartition, look func(model.NodeID) palette.Look,
) []bar {
	var bars []bar
	var until model.Time
	for _, w := range g.Owned {
		if w.TP != tp || w.To <= w.From {
			continue
		}
		b := bar{from: inSeconds(w.From), to: inSeconds(w.To), low: 0, high: 1, text: string(w.Node),
			fill: look(w.Node).Bar, striped: look(w.Node).Round > 0}
		if w.Dead {
			b.fill, b.striped, b.hatch = palette.Dead, false, true
		}
		if w.From < until {
			b.high = 0.45
		}
		until = max(until, w.To)
		bars = append(bars, b)
	}
	return bars
}

// memberBars are what one member owned: a bar for every stretch between two changes.
func memberBars(g *digest.Group, m model.NodeID, look func(model.NodeID) palette.Look) []bar {
	var edges []model.Time
	for _, w := range g.Owned {
		if w.Node == m {
			edges = append(edges, w.From, w.To)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var bars []bar
	for i := 1; i < len(edges); i++ {
		b := bar{from: inSeconds(edges[i-1]), to: inSeconds(edges[i]), high: 1,
			fill: look(m).Bar, striped: look(m).Round > 0}
		var names []string
		held := false
		for _, w := range g.Owned {
			if w.Node != m || w.From > edges[i-1] || w.To < edges[i] || w.To == w.From {
				continue
			}
			held = true
			if w.TP.Topic != "" {
				names = append(names, w.TP.String())
			}
			b.hatch = b.hatch || w.Dead
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
			b.fill, b.striped = palette.Dead, false
		}
		bars = append(bars, b)
	}
	return bars
}

// ownersAlt says in words who owned what at last.
func ownersAlt(g *digest.Group) string {
	words := fmt.Sprintf(" Group %s: %d members share %d partitions.", g.Name, len(g.Members),
		len(g.Partitions))
	for _, tp := range g.Partitions[:min(len(g.Partitions), ownershipLanes)] {
		var names []string
		for _, w := range g.Owned {
			name := string(w.Node)
			if w.Dead {
				name = "nobody"
			}
			if w.TP == tp && w.To > w.From && (len(names) == 0 || names[len(names)-1] != name) {
				names = append(names, name)
			}
		}
		words += fmt.Sprintf(" %s: %s.", tp, strings.Join(names, ", then "))
	}
	return words
}
