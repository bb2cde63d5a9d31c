package model

import (
	"math/bits"
	"time"
)

// Rand is one named stream of random numbers: xoshiro256** (Blackman and Vigna, 2018), seeded
// through SplitMix64 from the run's seed and the stream's name, so that one more draw here does not
// move the draws there. Integers and ratios only: floats differ between machines.
type Rand struct {
	s [4]uint64
}

// NewRand returns the stream called name of the run seeded with seed.
func NewRand(seed uint64, name string) *Rand {
	x := seed
	for i := 0; i < len(name); i++ {
		x = (x ^ uint64(name[i])) * 0x100000001b3
		x ^= x >> 29
	}
	r := &Rand{}
	for i := range r.s {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb
		r.s[i] = z ^ (z >> 31)
	}
	return r
}

// Uint64 returns 64 random bits.
func (r *Rand) Uint64() uint64 {
	result := bits.RotateLeft64(r.s[1]*5, 7) * 9
	t := r.s[1] << 17
	r.s[2] ^= r.s[0]
	r.s[3] ^= r.s[1]
	r.s[1] ^= r.s[2]
	r.s[0] ^= r.s[3]
	r.s[2] ^= t
	r.s[3] = bits.RotateLeft64(r.s[3], 45)
	return result
}

// Below returns a number in [0, n). It panics when n is 0.
func (r *Rand) Below(n uint64) uint64 {
	if n == 0 {
		panic("model: Rand.Below(0)")
	}
	hi, lo := bits.Mul64(r.Uint64(), n)
	for lo < n && lo < -n%n {
		hi, lo = bits.Mul64(r.Uint64(), n)
	}
	return hi
}

// Chance is true in num of den cases.
func (r *Rand) Chance(num, den uint64) bool { return r.Below(den) < num }

// Between returns a duration in [low, high].
func (r *Rand) Between(low, high time.Duration) time.Duration {
	if high < low {
		panic("model: Rand.Between with high < low")
	}
	return low + time.Duration(r.Below(uint64(high-low)+1))
}
