package controller

import (
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// onIsrChange reads the notices that leaders leave after they changed ISRs, refreshes the states,
// sends them to all brokers, and deletes the notices (KafkaController.processIsrChangeNotification,
// 3.9).
func (c *Controller) onIsrChange() step {
	var notices []string
	var changed []*partition
	return newChain("ISR change",
		task{"read the notices", func(out *model.Effects, then next) {
			c.zk.readChildren(out, znode.IsrChangesPath, func(out *model.Effects, names []string,
				nodes []result,
			) {
				notices, changed = names, c.cluster.changedPartitions(nodes)
				then(out)
			})
		}},
		task{"read the states", func(out *model.Effects, then next) {
			c.states.read(out, changed, then)
		}},
		action("notify the brokers", func(out *model.Effects) { c.batch.sendStates(out, changed) }),
		task{"delete the notices", func(out *model.Effects, then next) {
			c.zk.deleteChildren(out, znode.IsrChangesPath, notices, then)
		}},
		newLazy("complete reassignments", func() step { return c.reassignments.complete(changed) }),
	)
}

// changedPartitions lists the known partitions that the notices name.
func (x *cluster) changedPartitions(notices []result) []*partition {
	var changed []*partition
	seen := map[*partition]bool{}
	for i := range notices {
		if notices[i].code != zookeeper.ErrNone {
			continue
		}
		named, err := znode.DecodeIsrChange(notices[i].data)
		if err != nil {
			continue
		}
		for _, tp := range named {
			if p := x.partition(tp); p != nil && !seen[p] {
				seen[p] = true
				changed = append(changed, p)
			}
		}
	}
	return changed
}
