package reports

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model/kafka"
)

// leaderPanels is how many partitions are drawn at most.
const leaderPanels = 6

// Heights of the rows of a partition: who leads, who goes on leading, and a replica in sync.
const (
	leaderRow = vg.Length(24)
	staleRow  = vg.Length(20)
	syncRow   = vg.Length(15)
)

// drawLeadership shows who led each partition, and below it which brokers were in sync. Partitions
// in which nothing changed come last, and alone they make no figure.
func drawLeadership(s *Story, f format) (*drawing, string) {
	var told []*leaderStory
	for i := range s.leaders {
		if s.leaders[i].changed() {
			told = append(told, &s.leaders[i])
		}
	}
	if len(told) == 0 {
		return nil, ""
	}
	if f.small { // it has room for one partition
		slices.SortStableFunc(told, func(a, b *leaderStory) int { return b.turns() - a.turns() })
	}
	for i := range s.leaders {
		if l := &s.leaders[i]; !l.changed() && len(told) < leaderPanels {
			told = append(told, l)
		}
	}
	d := &drawing{caption: "the leader, and below it the brokers in sync, by their numbers"}
	if f.left < 60 {
		d.caption = "the leader, and below it who is in sync"
	}
	told = told[:min(len(told), leaderPanels)]
	if left := len(s.leaders) - len(told); left > 0 {
		d.caption += fmt.Sprintf("; %s not drawn", counted(int64(left), "further partition"))
	}
	fig := leaderFigure{brokers: brokersOf(told), inks: newInkSet(), format: f}
	alt := "Leaders of partitions over virtual time, and the brokers in sync."
	for _, l := range told {
		d.panels = append(d.panels, fig.panel(l))
		alt += l.alt()
	}
	d.legend = fig.legend()
	return d, alt
}

// turns is how often the partition got another leader.
func (s *leaderStory) turns() int {
	n := 0
	for i := 1; i < len(s.spans); i++ {
		if s.spans[i].leader != s.spans[i-1].leader {
			n++
		}
	}
	return n
}

// brokersOf lists the brokers that lead or are in sync anywhere, in order.
func brokersOf(told []*leaderStory) []kafka.BrokerID {
	var ids []kafka.BrokerID
	for _, l := range told {
		ids = append(ids, l.replicas()...)
		for _, p := range l.spans {
			if p.leader != kafka.NoBroker {
				ids = append(ids, p.leader)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// replicas are the brokers that were ever in sync, in order.
func (s *leaderStory) replicas() []kafka.BrokerID {
	var ids []kafka.BrokerID
	for _, set := range s.isr {
		ids = append(ids, set.isr...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// leaderFigure is what the panels of the figure have in common.
type leaderFigure struct {
	brokers     []kafka.BrokerID
	inks        inkSet
	format      format
	dead, stale bool // whether there is any
}

func (f *leaderFigure) colour(id kafka.BrokerID) ink {
	all := barInks()
	return all[max(slices.Index(f.brokers, id), 0)%len(all)]
}

func (f *leaderFigure) legend() []entry {
	var out []entry
	for _, id := range f.brokers {
		out = append(out, entry{text: string(brokerNode(id)), ink: f.colour(id)})
	}
	if f.dead {
		const dead = "the leader is dead, no other is chosen"
		out = append(out, entry{text: dead, ink: inkDead, hatch: true})
	}
	if f.stale {
		const stale = "old: leads on, has not heard of the new one"
		out = append(out, entry{text: stale, ink: inkPaper, hatch: true})
	}
	return out
}

// panel draws one partition. Its unit upwards is that of the paper.
func (f *leaderFigure) panel(l *leaderStory) panel {
	replicas := l.replicas()
	height := leaderRow + vg.Length(len(replicas))*syncRow
	if len(l.stale) > 0 {
		height += staleRow
	}
	p := panel{title: l.tp.String(), height: height, to: float64(height)}
	layer := barLayer{inks: &f.inks, face: textFace(f.format.font)}
	down := height - leaderRow
	p.ticks = append(p.ticks, tick{float64(down + leaderRow/2), "leader"})
	for _, span := range l.spans {
		layer.bars = append(layer.bars, f.span(span, down))
	}
	if len(l.stale) > 0 {
		down -= staleRow
		f.stale = true
		p.ticks = append(p.ticks, tick{float64(down + staleRow/2), "old"})
		for _, span := range l.stale {
			b := f.span(span, down)
			b.high, b.hatch = float64(down+staleRow-3), true
			layer.bars = append(layer.bars, b)
		}
	}
	for _, id := range replicas {
		down -= syncRow
		p.ticks = append(p.ticks, tick{float64(down + syncRow/2), fmt.Sprint(id)})
		layer.bars = append(layer.bars, f.inSync(l, id, down)...)
	}
	p.layers = []plot.Plotter{layer}
	return p
}

// span is a bar in the row of the leader, down above the panel's lower edge.
func (f *leaderFigure) span(s leadership, down vg.Length) bar {
	b := bar{from: inSeconds(s.from), to: inSeconds(s.to), low: float64(down + 2),
		high: float64(down + leaderRow - 2), fill: f.colour(s.leader),
		text:  fmt.Sprintf("%s, epoch %d", brokerNode(s.leader), s.epoch),
		short: string(brokerNode(s.leader))}
	switch {
	case s.leader == kafka.NoBroker:
		b.text, b.short, b.open = "no leader", "none", true
	case s.dead:
		b.fill, b.hatch, f.dead = inkDead, true, true
	}
	return b
}

// inSync are the stretches in which a broker was in sync.
func (f *leaderFigure) inSync(l *leaderStory, id kafka.BrokerID, down vg.Length) []bar {
	var bars []bar
	open := false
	for _, set := range l.isr {
		in := slices.Contains(set.isr, id)
		switch at := inSeconds(set.at); {
		case in && !open:
			bars = append(bars, bar{from: at, low: float64(down + 4), high: float64(down + syncRow - 4),
				fill: f.colour(id)})
		case !in && open:
			bars[len(bars)-1].to = at
		}
		open = in
	}
	if open {
		bars[len(bars)-1].to = inSeconds(l.spans[len(l.spans)-1].to)
	}
	return bars
}

// alt says in words who led, and who was in sync at last.
func (s *leaderStory) alt() string {
	const most = 12
	words := ""
	for i, p := range s.spans {
		who := string(brokerNode(p.leader)) + " leads"
		switch {
		case i == most:
			return fmt.Sprintf(" %s:%s, and so on.", s.tp, words[1:])
		case p.leader == kafka.NoBroker:
			who = "nobody leads"
		case p.dead:
			who = string(brokerNode(p.leader)) + " is dead"
		}
		words += fmt.Sprintf(", %s from %s", who, seconds(p.from, 1))
	}
	if words == "" {
		return ""
	}
	words = fmt.Sprintf(" %s:%s.", s.tp, strings.TrimPrefix(words, ","))
	if n := len(s.isr); n > 0 {
		words += " In sync at the end: " + brokerList(s.isr[n-1].isr) + "."
	}
	return words
}
