package cycles

// Kind is what an edge means, or a set of such meanings.
type Kind uint8

// Edge leads from one vertex to another.
type Edge struct {
	From, To int32
	Kind     Kind
}

// Graph is directed, with parallel edges. Vertices are numbers from 0. The zero value is empty.
//
// A vertex is a waypoint where it only gathers edges: n vertices that all come before m others are
// n+m edges by way of one, not n×m. What leads from one vertex to another by waypoints alone counts
// as one edge.
type Graph struct {
	vertices int32
	waypoint []bool // by vertex
	edges    []Edge
	// start has, by vertex, where its edges begin in out; nil while edges are still added.
	start []int32
	out   []int32 // positions in edges, by the vertex that they lead from
}

// Vertex adds a vertex and returns its number.
func (g *Graph) Vertex() int32 { return g.add(false) }

// Waypoint adds a waypoint and returns its number.
func (g *Graph) Waypoint() int32 { return g.add(true) }

func (g *Graph) add(waypoint bool) int32 {
	g.waypoint = append(g.waypoint, waypoint)
	g.vertices++
	return g.vertices - 1
}

// Link adds an edge of a kind between two vertices that are there. One to the vertex itself is
// left out.
func (g *Graph) Link(from, to int32, kind Kind) {
	if from != to {
		g.edges = append(g.edges, Edge{from, to, kind})
		g.start = nil
	}
}

// sort puts the edges of each vertex together, in the order in which they were added.
func (g *Graph) sort() {
	if g.start != nil {
		return
	}
	g.start = make([]int32, g.vertices+1)
	for i := range g.edges {
		g.start[g.edges[i].From+1]++
	}
	for v := range g.vertices {
		g.start[v+1] += g.start[v]
	}
	next := append([]int32(nil), g.start...)
	g.out = make([]int32, len(g.edges))
	for i := range g.edges {
		from := g.edges[i].From
		g.out[next[from]] = int32(i)
		next[from]++
	}
}
