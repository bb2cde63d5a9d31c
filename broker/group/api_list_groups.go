// ListGroups (key 16): v0–v5.
// Does: the groups that this broker coordinates, sorted by id; filters by state (v4, KIP-518) and
// by type (v5, KIP-848), in any case of letters. Every group is of the type classic.
// Does not: groups of other brokers, so clients ask them all (Kafka's do).
// State: coordinator.go.   Lessons: groups/*.

package group

import (
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// classic is the type of every group of this coordinator (Group.GroupType.CLASSIC, 3.9).
const classic = "classic"

// HandleListGroups serves ListGroups. While a partition is loading the list may lack groups, and
// the error says so.
func (c *Coordinator) HandleListGroups(out *model.Effects,
	req *kmsg.ListGroupsRequest, reply Reply,
) {
	c.outbox.enter()
	resp := kmsg.NewPtrListGroupsResponse()
	for _, id := range slices.Sorted(maps.Keys(c.store.groups)) {
		g := c.store.groups[id]
		if c.store.partitions[g.partition].loading || !filterAllows(req.StatesFilter, g.state.String()) ||
			!filterAllows(req.TypesFilter, classic) {
			continue
		}
		listed := kmsg.NewListGroupsResponseGroup()
		listed.Group, listed.ProtocolType = g.id, g.protocolType
		listed.GroupState, listed.GroupType = g.state.String(), classic
		resp.Groups = append(resp.Groups, listed)
	}
	for _, p := range c.store.partitions { //unordered: any that is loading will do
		if p.loading {
			resp.ErrorCode = int16(wire.CoordinatorLoadInProgress)
		}
	}
	c.outbox.answer(reply, resp)
	c.outbox.leave(out)
}

// filterAllows tells whether a filter has the word; an empty filter has them all.
func filterAllows(filter []string, word string) bool {
	return len(filter) == 0 || slices.ContainsFunc(filter, func(s string) bool {
		return strings.EqualFold(s, word)
	})
}
