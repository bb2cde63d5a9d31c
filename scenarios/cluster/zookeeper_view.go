package cluster

import (
	"sandcastle/broker/zookeeper"
	"sandcastle/model/kafka"
)

// zooKeeperView is the inside of a server.
func zooKeeperView(zk *zookeeper.Server) *kafka.ZooKeeperView {
	nodes, sessions := zk.Dump(), zk.Sessions()
	v := &kafka.ZooKeeperView{
		Nodes:    make([]kafka.ZNodeView, len(nodes)),
		Sessions: make([]kafka.ZSessionView, len(sessions)),
	}
	for i := range nodes {
		n := &nodes[i]
		v.Nodes[i] = kafka.ZNodeView{
			Path: n.Path, Data: n.Data, Version: n.Stat.Version, Czxid: n.Stat.Czxid, Mzxid: n.Stat.Mzxid,
			Owner: n.Stat.EphemeralOwner,
		}
	}
	for i, s := range sessions {
		v.Sessions[i] = kafka.ZSessionView{ID: s.ID, Owner: s.Owner}
	}
	return v
}
