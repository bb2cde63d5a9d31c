package figures

import (
	"fmt"
	"math"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// tick is a place on an axis. In data units: seconds across, whatever the panel has upwards.
type tick struct {
	at    float64
	label string
}

// timeTicks marks [0, end] in round seconds, 1-2-5, at most n steps.
func timeTicks(end model.Time, n int) []tick {
	step := digest.WindowFor(end, 1_000_000, n)
	decimals := 0
	for unit := model.Time(1_000_000_000); unit > 1 && step%unit != 0; unit /= 10 {
		decimals++
	}
	var ticks []tick
	for t := model.Time(0); t <= end; t += step {
		ticks = append(ticks, tick{inSeconds(t), prose.TrimSeconds(t, decimals)})
	}
	return ticks
}

// inSeconds is t for an axis, rounded to microseconds so that it is the same number everywhere.
func inSeconds(t model.Time) float64 { return float64(int64(t)/1000) / 1e6 }

// countTicks marks [0, high] in round numbers, 1-2-5, at most n steps, and says where the axis
// ends.
func countTicks(high float64, n int) ([]tick, float64) {
	step := int64(1)
	for tens := int64(1); ; tens *= 10 {
		for _, k := range [...]int64{1, 2, 5} {
			step = tens * k
			if high/float64(step) <= float64(n) {
				return countTicksBy(step, high)
			}
		}
	}
}

func countTicksBy(step int64, high float64) ([]tick, float64) {
	var ticks []tick
	var v int64
	for ; ; v += step {
		ticks = append(ticks, tick{float64(v), countLabel(v, step)})
		if float64(v) >= high && v > 0 {
			return ticks, float64(v)
		}
	}
}

func countLabel(v, step int64) string {
	switch {
	case v != 0 && step%1_000_000 == 0:
		return prose.Grouped(v/1_000_000) + "M"
	case v >= 10_000 && step%1000 == 0:
		return prose.Grouped(v/1000) + "k"
	default:
		return prose.Grouped(v)
	}
}

// latencyTicks marks a logarithmic axis of microseconds that holds [low, high] and returns its
// ends, both of the form 1-2-5. Over more than two decades only the powers of ten are marked.
func latencyTicks(low, high float64) (ticks []tick, from, to float64) {
	var steps []int64
	for decade := int64(1); decade <= 1e12; decade *= 10 {
		steps = append(steps, decade, 2*decade, 5*decade)
	}
	first, last := 0, 1
	for steps[last] < int64(math.Ceil(high)) {
		last++
	}
	for first+2 < last && steps[first+1] <= int64(low) {
		first++
	}
	for i := first; i <= last; i++ {
		if last-first <= 7 || i%3 == 0 {
			ticks = append(ticks, tick{float64(steps[i]), latencyLabel(steps[i])})
		}
	}
	return ticks, float64(steps[first]), float64(steps[last])
}

func latencyLabel(micros int64) string {
	switch {
	case micros >= 1_000_000:
		return fmt.Sprintf("%d s", micros/1_000_000)
	case micros >= 1000:
		return fmt.Sprintf("%d ms", micros/1000)
	default:
		return fmt.Sprintf("%d µs", micros)
	}
}
