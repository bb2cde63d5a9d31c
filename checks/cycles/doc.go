// Package cycles finds cycles in directed graphs whose edges are of several kinds: the components
// in which there are some, in time linear in vertices and edges, and a shortest cycle of each.
//
//	Graph.Link ──▶ Graph.Components (Tarjan) ──▶ Graph.Shortest (breadth first)
//
// It is not about histories: who the vertices are and what an edge means, its user knows. It calls
// itself nowhere, so a chain of a million vertices takes no stack.
//
// Read in this order: graph.go, components.go, shortest.go.
package cycles
