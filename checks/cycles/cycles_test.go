package cycles

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	red Kind = 1 << iota
	blue
)

// draw is a small graph of edges of two kinds, of which the last vertices are waypoints.
func draw(t *rapid.T) *Graph {
	g := &Graph{}
	for range rapid.IntRange(2, 7).Draw(t, "vertices") {
		g.Vertex()
	}
	for range rapid.IntRange(0, 2).Draw(t, "waypoints") {
		g.Waypoint()
	}
	for range rapid.IntRange(0, 14).Draw(t, "edges") {
		vertex := rapid.Int32Range(0, g.vertices-1)
		from, to := vertex.Draw(t, "from"), vertex.Draw(t, "to")
		if g.waypoint[from] && (to%2 == 0 || g.waypoint[to]) || g.waypoint[to] && from%2 == 1 {
			continue // by waypoints alone nothing leads back to where it came from
		}
		g.Link(from, to, rapid.SampledFrom([]Kind{red, blue}).Draw(t, "kind"))
	}
	return g
}

// distances are the lengths of the shortest ways between all vertices (Floyd and Warshall), as far
// as some kinds go: an edge that leads from a waypoint adds nothing.
func distances(g *Graph, kinds Kind) [][]int {
	const none = 1000
	d := make([][]int, g.vertices)
	for i := range d {
		d[i] = slices.Repeat([]int{none}, int(g.vertices))
	}
	for _, e := range g.edges {
		if e.Kind&kinds != 0 {
			length := 1
			if g.waypoint[e.From] {
				length = 0
			}
			d[e.From][e.To] = min(d[e.From][e.To], length)
		}
	}
	for k := range d {
		for i := range d {
			for j := range d {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d
}

// Components and shortest cycles are those that all distances tell.
func TestAgainstAllDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		kinds := rapid.SampledFrom([]Kind{red, red | blue}).Draw(t, "kinds")
		d := distances(g, kinds)
		shortest := map[int32]int{} // by the first vertex of a component
		first := func(v int32) int32 {
			for w := range g.vertices {
				if !g.waypoint[w] && (w == v || d[v][w] < 1000 && d[w][v] < 1000) {
					return w
				}
			}
			return v
		}
		size := map[int32]int{}
		for v := range g.vertices {
			if g.waypoint[v] {
				continue
			}
			at := first(v)
			size[at]++
			if length := d[v][v]; length < 1000 && (shortest[at] == 0 || length < shortest[at]) {
				shortest[at] = length
			}
		}
		for _, c := range g.Components(kinds, nil) {
			at := c.Vertices[0]
			require.Equal(t, size[at], len(c.Vertices))
			delete(size, at)
			cycle := g.Shortest(c, kinds, 1<<20)
			require.Len(t, cycle, shortest[at])
			for i, e := range cycle {
				require.Equal(t, e.To, cycle[(i+1)%len(cycle)].From)
				require.LessOrEqual(t, d[e.From][e.To], 1)
				require.NotZero(t, e.Kind&kinds)
				require.Contains(t, c.Vertices, e.From)
			}
			require.NotEmpty(t, g.Shortest(c, kinds, 0), "a cycle is found without a budget too")
		}
		for at, n := range size {
			require.Equal(t, 1, n, "the component of %d is missing", at)
		}
	})
}

// A chain of a million vertices with one edge back takes no stack, and within leaves vertices out.
func TestLongChain(t *testing.T) {
	const n = 1_000_000
	g := &Graph{}
	for range n {
		g.Vertex()
	}
	for v := range int32(n - 1) {
		g.Link(v, v+1, red)
	}
	require.Empty(t, g.Components(red, nil))
	g.Link(n-1, 0, blue)
	require.Empty(t, g.Components(red, nil))
	list := g.Components(red|blue, nil)
	require.Len(t, list, 1)
	require.Len(t, list[0].Vertices, n)
	within := slices.Repeat([]bool{true}, n)
	within[n/2] = false
	require.Empty(t, g.Components(red|blue, within))
}
