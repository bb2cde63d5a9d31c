package controller

import (
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// onPreferredElection elects the preferred leaders that a tool of before KIP-460 asks for in
// /admin/preferred_replica_election. It takes the node away when it is done, whatever came of it
// (KafkaController.processReplicaLeaderElection and removePartitionsFromPreferredReplicaElection,
// 3.9).
func (c *Controller) onPreferredElection(out *model.Effects) {
	exists := request{kind: opExists, path: znode.PreferredElectionPath, watch: true}
	c.submit(out, []request{exists}, func(out *model.Effects, r []result) {
		if r[0].code != zookeeper.ErrNone {
			c.finish(out)
			return
		}
		get := request{kind: opGet, path: znode.PreferredElectionPath}
		c.submit(out, []request{get}, func(out *model.Effects, r []result) {
			list := c.electionsAsked(r[0])
			codes := map[kafka.TopicPartition]wire.Code{}
			c.electBy(out, false, list, codes, func(out *model.Effects) {
				remove := request{kind: opDelete, path: znode.PreferredElectionPath, guarded: true,
					version: anyVersion}
				c.submit(out, []request{remove}, func(out *model.Effects, _ []result) {
					c.finish(out)
				})
			})
		})
	})
}

// electionsAsked lists the partitions that there are of those named.
func (c *Controller) electionsAsked(node result) []*partition {
	named, err := znode.DecodePreferredElection(node.data)
	if node.code != zookeeper.ErrNone || err != nil {
		return nil
	}
	var list []*partition
	seen := map[*partition]bool{}
	for _, tp := range named {
		p := c.ctx.partition(tp)
		if p != nil && p.hasState() && !seen[p] && c.ctx.topics[tp.Topic].deletion == nil {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list
}
