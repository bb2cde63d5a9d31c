package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// onLogDirEvent reads the notices that brokers leave when they have lost one of several log
// directories. Which replicas lay there they say in their answers to LeaderAndIsr, so each is sent
// all of its own (KafkaController.processLogDirEventNotification, 3.9; KIP-112). Our brokers have
// one directory, and halt when it fails.
func (c *Controller) onLogDirEvent(out *model.Effects) {
	c.readNotices(out, znode.LogDirEventsPath, func(out *model.Effects,
		names []string, r []result,
	) {
		var seen []kafka.BrokerID
		for i := range r {
			id, err := znode.DecodeLogDirEvent(r[i].data)
			if r[i].code != zookeeper.ErrNone || err != nil || slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			for _, p := range c.replicasOn(id) {
				if p.hasState() && c.ctx.topics[p.tp.Topic].deletion == nil {
					c.batch.addLeaderAndIsr(p, []kafka.BrokerID{id}, false)
				}
			}
		}
		c.flush(out)
		c.deleteChildren(out, znode.LogDirEventsPath, names, c.finish)
	})
}

// readNotices reads the nodes below parent in their order and arms the watch for more.
func (c *Controller) readNotices(out *model.Effects, parent string,
	then func(out *model.Effects, names []string, notices []result),
) {
	list := request{kind: opChildren, path: parent, watch: true}
	c.submit(out, []request{list}, func(out *model.Effects, r []result) {
		names := r[0].children
		slices.Sort(names)
		reads := make([]request, len(names))
		for i, name := range names {
			reads[i] = request{kind: opGet, path: parent + "/" + name}
		}
		c.submit(out, reads, func(out *model.Effects, r []result) {
			then(out, names, r)
		})
	})
}
