package sim

import "math/bits"

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
