package broker

import (
	"time"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// registration is this broker's place in ZooKeeper: the ephemeral node /brokers/ids/<id>.
type registration struct {
	done  bool  // the node is there, made by this session
	epoch int64 // the broker epoch: the czxid of the node (KIP-380); 0 before
	phase servingPhase
	// waiting is what to do when ZooKeeper can be reached again.
	waiting []func(*model.Effects)
}

// servingPhase is whether this process takes requests yet (SocketServer.enableRequestProcessing,
// 3.9). A session that expires later does not take it back.
type servingPhase uint8

const (
	starting servingPhase = iota // requests wait until the broker has registered
	refusing                     // another incarnation is registered; connections are dropped
	serving                      // registered once
)

// onceConnected runs f when the session is connected again. It is for operations that a lost
// connection has cut short, and never runs f at once.
func (r *registration) onceConnected(f func(*model.Effects)) {
	r.waiting = append(r.waiting, f)
}

func (b *Broker) newSession() *zookeeper.Session {
	return zookeeper.NewSession(zookeeper.SessionConfig{
		Addr: b.cfg.ZooKeeper, Timeout: b.cfg.ZooKeeperSessionTimeout, NextConn: b.dialIDs,
		TimerKind: timerSession, OnConnected: b.onConnected, OnExpired: b.onExpired, OnWatch: b.onWatch,
	})
}

// onConnected goes on where the connection broke off, or registers when the session is new.
func (b *Broker) onConnected(out *model.Effects, fresh bool) {
	waiting := b.registered.waiting
	b.registered.waiting = nil
	if fresh {
		b.makePaths(out, znode.PersistentPaths())
	} else {
		b.controller.OnReconnected(out)
	}
	for _, f := range waiting {
		f(out)
	}
}

// makePaths creates the persistent nodes that are missing, one after the other, and then registers.
func (b *Broker) makePaths(out *model.Effects, paths []string) {
	if len(paths) == 0 {
		b.identify(out)
		return
	}
	b.session.Create(out, paths[0], nil, zookeeper.Persistent,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone, zookeeper.ErrNodeExists:
				b.makePaths(out, paths[1:])
			case zookeeper.ErrConnectionLoss:
				b.registered.onceConnected(func(out *model.Effects) {
					b.makePaths(out, paths)
				})
			}
		})
}

// register creates /brokers/ids/<id>. If the node of an earlier incarnation is still there, its
// session has to expire first: Apache Kafka ends with NodeExistsException and counts on whoever
// restarts it. Here it waits for the node to go and then for as long as a restart takes, deaf to
// requests. Both matter when a power loss has cut its log: the controller still takes it for the
// earlier incarnation and could make it lead, and so could the next controller if it never saw the
// node missing.
func (b *Broker) register(out *model.Effects) {
	data := znode.EncodeBroker(znode.Broker{
		ID: b.cfg.ID, Timestamp: out.Now.Millis(), Rack: b.cfg.Rack,
		Endpoints: b.cfg.endpoints(),
	})
	path := znode.BrokerIDPath(b.cfg.ID)
	b.session.Create(out, path, data, zookeeper.Ephemeral,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone, zookeeper.ErrNodeExists:
				b.confirmRegistration(out, path)
			case zookeeper.ErrConnectionLoss:
				b.registered.onceConnected(b.register)
			}
		})
}

// confirmRegistration reads the node: it is ours, then its czxid is the broker epoch; or it is that
// of an older session, then its deletion is watched for; or it is gone already.
func (b *Broker) confirmRegistration(out *model.Effects, path string) {
	b.session.Exists(out, path, true,
		func(out *model.Effects, r zookeeper.Result) {
			switch {
			case r.Err == zookeeper.ErrNoNode:
				b.onNodeGone(out)
			case r.Err == zookeeper.ErrConnectionLoss:
				b.registered.onceConnected(func(out *model.Effects) {
					b.confirmRegistration(out, path)
				})
			case r.Err != zookeeper.ErrNone || b.registered.done:
			case r.Stat.EphemeralOwner == b.session.ID():
				b.registered.done, b.registered.epoch = true, r.Stat.Czxid
				b.controller.OnSession(out)
				b.watchConfigs(out)
				b.startServing(out)
			case b.registered.phase == starting:
				b.registered.phase = refusing
				b.dropConnections(out)
			}
		})
}

// restartTime is what a process takes that ended and is started again, a second at the least.
const restartTime = time.Second

// onNodeGone registers when the node that stood in the way has gone.
func (b *Broker) onNodeGone(out *model.Effects) {
	if b.registered.phase == serving {
		b.register(out) // the process goes on; the node was its own, of a former session
		return
	}
	out.SetTimer(model.Timer{Kind: timerRegister}, out.Now.Add(restartTime))
}

func (b *Broker) onRegisterTimer(out *model.Effects) {
	if !b.registered.done {
		b.register(out)
	}
}

// onExpired starts over with a new session. What a leader had asked ZooKeeper to change is void;
// that it led at all is for the next controller to confirm or end.
func (b *Broker) onExpired(out *model.Effects) {
	b.registered.done = false
	b.controller.OnSessionExpired(out)
	b.session.Restart(out)
}

func (b *Broker) onWatch(out *model.Effects, e zookeeper.WatchEvent) {
	if e.Path == znode.BrokerIDPath(b.cfg.ID) && !b.registered.done {
		b.onNodeGone(out)
		return
	}
	if e.Path == znode.ConfigChangesPath {
		b.readConfigChanges(out)
		return
	}
	b.controller.OnWatch(out, e)
}
