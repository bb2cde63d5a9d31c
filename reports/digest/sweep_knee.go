package digest

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// kneePercent is by how much a measure must change, for each doubling of the setting, not to be
// called flat.
const kneePercent = 10

// Knee is the index of the first point after which the median of a measure changes by less than
// kneePercent for each doubling of the setting, up to the last point. A step from 0 counts as one
// doubling. ok is false when the values are no growing numbers, when the measure still changes at
// the last point, when it is flat from the first, when it is missing somewhere, and when nothing is
// left of it.
func Knee(a SweepAxis, points []*SweepPoint, measure string) (at int, ok bool) {
	if len(a.Quantities) != len(points) || len(points) < 3 {
		return 0, false
	}
	last := len(points) - 1
	at = last
	for i := last; i > 0; i-- {
		from, to := points[i-1].Spread(measure), points[i].Spread(measure)
		if from.N == 0 || to.N == 0 || a.Quantities[i-1] >= a.Quantities[i] {
			return 0, false
		}
		if at == i && flat(a.Quantities[i-1], a.Quantities[i], from.Median, to.Median) {
			at = i - 1
		}
	}
	return at, at > 0 && at < last && points[at].Spread(measure).Median > 0
}

// flat reports whether the change of a measure from was to is, up or down, is less than kneePercent
// for each doubling on the way from x to y.
func flat(x, y, was, is int64) bool {
	low, high := min(was, is), max(was, is)
	if low <= 0 {
		return low == high
	}
	doublings := int64(log2One)
	if x > 0 {
		doublings = log2(y, x)
	}
	return log2(high, low)*log2One < log2(100+kneePercent, 100)*doublings
}

// log2One is 1 as log2 prints it.
const log2One = 1 << 16

// log2 is the logarithm of a/b, which is at least 1, to the base 2 in units of 1/log2One. It is a
// whole number so that a knee is the same everywhere.
func log2(a, b int64) int64 {
	const one = 32 // bits of the fraction
	hi, lo := bits.Mul64(uint64(a), 1<<one)
	if hi >= uint64(b) {
		return 32 * log2One // more than anybody sweeps
	}
	v, _ := bits.Div64(hi, lo, uint64(b))
	whole := int64(bits.Len64(v)) - 1 - one
	v <<= 63 - uint(bits.Len64(v)-1) // in [1, 2), with 63 bits of fraction
	out := whole * log2One
	for bit := int64(log2One / 2); bit > 0; bit /= 2 {
		hi, _ := bits.Mul64(v, v)
		if hi>>63 == 1 { // the square is at least 2
			out += bit
			v = hi
		} else {
			v = hi << 1
		}
	}
	return out
}

// KneeText says where a measure stops changing, and what is busy there; "" for no knee.
func (s *Sweep) KneeText(line Series, measure string) string {
	at, ok := Knee(s.Axes[0], line.Points, measure)
	if !ok {
		return ""
	}
	text := fmt.Sprintf("knee at %s: beyond it %s changes by less than a tenth for each doubling",
		s.Axes[0].Values[at], measure)
	if line.Name != "" {
		text = line.Name + ": " + text
	}
	if busy := busiest(line.Points[at]); busy != "" {
		text += "; there " + busy
	}
	return text
}

// busyPercent is from where on a part of a machine is called busy.
const busyPercent = 90

// busiest names the part of a machine that has most to do in the runs of a point.
func busiest(p *SweepPoint) string {
	parts := []struct{ prefix, name string }{
		{"cpu.most.", "the CPU"}, {"nic.most.", "the network card"}, {"disk.most.", "the disk"},
	}
	best, text := int64(busyPercent-1), ""
	for _, r := range p.Runs {
		if r == nil {
			continue
		}
		for _, part := range parts {
			for _, name := range sortedNames(r) {
				node, ok := strings.CutPrefix(name, part.prefix)
				if ok && r.Counters[name] > best {
					best = r.Counters[name]
					text = fmt.Sprintf("%s of %s is taken for %d %% of its busiest second", part.name, node, best)
				}
			}
		}
	}
	return text
}

func sortedNames(r *kafka.Run) []string {
	names := make([]string, 0, len(r.Counters))
	for name := range r.Counters { //unordered: they are sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
