package digest

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Counts sums the records of o in windows of the given width, a multiple of the slot, up to end.
func (r *rates) Counts(o Outcome, window, end model.Time) []int64 {
	out := make([]int64, (end+window-1)/window)
	per := int(window / r.Slot)
	for i := range r.slots {
		if j := i / per; j < len(out) {
			out[j] += int64(r.slots[i][o])
		}
	}
	return out
}

// Outcome is how a record fared, for counting.
type Outcome uint8

const (
	OutcomeOK Outcome = iota
	OutcomeFail
	OutcomeUnknown
	OutcomeRead
	Outcomes
)

// rates counts records by outcome in slots of time. Final reads, by which every run ends, are
// left out.
type rates struct {
	Slot   model.Time // width of a slot: 10 ms, or that times a power of ten
	slots  [][Outcomes]uint32
	Totals [Outcomes]int64
}

// rateSlots is how many slots are kept at most; beyond it ten become one.
const rateSlots = 20_000

func newRates() rates { return rates{Slot: 10_000_000} }

func (r *rates) onOp(op *kafka.Op) {
	if op.Type == kafka.Invoke {
		return
	}
	for i := range op.Value {
		switch mop := &op.Value[i]; {
		case mop.F == kafka.FPoll && op.Type == kafka.OK:
			for _, polled := range mop.Polled {
				r.add(op.Time, OutcomeRead, len(polled.Records))
			}
		case mop.F == kafka.FSend && op.Type == kafka.OK:
			r.add(op.Time, OutcomeOK, 1)
		case mop.F == kafka.FSend && op.Type == kafka.Fail:
			r.add(op.Time, OutcomeFail, 1)
		case mop.F == kafka.FSend && op.Type == kafka.Info:
			r.add(op.Time, OutcomeUnknown, 1)
		}
	}
}

func (r *rates) add(at model.Time, o Outcome, n int) {
	if at < 0 || n == 0 {
		return
	}
	for at/r.Slot >= rateSlots {
		r.fold()
	}
	i := int(at / r.Slot)
	for len(r.slots) <= i {
		r.slots = append(r.slots, [Outcomes]uint32{})
	}
	r.slots[i][o] += uint32(n)
	r.Totals[o] += int64(n)
}

// fold makes one slot of ten.
func (r *rates) fold() {
	for i := range r.slots {
		slot := r.slots[i]
		r.slots[i] = [Outcomes]uint32{}
		for o := range slot {
			r.slots[i/10][o] += slot[o]
		}
	}
	r.slots = r.slots[:(len(r.slots)+9)/10]
	r.Slot *= 10
}

// PerSecond returns the rate of o in windows of the given width, a multiple of the slot, up to
// end. The last window is left out when it is not whole.
func (r *rates) PerSecond(o Outcome, window, end model.Time) []float64 {
	n := int(end / window)
	out := make([]float64, n)
	per := int(window / r.Slot)
	for i := range out {
		var sum int64
		for j := i * per; j < min((i+1)*per, len(r.slots)); j++ {
			sum += int64(r.slots[j][o])
		}
		// One decimal is plenty, and the same on every machine.
		out[i] = float64(sum*10_000_000_000/int64(window)) / 10
	}
	return out
}

// WindowFor returns a round width of time, not below least, that cuts end into at most n windows.
func WindowFor(end, least model.Time, n int) model.Time {
	for width := least; ; width *= 10 {
		for _, step := range [...]model.Time{1, 2, 5} {
			if end/(width*step) <= model.Time(n) {
				return width * step
			}
		}
	}
}
