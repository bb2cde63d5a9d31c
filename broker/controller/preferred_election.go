package controller

import (
	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// onPreferredElection elects the preferred leaders that a tool older than KIP-460 asks for in
// /admin/preferred_replica_election. It removes the node when it is done, whatever came of it
// (KafkaController.processReplicaLeaderElection and removePartitionsFromPreferredReplicaElection,
// 3.9).
func (c *Controller) onPreferredElection() chain.Step {
	var asked bool
	var list []*partition
	return chain.New("preferred election",
		chain.Do("read the request", func(out *model.Effects, then chain.Next) {
			c.readPreferredElection(out, func(out *model.Effects, node *result) {
				if asked = node != nil; asked {
					list = c.cluster.requestedElections(node)
				}
				then(out)
			})
		}),
		chain.NewLazy("elect leaders", func() chain.Step {
			return c.partitions.elect(preferredLeader, list, electionCodes{})
		}),
		chain.Do("delete the request", func(out *model.Effects, then chain.Next) {
			if !asked {
				then(out)
				return
			}
			c.zk.delete(out, []string{znode.PreferredElectionPath}, then)
		}),
	)
}

// readPreferredElection arms the watch of the node and reads it; node is nil when it is not there.
func (c *Controller) readPreferredElection(out *model.Effects,
	then func(out *model.Effects, node *result),
) {
	exists := request{kind: opExists, path: znode.PreferredElectionPath, watch: true}
	c.zk.submit(out, []request{exists}, func(out *model.Effects, r []result) {
		if r[0].code != zookeeper.ErrNone {
			then(out, nil)
			return
		}
		get := request{kind: opGet, path: znode.PreferredElectionPath}
		c.zk.submit(out, []request{get}, func(out *model.Effects, r []result) { then(out, &r[0]) })
	})
}

// requestedElections lists those of the named partitions that exist.
func (x *cluster) requestedElections(node *result) []*partition {
	named, err := znode.DecodePreferredElection(node.data)
	if node.code != zookeeper.ErrNone || err != nil {
		return nil
	}
	var list []*partition
	seen := map[*partition]bool{}
	for _, tp := range named {
		p := x.partition(tp)
		if p != nil && p.hasState() && !seen[p] && !x.deleting(p) {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list
}
