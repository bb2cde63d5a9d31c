package controller

import (
	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// onIsrChange reads the notices that leaders leave after they changed ISRs, refreshes the states,
// sends them to all brokers, and deletes the notices (KafkaController.processIsrChangeNotification,
// 3.9).
func (c *Controller) onIsrChange() chain.Step {
	var notices []string
	var changed []*partition
	return chain.New("ISR change",
		chain.Do("read the notices", func(out *model.Effects, then chain.Next) {
			c.zk.readChildren(out, znode.IsrChangesPath, func(out *model.Effects, names []string,
				nodes []result,
			) {
				notices, changed = names, c.cluster.changedPartitions(nodes)
				then(out)
			})
		}),
		chain.Do("read the states", func(out *model.Effects, then chain.Next) {
			c.states.read(out, changed, then)
		}),
		chain.Action("notify the brokers", func(out *model.Effects) { c.batch.sendStates(out, changed) }),
		chain.Do("delete the notices", func(out *model.Effects, then chain.Next) {
			c.zk.deleteChildren(out, znode.IsrChangesPath, notices, then)
		}),
		chain.NewLazy("complete reassignments", func() chain.Step {
			return c.reassignments.complete(changed)
		}),
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
