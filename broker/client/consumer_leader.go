package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// This file is the leader's part: it divides the partitions when a generation begins, and asks
// for a new one when the topics have changed.

// onMetadata looks at a new metadata answer.
func (g *membership) onMetadata(out *model.Effects) {
	switch {
	case g.state == assigning:
		g.maybeDivide(out)
	case g.state == stable && g.divided != nil && !slices.Equal(g.divided, g.sizes(g.divided)):
		g.rejoin = true
	}
}

// sizes are the topics of list as they are now. A topic that is not there has no partitions.
func (g *membership) sizes(list []topicSize) []topicSize {
	now := slices.Clone(list)
	for i := range now {
		now[i].partitions = len(g.meta.track(now[i].name).partitions)
	}
	return now
}

// maybeDivide assigns the partitions once the sizes of all topics are known.
func (g *membership) maybeDivide(out *model.Effects) {
	var members []groupMember
	var names []string
	for i := range g.join.Members {
		m := &g.join.Members[i]
		member := groupMember{id: m.MemberID, instance: text(m.InstanceID)}
		member.decodeSubscription(m.ProtocolMetadata)
		members = append(members, member)
		names = append(names, member.topics...)
	}
	slices.Sort(names)
	topics := []topicSize{}
	for _, name := range slices.Compact(names) {
		known := g.meta.track(name)
		if !known.asked {
			return // its answer will come here again
		}
		topics = append(topics, topicSize{name, len(known.partitions)})
	}
	plan, ok := assignment(g.protocol, members, topics)
	if !ok {
		g.owner.die(out, wire.InconsistentGroupProtocol)
		return
	}
	var shares []kmsg.SyncGroupRequestGroupAssignment
	for _, m := range members {
		share := kmsg.NewSyncGroupRequestGroupAssignment()
		share.MemberID, share.MemberAssignment = m.id, encodeAssignment(plan[m.id])
		shares = append(shares, share)
	}
	g.divided = topics
	g.sendSync(out, shares)
}
