package controller

import (
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/sim"
)

// zookeeper starts the real server as node zookeeper-1.
func (w *world) zookeeper() {
	w.start("zookeeper-1", zookeeper.NewServer(model.Boot{
		Node: "zookeeper-1", Disk: sim.NewDisk(model.NewRand(1, "disk")), Rand: model.NewRand(1, "zookeeper"),
	}, zookeeper.ServerConfig{}))
}
