package cycles

import "slices"

// search looks for the shortest way back to one vertex after another.
type search struct {
	g     *Graph
	kinds Kind
	inner []bool // by vertex: it may be on the way
	// by holds, by vertex, the edge by which it was reached first, −1 for none in this round; far
	// is how many edges that took, without those that lead from a waypoint.
	by, far []int32
	near    []int32 // vertices to go on from, nearest first, and behind them
	next    []int32 // those one edge further
	touched []int32
	budget  int
}

// Shortest is a cycle over edges of some kinds in a component that Components gave for them, with
// no more edges than any other there. What leads by waypoints is one edge. It takes at most about
// budget steps; then the cycle is the shortest that was met, and there always is one.
func (g *Graph) Shortest(c Component, kinds Kind, budget int) []Edge {
	g.sort()
	s := search{
		g: g, kinds: kinds, budget: budget, inner: make([]bool, g.vertices),
		by: make([]int32, g.vertices), far: make([]int32, g.vertices),
	}
	for i := range s.by {
		s.by[i] = -1
	}
	for _, v := range slices.Concat(c.Vertices, c.Waypoints) {
		s.inner[v] = true
	}
	var best []Edge
	for _, v := range c.Vertices {
		if cycle := s.back(v, len(best)); cycle != nil {
			best = cycle
		}
		if len(best) == 2 || best != nil && s.budget <= 0 {
			break
		}
	}
	return best
}

// back is the shortest way from a vertex to itself, of fewer edges than limit where that is not 0;
// nil for none.
func (s *search) back(root int32, limit int) []Edge {
	for _, v := range s.touched {
		s.by[v] = -1
	}
	s.touched, s.near, s.next = s.touched[:0], append(s.near[:0], root), s.next[:0]
	s.far[root] = 0
	for len(s.near) > 0 {
		found := int32(-1)
		for i := 0; i < len(s.near); i++ { // it grows at its end
			v := s.near[i]
			last := s.leave(v, root, limit)
			if last >= 0 && s.g.waypoint[v] { // one edge less than from another vertex as far
				return s.path(root, last)
			}
			if found < 0 {
				found = last
			}
		}
		if found >= 0 {
			return s.path(root, found)
		}
		s.near, s.next = s.next, s.near[:0]
	}
	return nil
}

// leave follows the edges of a vertex, and returns the one that leads back to root, −1 for none.
func (s *search) leave(v, root int32, limit int) int32 {
	far := s.far[v]
	if !s.g.waypoint[v] {
		far++
	}
	if limit > 0 && int(far) >= limit {
		return -1
	}
	for _, i := range s.g.out[s.g.start[v]:s.g.start[v+1]] {
		e := &s.g.edges[i]
		s.budget--
		switch {
		case e.Kind&s.kinds == 0 || !s.inner[e.To]:
		case e.To == root:
			return i
		case s.by[e.To] < 0:
			s.by[e.To], s.far[e.To] = i, far
			s.touched = append(s.touched, e.To)
			if far == s.far[v] {
				s.near = append(s.near, e.To)
			} else {
				s.next = append(s.next, e.To)
			}
		}
	}
	return -1
}

// path is the cycle that ends with an edge, without waypoints.
func (s *search) path(root, last int32) []Edge {
	var cycle []Edge
	to := root
	for i := last; ; i = s.by[s.g.edges[i].From] {
		e := s.g.edges[i]
		if !s.g.waypoint[e.From] {
			cycle = append(cycle, Edge{e.From, to, e.Kind})
			to = e.From
		}
		if e.From == root {
			break
		}
	}
	slices.Reverse(cycle)
	return cycle
}
