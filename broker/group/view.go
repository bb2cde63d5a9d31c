package group

import (
	"maps"
	"slices"
	"time"

	"sandcastle/model/kafka"
)

// View is a group as it is at one moment, for white-box checks and for describing groups.
type View struct {
	Group        string
	Partition    int32       // of __consumer_offsets
	Epoch        kafka.Epoch // of the broker's leadership of it
	State        State
	Generation   int32
	ProtocolType string
	Protocol     string // "" when none is chosen
	Leader       string // member id, "" for none
	Members      []MemberView
	Offsets      []OffsetView // by topic and partition
}

// MemberView is one member, in the order of joining.
type MemberView struct {
	ID               string
	InstanceID       string // "" for a dynamic member
	Client           ClientInfo
	SessionTimeout   time.Duration
	RebalanceTimeout time.Duration
	Metadata         []byte // under the chosen protocol
	Assignment       []byte
}

// OffsetView is one committed offset.
type OffsetView struct {
	TP          kafka.TopicPartition
	Offset      kafka.Offset
	LeaderEpoch kafka.Epoch
	Metadata    string
}

// Groups returns every group that this broker coordinates, sorted by id.
func (c *Coordinator) Groups() []View {
	views := make([]View, 0, len(c.store.groups))
	for _, id := range slices.Sorted(maps.Keys(c.store.groups)) {
		if g := c.store.groups[id]; !c.store.partitions[g.partition].loading {
			v := g.view()
			v.Epoch = c.store.partitions[g.partition].epoch
			views = append(views, v)
		}
	}
	return views
}

func (g *group) view() View {
	v := View{
		Group: g.id, Partition: g.partition, State: g.state, Generation: g.generation,
		ProtocolType: g.protocolType, Leader: g.leader,
	}
	if g.protocol != nil {
		v.Protocol = *g.protocol
	}
	for _, m := range g.members {
		mv := MemberView{
			ID: m.id, Client: m.client, SessionTimeout: m.session, RebalanceTimeout: m.rebalance,
			Assignment: m.assignment,
		}
		if m.instance != nil {
			mv.InstanceID = *m.instance
		}
		if g.state == CompletingRebalance || g.state == Stable {
			mv.Metadata = m.metadata(v.Protocol)
		}
		v.Members = append(v.Members, mv)
	}
	for _, tp := range g.sortedOffsets() {
		at := g.offsets[tp]
		v.Offsets = append(v.Offsets, OffsetView{
			TP: tp, Offset: kafka.Offset(at.offset), LeaderEpoch: kafka.Epoch(at.leaderEpoch),
			Metadata: at.metadata,
		})
	}
	return v
}
