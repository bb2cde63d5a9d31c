package cluster

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// addGroups shows the groups that a broker coordinates.
func addGroups(v *kafka.ClusterView, b *broker.Broker) {
	v.Coordinators = append(v.Coordinators, b.ID())
	for _, g := range b.Groups() {
		v.Groups = append(v.Groups, groupView(b.ID(), &g))
	}
}

func groupView(id kafka.BrokerID, g *group.View) kafka.GroupView {
	v := kafka.GroupView{
		Broker: id, Epoch: g.Epoch, Group: g.Group, Partition: g.Partition, State: g.State.String(),
		Generation: g.Generation, Protocol: g.Protocol, Leader: g.Leader,
	}
	for i := range g.Members {
		m := &g.Members[i]
		member := kafka.GroupMemberView{
			ID: m.ID, Instance: m.InstanceID, Client: model.NodeID(m.Client.ID), Session: m.SessionTimeout,
			Owned: Owned(m.Assignment),
		}
		var subscription kmsg.ConsumerMemberMetadata
		if len(m.Metadata) > 0 && wire.ReadSubscription(m.Metadata, &subscription) == nil {
			member.Topics = subscription.Topics
		}
		v.Members = append(v.Members, member)
	}
	for _, o := range g.Offsets {
		v.Offsets = append(v.Offsets, kafka.GroupOffset{
			TP: o.TP, Offset: o.Offset, LeaderEpoch: o.LeaderEpoch, Metadata: o.Metadata,
		})
	}
	return v
}

// inspectGroups shows the watcher the groups of one broker.
func (x *Inspector) inspectGroups(id model.NodeID) {
	v := x.emptyView()
	if b := x.visible(id); b != nil && !x.c.World.Paused(id) {
		addGroups(v, b)
		x.watcher.Inspect(*v)
	}
}
