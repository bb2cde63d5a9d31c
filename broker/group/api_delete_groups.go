// DeleteGroups (key 42): v0–v2.
// Does: deletes groups without members, their offsets with them (KIP-229); answers when the log has
// the tombstones on every in-sync replica.
// Does not: answer before that, and lose a tombstone that the log refused: Kafka 3.9 does both
// (GroupMetadataManager.cleanupGroupMetadata appends with acks=0).
// State: offsets.go, record.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// HandleDeleteGroups serves DeleteGroups. The reply waits for the appends.
func (c *Coordinator) HandleDeleteGroups(out *model.Effects,
	req *kmsg.DeleteGroupsRequest, reply Reply,
) {
	c.outbox.enter()
	resp := kmsg.NewPtrDeleteGroupsResponse()
	named := make(map[string]bool, len(req.Groups))
	for _, id := range req.Groups {
		if !named[id] { // named twice is answered once
			named[id] = true
			answer := kmsg.NewDeleteGroupsResponseGroup()
			answer.Group = id
			resp.Groups = append(resp.Groups, answer)
		}
	}
	waiting := 1
	finish := func() {
		if waiting--; waiting == 0 {
			c.outbox.answer(reply, resp)
		}
	}
	for i := range resp.Groups {
		answer := &resp.Groups[i]
		waiting++
		c.deleteGroup(out, answer.Group, func(code wire.Code) {
			answer.ErrorCode = int16(code)
			finish()
		})
	}
	finish()
	c.outbox.leave(out)
}

// deleteGroup calls done once, perhaps before it returns.
func (c *Coordinator) deleteGroup(out *model.Effects, groupID string,
	done func(wire.Code),
) {
	code := c.store.check(groupID)
	g := c.store.groups[groupID]
	switch {
	case code != wire.None:
	case g == nil:
		code = wire.GroupIDNotFound
	case g.state != Empty:
		code = wire.NonEmptyGroup
	}
	if code != wire.None {
		done(code)
		return
	}
	var records []Record
	for _, tp := range g.sortedOffsets() {
		records = append(records, Record{Key: offsetKey(g.id, tp)})
	}
	if g.stored != nil {
		records = append(records, Record{Key: groupKey(g.id)})
	}
	if len(records) == 0 { // only ids were given out, or a commit is in flight
		c.store.maybeRemove(out, g)
		done(wire.None)
		return
	}
	c.store.append(out, g, records, func(out *model.Effects, code wire.Code) {
		c.store.maybeRemove(out, g)
		done(commitError(code))
	})
}
