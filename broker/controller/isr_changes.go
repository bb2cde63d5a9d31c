package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// onIsrChange reads the notices that leaders leave after they changed ISRs, refreshes the states,
// tells all brokers, and deletes the notices (KafkaController.processIsrChangeNotification, 3.9).
func (c *Controller) onIsrChange(now model.Time, out *model.Effects) {
	list := request{kind: opChildren, path: znode.IsrChangesPath, watch: true}
	c.submit(now, out, []request{list}, func(now model.Time, out *model.Effects, r []result) {
		names := r[0].children
		slices.Sort(names)
		reads := make([]request, len(names))
		for i, name := range names {
			reads[i] = request{kind: opGet, path: znode.IsrChangesPath + "/" + name}
		}
		c.submit(now, out, reads, func(now model.Time, out *model.Effects, r []result) {
			changed := c.changedPartitions(r)
			c.readStates(now, out, changed, func(now model.Time, out *model.Effects) {
				if len(changed) > 0 {
					c.batch.addUpdateMetadata(c.ctx.liveIDs())
					c.batch.addPartitions(changed)
					c.flush(now, out)
				}
				c.deleteChildren(now, out, znode.IsrChangesPath, names,
					func(now model.Time, out *model.Effects) {
						c.completeReassignments(now, out, changed, c.finish)
					})
			})
		})
	})
}

// changedPartitions lists the known partitions that the notices name.
func (c *Controller) changedPartitions(notices []result) []*partition {
	var changed []*partition
	for i := range notices {
		if notices[i].code != zookeeper.ErrNone {
			continue
		}
		named, err := znode.DecodeIsrChange(notices[i].data)
		if err != nil {
			continue
		}
		for _, tp := range named {
			if p := c.ctx.partition(tp); p != nil && !slices.Contains(changed, p) {
				changed = append(changed, p)
			}
		}
	}
	return changed
}

// deleteChildren deletes nodes below parent.
func (c *Controller) deleteChildren(now model.Time, out *model.Effects, parent string,
	names []string,
	then next,
) {
	writes := make([]request, len(names))
	for i, name := range names {
		writes[i] = request{kind: opDelete, path: parent + "/" + name, guarded: true, version: anyVersion}
	}
	c.submit(now, out, writes, func(now model.Time, out *model.Effects, _ []result) { then(now, out) })
}
