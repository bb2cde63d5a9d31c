package reports

import (
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

// thin widens the buckets until half of the points are gone, or gives up on a wild staircase and
// keeps every other point.
func (s *staircase) thin() {
	old := s.points
	for range 40 {
		s.bucket = max(2*s.bucket, model.Time(1_000_000))
		kept := staircase{bucket: s.bucket, points: make([]point, 0, staircaseLimit)}
		for _, p := range old {
			n := len(kept.points)
			if n >= 2 && kept.mayMerge(kept.points[n-2], kept.points[n-1], p) {
				kept.points[n-1] = p
				continue
			}
			kept.points = append(kept.points, p)
		}
		if len(kept.points) <= staircaseLimit/2 {
			s.points = kept.points
			return
		}
	}
	s.points = s.points[:0]
	for i := 0; i < len(old); i += 2 {
		s.points = append(s.points, old[i])
	}
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
	slices.SortStableFunc(corners, func(a, b corner) int { return compareTime(a.at, b.at) })
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
