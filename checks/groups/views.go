package groups

import (
	"fmt"
	"maps"
	"slices"

	"sandcastle/model/kafka"
)

// HeldOffsets judges the committed offsets that coordinators hold, as if they had been asked.
func (f *Facts) HeldOffsets(v *kafka.ClusterView) (list []Violation) {
	for _, broker := range v.Coordinators {
		held := map[string]*kafka.GroupView{}
		for i := range v.Groups {
			if v.Groups[i].Broker == broker {
				held[v.Groups[i].Group] = &v.Groups[i]
			}
		}
		for _, name := range slices.Sorted(maps.Keys(f.groups)) {
			if g := f.groups[name]; f.rules(broker, g.partition) {
				list = append(list, f.heldOf(g, held[name], v, broker)...)
			}
		}
	}
	return list
}

func (f *Facts) heldOf(g *group, held *kafka.GroupView, v *kafka.ClusterView, broker kafka.BrokerID,
) (list []Violation) {
	if held == nil {
		held = &kafka.GroupView{Broker: broker, Group: g.name, State: "not there"}
	}
	s := span{asked: v.At, told: v.At}
	add := func(o *kafka.GroupOffset) {
		if bad, ok := f.judge(g, o, s, lookAt(v, held)); !ok {
			list = append(list, bad)
		}
	}
	seen := map[kafka.TopicPartition]bool{}
	for i := range held.Offsets {
		seen[held.Offsets[i].TP] = true
		add(&held.Offsets[i])
	}
	for _, tp := range slices.SortedFunc(maps.Keys(g.offsets), kafka.TopicPartition.Compare) {
		if !seen[tp] {
			add(&kafka.GroupOffset{TP: tp, Offset: kafka.NoOffset, LeaderEpoch: kafka.NoEpoch})
		}
	}
	return list
}

// HeldGenerations finds a coordinator whose group is in an older generation than members were.
func (f *Facts) HeldGenerations(v *kafka.ClusterView) (list []Violation) {
	for i := range v.Groups {
		gv := &v.Groups[i]
		if g := f.groups[gv.Group]; g != nil && f.rules(gv.Broker, gv.Partition) && g.synced > 0 {
			list = append(list, f.olderGeneration(g, gv.Generation, lookAt(v, gv), v.At)...)
		}
	}
	return list
}

// Resurrected finds a group that was deleted and that is there again, although nobody has begun it.
func (f *Facts) Resurrected(v *kafka.ClusterView) (list []Violation) {
	for i := range v.Groups {
		gv := &v.Groups[i]
		g := f.groups[gv.Group]
		if g == nil || g.deleted == nil || !f.rules(gv.Broker, gv.Partition) ||
			gv.Generation == 0 && len(gv.Members) == 0 && len(gv.Offsets) == 0 {
			continue
		}
		list = append(list, Violation{
			Anomaly: kafka.ResurrectedGroup, Identity: gv.Group,
			Explanation: fmt.Sprintf("%s was deleted, and is there again", gv.Group),
			Witnesses:   []kafka.Witness{*g.deleted, lookAt(v, gv)},
		})
	}
	return list
}

// BeyondEnd finds committed offsets that are above the end of the log, at rest.
func (f *Facts) BeyondEnd(v *kafka.ClusterView) (list []Violation) {
	ends := map[kafka.TopicPartition]kafka.Offset{}
	for i := range v.Replicas {
		if r := &v.Replicas[i]; r.Leading {
			ends[r.TP] = max(ends[r.TP], r.LogEnd)
		}
	}
	for i := range v.Groups {
		gv := &v.Groups[i]
		for _, o := range gv.Offsets {
			end, led := ends[o.TP]
			chosen := slices.Contains(f.Settings.Chosen,
				kafka.PartitionOffset{Key: o.TP, Offset: o.Offset})
			if !led || chosen || o.Offset <= end || f.reset[o.TP.Topic] > 0 ||
				!f.rules(gv.Broker, gv.Partition) {
				continue
			}
			list = append(list, Violation{
				Anomaly: kafka.OffsetBeyondEnd, Identity: fmt.Sprint(gv.Group, o.TP),
				Explanation: fmt.Sprintf("%s has committed offset %d of %s, whose log ends at %d", gv.Group,
					o.Offset, o.TP, end),
				Witnesses: []kafka.Witness{lookAt(v, gv)},
			})
		}
	}
	return list
}
