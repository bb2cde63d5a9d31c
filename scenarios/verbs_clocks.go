package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
	"sandcastle/sim"
)

// clockVerbs set clocks wrong. Timeouts and sessions go by another clock, which nobody can set.
func clockVerbs() []verb {
	right := each(func(p *player, id model.NodeID) { p.world.Clock(id).SetRight() })
	return []verb{
		{
			name: "shift-clock",
			doc: "Sets the nodes' wall clocks forward by `by`, or back (`by: -3s`). Timestamps, " +
				"retention, the expiry of offsets and replica.lag.time.max.ms go by them; other timeouts do " +
				"not.",
			needs: []string{"by"}, by: byTime | bySign,
			do: func(p *player, f *firing) {
				each(func(p *player, id model.NodeID) { p.world.Clock(id).Shift(f.By) })(p, f)
			},
			undo: right,
		},
		{
			name: "drift-clock",
			doc: "Has the nodes' wall clocks run fast by `by` millionths (`by: 200ppm`), or slow " +
				"(`by: -200ppm`), from now on.",
			needs: []string{"by"}, by: byDrift,
			do: func(p *player, f *firing) {
				each(func(p *player, id model.NodeID) { p.world.Clock(id).Drift(f.PPM) })(p, f)
			},
			undo: right,
		},
	}
}

// measures are what the `by` of a verb can be, as a set; 0 is byTime.
type measures uint8

const (
	byTime  measures = 1 << iota // a duration
	bySign                       // that may be negative
	byDrift                      // parts per million
)

// byField is the key `by`: how long, how far back or forth, or how fast a clock runs.
func byField() fieldOf[Action] {
	f := option("by", duration(), func(a *Action) *time.Duration { return &a.By },
		"How long; of a clock, how far forward or back, or how many ppm it runs fast or slow.")
	f.schema = map[string]any{
		"type": "string", "pattern": `^-?(([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+|[0-9]+ppm)$`,
	}
	f.set = func(d *decoder, n *yaml.Node, a *Action) {
		a.supplied = append(a.supplied, "by")
		a.byPos = position{n.Line, n.Column}
		if digits, drift := strings.CutSuffix(n.Value, "ppm"); drift && n.Kind == yaml.ScalarNode {
			ppm, err := strconv.ParseInt(digits, 10, 64)
			if err != nil || ppm == 0 || ppm < -sim.MostDrift || ppm > sim.MostDrift {
				d.fail(n, "", "%s is no drift of a clock: write 200ppm or -200ppm, at most %dppm",
					clipped(n.Value), sim.MostDrift)
			}
			a.PPM = ppm
			return
		}
		positive, back := strings.CutPrefix(n.Value, "-")
		plain := *n
		plain.Value = positive
		if a.By = duration().read(d, &plain); back {
			a.By = -a.By
		}
	}
	return f
}

// completeBy checks that `by` is what the verb wants.
func (d *decoder) completeBy(v *verb, a *Action) {
	want := v.by
	if want == 0 {
		want = byTime
	}
	pos, hint := a.byPos, "write a number with a unit, such as 250ms, 30s or 2m"
	switch {
	case pos == (position{}):
	case want == byDrift && a.PPM == 0:
		d.failAt(pos, "write 200ppm, or -200ppm for a clock that runs slow",
			"`by` of %s is how many millionths the clock runs fast", v.name)
	case want != byDrift && a.PPM != 0:
		d.failAt(pos, hint, "`by` of %s is a time, and not %dppm", v.name, a.PPM)
	case want&bySign == 0 && a.By < 0:
		d.failAt(pos, hint, "`by` of %s is a time, and not %v", v.name, a.By)
	}
}

// clockWords say what an entry does to a clock.
func (a *Action) clockWords() string {
	switch {
	case a.PPM > 0:
		return fmt.Sprintf("has a clock that runs fast by %d millionths", a.PPM)
	case a.PPM < 0:
		return fmt.Sprintf("has a clock that runs slow by %d millionths", -a.PPM)
	case a.By < 0:
		return fmt.Sprintf("has its clock set back by %v", -a.By)
	default:
		return fmt.Sprintf("has its clock set forward by %v", a.By)
	}
}
