package digest

import (
	"slices"

	"sandcastle/model"
)

// Readers are the nodes that read, by themselves or in a group, in the order of their names.
func (s *Story) Readers() []model.NodeID {
	var all []model.NodeID
	for i := range s.Diagram.Lanes {
		if l := &s.Diagram.Lanes[i]; l.Role == "consumer" {
			all = append(all, l.Node)
		}
	}
	for i := range s.Groups {
		all = append(all, s.Groups[i].Members...)
	}
	slices.SortFunc(all, CompareNodes)
	return slices.Compact(all)
}

// GroupNames are the groups that have committed an offset, in order.
func (s *Story) GroupNames() []string {
	var all []string
	for i := range s.Lags { // in the order of their groups
		all = append(all, s.Lags[i].Group)
	}
	return slices.Compact(all)
}
