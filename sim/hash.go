package sim

import (
	"math/bits"

	"sandcastle/model"
)

// digest is the rolling hash over everything that was executed. Two runs with equal digests did the
// same things in the same order.
type digest struct {
	sum  uint64
	mark uint64 // events between checkpoints
	past []uint64
}

// add mixes one executed event in: four words, two multiplications.
func (d *digest) add(at, seq, kind, content uint64) {
	hi, lo := bits.Mul64(d.sum^at^0xa0761d6478bd642f, seq^kind<<48^0xe7037ed1a0b428db)
	hi2, lo2 := bits.Mul64(hi^lo^content, 0x8ebc6af09c88c6e3)
	d.sum = hi2 ^ lo2
}

// checkpoint remembers the sum after every mark events.
func (d *digest) checkpoint(events uint64) {
	if events%d.mark == 0 {
		d.past = append(d.past, d.sum)
	}
}

// contentSum hashes what an event carries.
func contentSum(e *model.Event) uint64 {
	sum := uint64(e.Conn) ^ e.Token<<32 ^ uint64(e.Timer.Kind)<<48 ^ e.Timer.ID
	if len(e.Data) > 0 {
		sum = model.Sum64(sum, e.Data)
	}
	if e.Listener != "" {
		sum = model.SumString(sum, e.Listener)
	}
	if e.Text != "" {
		sum = model.SumString(sum, e.Text)
	}
	if e.Command != nil {
		sum = model.SumUint(sum, e.Command.Sum())
	}
	return sum
}
