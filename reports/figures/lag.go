package figures

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"gonum.org/v1/plot/font"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

const (
	lagPanels = 4  // at most
	lagLines  = 12 // in each at most, those that lag most
)

// drawLag shows how many records of each partition a group has still to commit: a panel for each
// group with a line for each partition, or the other way round where there are more groups.
func drawLag(s *digest.Story, f format) (*drawing, string) {
	fig := lagFigure{story: s, inks: newInkSet(), face: textFace(f.font)}
	for i := range s.Lags {
		if l := &s.Lags[i]; l.Behind.Max() > 1 {
			fig.lags = append(fig.lags, l)
			fig.groups, fig.tps = append(fig.groups, l.Group), append(fig.tps, l.TP)
		}
	}
	if len(fig.lags) == 0 {
		return nil, ""
	}
	fig.groups = slices.Compact(fig.groups) // lags are in order of their groups
	slices.SortFunc(fig.tps, kafka.TopicPartition.Compare)
	fig.tps = slices.Compact(fig.tps)
	d := &drawing{caption: "records that a group has not committed yet"}
	titles, what := fig.titles()
	if left := len(titles) - lagPanels; left > 0 {
		titles = titles[:lagPanels]
		d.caption += fmt.Sprintf("; %s not drawn", prose.Counted(int64(left), "further "+what))
	}
	alt := "Records that groups have not committed yet, over virtual time."
	for _, title := range titles {
		p, words := fig.panel(title)
		d.panels = append(d.panels, p)
		alt += words
	}
	d.legend = fig.legend()
	return d, alt
}

// lagFigure is what the panels of the figure have in common.
type lagFigure struct {
	story  *digest.Story
	lags   []*digest.Lag // that are worth a line
	groups []string
	tps    []kafka.TopicPartition
	inks   inkSet
	face   font.Face
	shown  []string // lines, by their names
}

// byPartition reports whether panels are partitions, and lines groups.
func (f *lagFigure) byPartition() bool {
	return len(f.groups) > lagPanels && len(f.tps) < len(f.groups)
}

// titles are those of all panels, and what a panel is.
func (f *lagFigure) titles() (titles []string, what string) {
	if f.byPartition() {
		for _, tp := range f.tps {
			titles = append(titles, tp.String())
		}
		return titles, "partition"
	}
	for _, group := range f.groups {
		titles = append(titles, "group "+group)
	}
	return titles, "group"
}

// place is the panel of a lag and the name of its line.
func (f *lagFigure) place(l *digest.Lag) (title, line string) {
	if f.byPartition() {
		return l.TP.String(), "group " + l.Group
	}
	return "group " + l.Group, l.TP.String()
}

// look is how a line is drawn: a group's as in the other figures, a partition's with its number
// where widths do not suffice to tell lines apart that lie on each other.
func (f *lagFigure) look(l *digest.Lag) lineLook {
	if f.byPartition() {
		return groupLook(l.Group, f.story.GroupNames())
	}
	const differInWidth = 3
	look := partitionLook(slices.Index(f.tps, l.TP))
	if len(f.tps) > differInWidth {
		look.mark = strconv.Itoa(int(l.TP.Partition))
	}
	return look
}

// panel draws the lags that stand under a title.
func (f *lagFigure) panel(title string) (panel, string) {
	p := panel{title: title, height: 150}
	marked := markLayer{inks: &f.inks, face: f.face}
	var high int64
	words := ""
	for _, l := range f.worst(title) {
		look := f.look(l)
		line := lineLayer{lines: pieces(&l.Behind, f.story.End), step: true,
			style: f.inks.line(look.ink, look.width, look.dashes...)}
		p.layers = append(p.layers, line)
		if look.mark != "" {
			marked.lines = append(marked.lines, markedLine{look, line.lines})
		}
		high = max(high, l.Behind.Max())
		_, name := f.place(l)
		f.shown = append(f.shown, name)
		words += fmt.Sprintf(" Group %s is at most %s behind in %s.", l.Group,
			prose.Counted(l.Behind.Max(), "record"), l.TP)
	}
	if len(marked.lines) > 0 {
		p.layers = append(p.layers, marked)
	}
	p.ticks, p.to = countTicks(float64(max(high, 1)), 4)
	p.to *= 1.03
	return p, words
}

// worst are those lags of a panel that are drawn, in their order.
func (f *lagFigure) worst(title string) []*digest.Lag {
	var out []*digest.Lag
	for _, l := range f.lags {
		if at, _ := f.place(l); at == title {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b *digest.Lag) int {
		return cmp.Compare(b.Behind.Max(), a.Behind.Max())
	})
	out = out[:min(len(out), lagLines)]
	slices.SortFunc(out, func(a, b *digest.Lag) int {
		groups := slices.Index(f.groups, a.Group) - slices.Index(f.groups, b.Group)
		return cmp.Or(groups, a.TP.Compare(b.TP))
	})
	return out
}

func (f *lagFigure) legend() []entry {
	var out []entry
	named := map[string]bool{}
	for _, l := range slices.SortedStableFunc(slices.Values(f.lags), func(a, b *digest.Lag) int {
		return a.TP.Compare(b.TP)
	}) {
		_, name := f.place(l)
		if !named[name] && slices.Contains(f.shown, name) {
			named[name] = true
			out = append(out, f.look(l).entry(name))
		}
	}
	return out
}
