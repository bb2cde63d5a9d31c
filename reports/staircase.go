package reports

import (
	"cmp"
	"slices"

	"sandcastle/model"
)

// point is a corner of a staircase: from at on, the value is v. A negative v says that there is
// no value.
type point struct {
	at model.Time
	v  int64
}

// staircase is a value that changes at points in time, thinned as it grows so that it stays below
// staircaseLimit: of a run of equal steps within one bucket of time the first and the last are
// kept. Falls and gaps are always kept.
type staircase struct {
	points []point
	bucket model.Time
}

const (
	staircaseLimit = 4096
	noValue        = int64(-1)
)

// add says that the value is v from at on. Calls come in order of time.
func (s *staircase) add(at model.Time, v int64) {
	n := len(s.points)
	if n > 0 && s.points[n-1].v == v {
		return
	}
	if n >= 2 && s.mayMerge(s.points[n-2], s.points[n-1], point{at, v}) {
		s.points[n-1] = point{at, v}
		return
	}
	s.points = append(s.points, point{at, v})
	if len(s.points) >= staircaseLimit {
		s.thin()
	}
}

// mayMerge says whether b may be forgotten between a and c.
func (s *staircase) mayMerge(a, b, c point) bool {
	return a.v >= 0 && a.v <= b.v && b.v <= c.v && s.bucket > 0 && a.at/s.bucket == c.at/s.bucket
}

// thin makes room for as many points as there are.
func (s *staircase) thin() { *s = s.coarse(staircaseLimit / 2) }

// coarse is the staircase with at most so many points: buckets are widened until that holds. Of a
// wild staircase every other point is left out then.
func (s *staircase) coarse(most int) staircase {
	out := staircase{points: s.points, bucket: s.bucket}
	for range 40 {
		if len(out.points) <= most {
			return out
		}
		wider := staircase{bucket: max(2*out.bucket, model.Time(1_000_000))}
		wider.points = make([]point, 0, len(out.points))
		for _, p := range out.points {
			n := len(wider.points)
			if n >= 2 && wider.mayMerge(wider.points[n-2], wider.points[n-1], p) {
				wider.points[n-1] = p
				continue
			}
			wider.points = append(wider.points, p)
		}
		out = wider
	}
	for len(out.points) > most {
		last := out.points[len(out.points)-1]
		for i := 0; 2*i < len(out.points); i++ {
			out.points[i] = out.points[2*i]
		}
		out.points = out.points[:(len(out.points)+1)/2]
		out.points[len(out.points)-1] = last
	}
	return out
}

// max is the highest value, 0 of an empty staircase.
func (s *staircase) max() int64 {
	var high int64
	for _, p := range s.points {
		high = max(high, p.v)
	}
	return high
}

// highest is the highest of several staircases at every moment, without a value where none has one.
func highest(all []*staircase) staircase {
	var corners []corner
	for i, s := range all {
		for _, p := range s.points {
			corners = append(corners, corner{p, i})
		}
	}
	slices.SortStableFunc(corners, func(a, b corner) int { return cmp.Compare(a.at, b.at) })
	now := make([]int64, len(all))
	for i := range now {
		now[i] = noValue
	}
	var out staircase
	for i, c := range corners {
		now[c.of] = c.v
		if i+1 == len(corners) || corners[i+1].at != c.at {
			out.add(c.at, slices.Max(now))
		}
	}
	return out
}

// corner is a point of one staircase among several.
type corner struct {
	point
	of int
}
