package figures

import (
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"

	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// castOf is how nodes look: in every figure of the run, and on its page, the same.
func castOf(s *digest.Story) palette.Cast {
	var nodes []string
	for _, node := range s.Readers() {
		nodes = append(nodes, string(node))
	}
	return palette.NewCast(nodes)
}

// lineLook is how a line of many is drawn. The mark stands on it where its look alone would not
// tell it from the others: where they lie on each other, only the uppermost can be seen.
type lineLook struct {
	ink    palette.Ink
	width  vg.Length
	dashes []vg.Length
	mark   string // "" for none
}

// entry is the look's sample in the legend.
func (l lineLook) entry(text string) entry {
	return entry{text: text, ink: l.ink, width: l.width, dashes: l.dashes, mark: l.mark}
}

// replicaLook draws the first broker's line widest and the next ones inside it, so that replicas
// that agree, as they should, can all be seen.
func replicaLook(look palette.Look, i, n int) lineLook {
	const thinnest, step, widest = 2, 3, 14
	inside := vg.Length(step)
	if n > 1 {
		inside = min(inside, vg.Length(widest-thinnest)/vg.Length(n-1))
	}
	l := lineLook{ink: look.Line, width: thinnest + vg.Length(n-1-i)*inside}
	if look.Round > 0 {
		l.dashes = []vg.Length{12, 3}
	}
	return l
}

// groupLook is the line of what a group has committed. One alone needs no colour.
func groupLook(group string, all []string) lineLook {
	dashes := [][]vg.Length{{6, 3}, {10, 3, 2, 3}, {2, 2}}
	if len(all) < 2 {
		return lineLook{ink: palette.Muted, width: 1.6, dashes: dashes[0]}
	}
	k := max(slices.Index(all, group), 0)
	look := palette.Nth(k)
	return lineLook{ink: look.Line, width: 1.8, dashes: dashes[look.Round%len(dashes)],
		mark: strconv.Itoa(k + 1)}
}

// partitionLook is the line of the kth of several partitions. Neighbours differ in width, so that
// they can be seen where they lie on each other.
func partitionLook(k int) lineLook {
	look, widths := palette.Nth(k), [...]vg.Length{4, 2.6, 1.5}
	line := lineLook{ink: look.Line, width: widths[k%len(widths)]}
	if look.Round > 0 {
		line.dashes = []vg.Length{8, 3}
	}
	return line
}
