package swarm

import (
	"math/bits"
	"strconv"

	"sandcastle/model"
)

// dice are the draws of one aspect of a scenario.
type dice struct{ r *model.Rand }

// between draws a whole number in [low, high], each as likely as the next.
func (d dice) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + int(d.r.Below(uint64(high-low)+1))
}

// in draws from a range of a profile.
func (d dice) in(s span) int { return d.between(s.low, s.high) }

// skewed draws a whole number in [low, high], low at least 1, every order of magnitude in base 2 as
// likely as the next: small ones often, large ones all the same.
func (d dice) skewed(low, high int) int {
	lo, hi := bits.Len(uint(low)), bits.Len(uint(high))
	n := d.between(lo, hi)
	return d.between(max(low, 1<<(n-1)), min(high, 1<<n-1))
}

// chance is true in so many of a hundred cases.
func (d dice) chance(percent int) bool { return d.between(0, 99) < percent }

// one draws one of words, each as likely as the next.
func (d dice) one(words ...string) string { return words[d.between(0, len(words)-1)] }

// name draws one of the nodes prefix1, …, prefixN.
func (d dice) name(prefix string, n int) string {
	return prefix + strconv.Itoa(d.between(1, n))
}

// shuffled are the whole numbers from 1 to n in an order that is drawn.
func (d dice) shuffled(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	for i := range list {
		j := d.between(i, n-1)
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// weighed draws the index of a weight, each as likely as it is heavy; −1 when all are 0.
func (d dice) weighed(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return -1
	}
	at := d.between(0, sum-1)
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	panic("swarm: a weight below 0")
}

// swarmed are weights of which some are 0 altogether and the others differ by up to 32 times (A.
// Groce et al., "Swarm Testing", ISSTA 2012: what is left out lets the rest get further).
func (d dice) swarmed(weights []int) []int {
	out := make([]int, len(weights))
	for i, w := range weights {
		if on := d.chance(55); on {
			out[i] = w << d.between(0, 5)
		}
	}
	return out
}
