package figures

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
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
func drawLeadership(s *digest.Story, f format) (*drawing, string) {
	var drawn []*digest.PartitionLeaders
	for i := range s.Leaders {
		if s.Leaders[i].Changed() {
			drawn = append(drawn, &s.Leaders[i])
		}
	}
	if len(drawn) == 0 {
		return nil, ""
	}
	if f.small { // it has room for one partition
		slices.SortStableFunc(drawn, func(a, b *digest.PartitionLeaders) int {
			return turns(b) - turns(a)
		})
	}
	for i := range s.Leaders {
		if l := &s.Leaders[i]; !l.Changed() && len(drawn) < leaderPanels {
			drawn = append(drawn, l)
		}
	}
	d := &drawing{caption: "the leader, and below it the brokers in sync, by their numbers"}
	if f.left < 60 {
		d.caption = "the leader, and below it who is in sync"
	}
	drawn = drawn[:min(len(drawn), leaderPanels)]
	if left := len(s.Leaders) - len(drawn); left > 0 {
		d.caption += fmt.Sprintf("; %s not drawn", prose.Counted(int64(left), "further partition"))
	}
	fig := leaderFigure{brokers: brokersOf(drawn), cast: castOf(s), inks: newInkSet(), format: f}
	alt := "Leaders of partitions over virtual time, and the brokers in sync."
	for _, l := range drawn {
		d.panels = append(d.panels, fig.panel(l))
		alt += leadersAlt(l)
	}
	d.legend = fig.legend()
	return d, alt
}

// turns is how often the partition got another leader.
func turns(s *digest.PartitionLeaders) int {
	n := 0
	for i := 1; i < len(s.Spans); i++ {
		if s.Spans[i].Leader != s.Spans[i-1].Leader {
			n++
		}
	}
	return n
}

// brokersOf lists the brokers that lead or are in sync anywhere, in order.
func brokersOf(drawn []*digest.PartitionLeaders) []kafka.BrokerID {
	var ids []kafka.BrokerID
	for _, l := range drawn {
		ids = append(ids, everInSync(l)...)
		for _, p := range l.Spans {
			if p.Leader != kafka.NoBroker {
				ids = append(ids, p.Leader)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// everInSync are the brokers that were ever in sync, in order.
func everInSync(s *digest.PartitionLeaders) []kafka.BrokerID {
	var ids []kafka.BrokerID
	for _, set := range s.ISR {
		ids = append(ids, set.ISR...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// leaderFigure is what the panels of the figure have in common.
type leaderFigure struct {
	brokers []kafka.BrokerID
	cast    palette.Cast
	inks    inkSet
	format  format
	// Whether there is any.
	dead, stale, nobody bool
}

func (f *leaderFigure) look(id kafka.BrokerID) palette.Look {
	return f.cast.Of(string(digest.BrokerNode(id)))
}

func (f *leaderFigure) legend() []entry {
	var out []entry
	for _, id := range f.brokers {
		look := f.look(id)
		name := string(digest.BrokerNode(id))
		out = append(out, entry{text: name, ink: look.Bar, striped: look.Round > 0})
	}
	if f.nobody {
		out = append(out, entry{text: "nobody leads", open: true})
	}
	if f.dead {
		const dead = "the leader is dead, no other is chosen"
		out = append(out, entry{text: dead, ink: palette.Dead, hatch: true})
	}
	if f.stale {
		const stale = "old: leads on, has not heard of the new one"
		out = append(out, entry{text: stale, ink: palette.Paper, hatch: true})
	}
	return out
}

// panel draws one partition. Its unit upwards is that of the paper.
func (f *leaderFigure) panel(l *digest.PartitionLeaders) panel {
	replicas := everInSync(l)
	height := leaderRow + vg.Length(len(replicas))*syncRow
	if len(l.Stale) > 0 {
		height += staleRow
	}
	p := panel{title: l.TP.String(), height: height, to: float64(height)}
	layer := barLayer{inks: &f.inks, face: textFace(f.format.font)}
	down := height - leaderRow
	p.ticks = append(p.ticks, tick{float64(down + leaderRow/2), "leader"})
	for _, span := range l.Spans {
		layer.bars = append(layer.bars, f.span(span, down))
	}
	if len(l.Stale) > 0 {
		down -= staleRow
		f.stale = true
		p.ticks = append(p.ticks, tick{float64(down + staleRow/2), "old"})
		for _, span := range l.Stale {
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
func (f *leaderFigure) span(s digest.Leadership, down vg.Length) bar {
	look := f.look(s.Leader)
	b := bar{from: inSeconds(s.From), to: inSeconds(s.To), low: float64(down + 2),
		high: float64(down + leaderRow - 2), fill: look.Bar, striped: look.Round > 0,
		text:  fmt.Sprintf("%s, epoch %d", digest.BrokerNode(s.Leader), s.Epoch),
		short: string(digest.BrokerNode(s.Leader))}
	switch {
	case s.Leader == kafka.NoBroker:
		b.text, b.short, b.open, f.nobody = "no leader", "none", true, true
	case s.Dead:
		b.fill, b.striped, b.hatch, f.dead = palette.Dead, false, true, true
	}
	return b
}

// inSync are the stretches in which a broker was in sync.
func (f *leaderFigure) inSync(l *digest.PartitionLeaders, id kafka.BrokerID, down vg.Length) []bar {
	var bars []bar
	open := false
	for _, set := range l.ISR {
		in := slices.Contains(set.ISR, id)
		switch at := inSeconds(set.At); {
		case in && !open:
			bars = append(bars, bar{from: at, low: float64(down + 4), high: float64(down + syncRow - 4),
				fill: f.look(id).Bar})
		case !in && open:
			bars[len(bars)-1].to = at
		}
		open = in
	}
	if open {
		bars[len(bars)-1].to = inSeconds(l.Spans[len(l.Spans)-1].To)
	}
	return bars
}

// leadersAlt says in words who led, and who was in sync at last.
func leadersAlt(s *digest.PartitionLeaders) string {
	const most = 12
	words := ""
	for i, p := range s.Spans {
		who := string(digest.BrokerNode(p.Leader)) + " leads"
		switch {
		case i == most:
			return fmt.Sprintf(" %s:%s, and so on.", s.TP, words[1:])
		case p.Leader == kafka.NoBroker:
			who = "nobody leads"
		case p.Dead:
			who = string(digest.BrokerNode(p.Leader)) + " is dead"
		}
		words += fmt.Sprintf(", %s from %s", who, prose.Seconds(p.From, 1))
	}
	if words == "" {
		return ""
	}
	words = fmt.Sprintf(" %s:%s.", s.TP, strings.TrimPrefix(words, ","))
	if n := len(s.ISR); n > 0 {
		words += " In sync at the end: " + prose.BrokerList(s.ISR[n-1].ISR) + "."
	}
	return words
}
