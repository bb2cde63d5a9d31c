package figures

import (
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// sweepScale is the axis of a measure.
type sweepScale struct {
	from, to float64
	log      bool
	ticks    []tick
	unit     int64 // of the axis, in the measure's unit
}

// of is a value on the axis. A logarithmic one has no 0.
func (s *sweepScale) of(v int64) float64 {
	at := float64(v*100/s.unit) / 100
	if s.log {
		at = max(at, s.from)
	}
	return at
}

// kind names what the numbers of the axis do not say themselves.
func (s *sweepScale) kind(unit kafka.Unit) string {
	switch {
	case s.log:
		return " (logarithmic)"
	case unit == kafka.UnitRate:
		return " (" + string(unit) + ")"
	default:
		return ""
	}
}

// scaleFor is an axis that holds all values: from 0, or logarithmic when they differ by more than a
// factor of 50.
func scaleFor(unit kafka.Unit, all []digest.Spread) sweepScale {
	least, most, n := int64(1)<<62, int64(0), 0
	for _, sp := range all {
		if sp.N > 0 {
			least, most, n = min(least, sp.Min), max(most, sp.Max), n+1
		}
	}
	if n == 0 {
		return sweepScale{}
	}
	sign := ""
	s := sweepScale{unit: 1}
	switch unit {
	case kafka.UnitTime:
		if least > 0 && most/least >= 50 {
			s.unit, s.log = 1000, true
			s.ticks, s.from, s.to = latencyTicks(float64(max(least/1000, 1)), float64(most)/1000)
			return s
		}
		s.unit, sign = 1000, " µs"
		for _, of := range []struct {
			ns   int64
			sign string
		}{{1_000_000, " ms"}, {1_000_000_000, " s"}} {
			if most >= 2*of.ns {
				s.unit, sign = of.ns, of.sign
			}
		}
	case kafka.UnitBytes:
		for _, of := range []struct {
			bytes int64
			sign  string
		}{{1, " B"}, {1000, " kB"}, {1_000_000, " MB"}, {1_000_000_000, " GB"}} {
			if most >= 2*of.bytes || of.bytes == 1 {
				s.unit, sign = of.bytes, of.sign
			}
		}
	case kafka.UnitPercent:
		sign = " %"
	}
	s.ticks, s.to = countTicks(max(s.of(most), 1), 5)
	s.to *= 1.05
	for i := range s.ticks {
		s.ticks[i].label += sign
	}
	return s
}
