package controller

import "sandcastle/broker/zookeeper"

func (w *world) zookeeper() { zookeeper.Reset() }
