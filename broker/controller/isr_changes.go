package controller

import (
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// onIsrChange reads the notices that leaders leave after they changed ISRs, refreshes the states,
// tells all brokers, and deletes the notices (KafkaController.processIsrChangeNotification, 3.9).
func (c *Controller) onIsrChange(out *model.Effects) {
	c.readNotices(out, znode.IsrChangesPath, func(out *model.Effects,
		names []string, r []result,
	) {
		changed := c.changedPartitions(r)
		c.readStates(out, changed, func(out *model.Effects) {
			if len(changed) > 0 {
				c.batch.addUpdateMetadata(c.ctx.liveIDs())
				c.batch.addPartitions(changed)
				c.flush(out)
			}
			c.deleteChildren(out, znode.IsrChangesPath, names,
				func(out *model.Effects) {
					c.completeReassignments(out, changed, c.finish)
				})
		})
	})
}

// changedPartitions lists the known partitions that the notices name.
func (c *Controller) changedPartitions(notices []result) []*partition {
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
			if p := c.ctx.partition(tp); p != nil && !seen[p] {
				seen[p] = true
				changed = append(changed, p)
			}
		}
	}
	return changed
}

// deleteChildren deletes nodes below parent.
func (c *Controller) deleteChildren(out *model.Effects, parent string,
	names []string,
	then next,
) {
	writes := make([]request, len(names))
	for i, name := range names {
		writes[i] = request{kind: opDelete, path: parent + "/" + name, guarded: true, version: anyVersion}
	}
	c.submit(out, writes, func(out *model.Effects, _ []result) { then(out) })
}
