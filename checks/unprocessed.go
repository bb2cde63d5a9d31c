package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// unprocessed finds records that a group was given and committed, and that its application never
// began to work on, although it has gone on behind them: at most once was less than once. Only
// groups that report what they process are judged.
func unprocessed(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		done := map[string]bool{}
		for i := range p.handled {
			if h := &p.handled[i]; !h.commit && !done[h.group] {
				done[h.group] = true
				p.leftOut(h.group, t)
			}
		}
	}
}

// leftOut adds the records that the group left out.
func (p *partition) leftOut(group string, t *tally) {
	var committed, last *handling // the furthest of each
	begun := map[kafka.Offset]bool{}
	for i := range p.handled {
		h := &p.handled[i]
		switch {
		case h.group != group:
		case !h.commit:
			begun[h.offset] = true
			if last == nil || h.offset > last.offset {
				last = h
			}
		case h.done && (committed == nil || h.offset > committed.offset):
			committed = h
		}
	}
	for i := range p.reads {
		r := &p.reads[i]
		if !r.ok || r.final || p.from(r.op).group != group || committed == nil {
			continue
		}
		for j, at := range p.positions(r) {
			if begun[at] || at >= committed.offset || at >= last.offset {
				continue
			}
			begun[at] = true // it counts once
			t.add(func() (string, []kafka.Witness) {
				value := p.values[p.numbers(r)[j]].text
				text := fmt.Sprintf("%q at offset %d of %s was given to group %s, which committed past it "+
					"and went on to offset %d, and never processed it",
					value, at, p.key, group, last.offset)
				by := p.committedPast(group, at)
				return text, inOrder(p.handlingWitness(by), p.handlingWitness(last))
			})
		}
	}
}

// committedPast is the group's first commit behind the offset.
func (p *partition) committedPast(group string, at kafka.Offset) *handling {
	for i := range p.handled {
		if h := &p.handled[i]; h.commit && h.done && h.group == group && h.offset > at {
			return h
		}
	}
	panic("checks: a record was committed that no commit is behind of")
}
