package cycles

import "slices"

// Component is a strongly connected component: from each of its vertices there is a way to each
// other one. Both lists are in order.
type Component struct{ Vertices, Waypoints []int32 }

// visit is a vertex that Tarjan's walk stands at, and its next edge.
type visit struct{ vertex, edge int32 }

// tarjan is one walk over the graph.
type tarjan struct {
	g      *Graph
	kinds  Kind
	within []bool
	// number is the order in which vertices were met, from 1, and low the smallest that is reached
	// from each; 0 where the walk has not been.
	number, low []int32
	open        []bool // it is on stack
	stack       []int32
	path        []visit
	met         int32
	found       []Component
}

// Components are the strongly connected components of two vertices or more, over edges of some
// kinds and, where within is not nil, over vertices for which it is true; in the order of their
// first vertex. Time and memory are linear in vertices and edges (Tarjan 1972).
func (g *Graph) Components(kinds Kind, within []bool) []Component {
	g.sort()
	t := tarjan{
		g: g, kinds: kinds, within: within, number: make([]int32, g.vertices),
		low: make([]int32, g.vertices), open: make([]bool, g.vertices),
	}
	for v := range g.vertices {
		if t.number[v] == 0 && t.counts(v) {
			t.walk(v)
		}
	}
	slices.SortFunc(t.found, func(a, b Component) int { return int(a.Vertices[0] - b.Vertices[0]) })
	return t.found
}

func (t *tarjan) counts(v int32) bool { return t.within == nil || t.within[v] }

// walk meets all that is reached from a vertex.
func (t *tarjan) walk(root int32) {
	t.meet(root)
	for len(t.path) > 0 {
		at := &t.path[len(t.path)-1]
		v := at.vertex
		if at.edge == t.g.start[v+1] {
			t.leave(v)
			continue
		}
		e := &t.g.edges[t.g.out[at.edge]]
		at.edge++
		switch {
		case e.Kind&t.kinds == 0 || !t.counts(e.To):
		case t.number[e.To] == 0:
			t.meet(e.To)
		case t.open[e.To]:
			t.low[v] = min(t.low[v], t.number[e.To])
		}
	}
}

func (t *tarjan) meet(v int32) {
	t.met++
	t.number[v], t.low[v], t.open[v] = t.met, t.met, true
	t.stack = append(t.stack, v)
	t.path = append(t.path, visit{v, t.g.start[v]})
}

// leave ends the visit of a vertex. Where nothing before it is reached from it, what was met since
// is a component.
func (t *tarjan) leave(v int32) {
	t.path = t.path[:len(t.path)-1]
	if n := len(t.path); n > 0 {
		before := t.path[n-1].vertex
		t.low[before] = min(t.low[before], t.low[v])
	}
	if t.low[v] != t.number[v] {
		return
	}
	var c Component
	for {
		last := t.stack[len(t.stack)-1]
		t.stack, t.open[last] = t.stack[:len(t.stack)-1], false
		if t.g.waypoint[last] {
			c.Waypoints = append(c.Waypoints, last)
		} else {
			c.Vertices = append(c.Vertices, last)
		}
		if last == v {
			break
		}
	}
	if len(c.Vertices) > 1 {
		slices.Sort(c.Vertices)
		slices.Sort(c.Waypoints)
		t.found = append(t.found, c)
	}
}
