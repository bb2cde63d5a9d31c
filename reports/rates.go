package reports

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// outcome is how a record fared, for counting.
type outcome uint8

const (
	outcomeOK outcome = iota
	outcomeFail
	outcomeUnknown
	outcomeRead
	outcomes
)

// rates counts records by outcome in slots of time. Final reads, by which every run ends, are
// left out.
type rates struct {
	slot   model.Time // width of a slot: 10 ms, or that times a power of ten
	slots  [][outcomes]uint32
	totals [outcomes]int64
}

// rateSlots is how many slots are kept at most; beyond it ten become one.
const rateSlots = 20_000

func newRates() rates { return rates{slot: 10_000_000} }

func (r *rates) onOp(op *kafka.Op) {
	if op.Type == kafka.Invoke {
		return
	}
	for i := range op.Value {
		switch mop := &op.Value[i]; {
		case mop.F == kafka.FPoll && op.Type == kafka.OK:
			for _, polled := range mop.Polled {
				r.add(op.Time, outcomeRead, len(polled.Records))
			}
		case mop.F == kafka.FSend && op.Type == kafka.OK:
			r.add(op.Time, outcomeOK, 1)
		case mop.F == kafka.FSend && op.Type == kafka.Fail:
			r.add(op.Time, outcomeFail, 1)
		case mop.F == kafka.FSend && op.Type == kafka.Info:
			r.add(op.Time, outcomeUnknown, 1)
		}
	}
}

func (r *rates) add(at model.Time, o outcome, n int) {
	if at < 0 || n == 0 {
		return
	}
	for at/r.slot >= rateSlots {
		r.fold()
	}
	i := int(at / r.slot)
	for len(r.slots) <= i {
		r.slots = append(r.slots, [outcomes]uint32{})
	}
	r.slots[i][o] += uint32(n)
	r.totals[o] += int64(n)
}

// fold makes one slot of ten.
func (r *rates) fold() {
	for i := range r.slots {
		slot := r.slots[i]
		r.slots[i] = [outcomes]uint32{}
		for o := range slot {
			r.slots[i/10][o] += slot[o]
		}
	}
	r.slots = r.slots[:(len(r.slots)+9)/10]
	r.slot *= 10
}

// perSecond returns the rate of o in windows of the given width, a multiple of the slot, up to
// end. The last window is left out when it is not whole.
func (r *rates) perSecond(o outcome, window, end model.Time) []float64 {
	n := int(end / window)
	out := make([]float64, n)
	per := int(window / r.slot)
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

// windowFor returns a round width of time, not below least, that cuts end into at most n windows.
func windowFor(end, least model.Time, n int) model.Time {
	for width := least; ; width *= 10 {
		for _, step := range [...]model.Time{1, 2, 5} {
			if end/(width*step) <= model.Time(n) {
				return width * step
			}
		}
	}
}
