package digest

import (
	"cmp"
	"slices"

	"sandcastle/model"
)

// Point is a corner of a staircase: from at on, the value is v. A negative v says that there is
// no value.
type Point struct {
	At    model.Time
	Value int64
}

// Staircase is a value that changes at points in time, thinned as it grows so that it stays below
// staircaseLimit: of a run of equal steps within one bucket of time the first and the last are
// kept. Falls and gaps are always kept.
type Staircase struct {
	Points []Point
	bucket model.Time
}

const (
	staircaseLimit = 4096
	noValue        = int64(-1)
)

// Add says that the value is v from at on. Calls come in order of time.
func (s *Staircase) Add(at model.Time, v int64) {
	n := len(s.Points)
	if n > 0 && s.Points[n-1].Value == v {
		return
	}
	if n >= 2 && s.mayMerge(s.Points[n-2], s.Points[n-1], Point{at, v}) {
		s.Points[n-1] = Point{at, v}
		return
	}
	s.Points = append(s.Points, Point{at, v})
	if len(s.Points) >= staircaseLimit {
		s.thin()
	}
}

// mayMerge reports whether b may be forgotten between a and c.
func (s *Staircase) mayMerge(a, b, c Point) bool {
	rises := a.Value >= 0 && a.Value <= b.Value && b.Value <= c.Value
	return rises && s.bucket > 0 && a.At/s.bucket == c.At/s.bucket
}

// thin makes room for as many points as there are.
func (s *Staircase) thin() { *s = s.Coarse(staircaseLimit / 2) }

// Coarse is the staircase with at most so many points: buckets are widened until that holds. Of a
// wild staircase every other point is left out then.
func (s *Staircase) Coarse(most int) Staircase {
	out := Staircase{Points: s.Points, bucket: s.bucket}
	for range 40 {
		if len(out.Points) <= most {
			return out
		}
		wider := Staircase{bucket: max(2*out.bucket, model.Time(1_000_000))}
		wider.Points = make([]Point, 0, len(out.Points))
		for _, p := range out.Points {
			n := len(wider.Points)
			if n >= 2 && wider.mayMerge(wider.Points[n-2], wider.Points[n-1], p) {
				wider.Points[n-1] = p
				continue
			}
			wider.Points = append(wider.Points, p)
		}
		out = wider
	}
	for len(out.Points) > most {
		last := out.Points[len(out.Points)-1]
		for i := 0; 2*i < len(out.Points); i++ {
			out.Points[i] = out.Points[2*i]
		}
		out.Points = out.Points[:(len(out.Points)+1)/2]
		out.Points[len(out.Points)-1] = last
	}
	return out
}

// Max is the highest value, 0 of an empty staircase.
func (s *Staircase) Max() int64 {
	var high int64
	for _, p := range s.Points {
		high = max(high, p.Value)
	}
	return high
}

// Highest is the highest of several staircases at every moment, without a value where none has one.
func Highest(all []*Staircase) Staircase {
	var corners []corner
	for i, s := range all {
		for _, p := range s.Points {
			corners = append(corners, corner{p, i})
		}
	}
	slices.SortStableFunc(corners, func(a, b corner) int { return cmp.Compare(a.At, b.At) })
	now := make([]int64, len(all))
	for i := range now {
		now[i] = noValue
	}
	var out Staircase
	for i, c := range corners {
		now[c.of] = c.Value
		if i+1 == len(corners) || corners[i+1].At != c.At {
			out.Add(c.At, slices.Max(now))
		}
	}
	return out
}

// corner is a point of one staircase among several.
type corner struct {
	Point
	of int
}
