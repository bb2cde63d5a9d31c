package broker

import (
	"fmt"
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
	work  *sequence // the newest attempt, nil before the first
}

// String says how far the broker has come with it.
func (r *registration) String() string {
	switch {
	case r.done:
		return fmt.Sprintf("registered in epoch %d", r.epoch)
	case r.work == nil:
		return "not registered"
	default:
		return r.work.String()
	}
}

// servingPhase is whether this process takes requests yet (SocketServer.enableRequestProcessing,
// 3.9). A session that expires later does not take it back.
type servingPhase uint8

const (
	starting servingPhase = iota // requests wait until the broker has registered
	refusing                     // another incarnation is registered; connections are dropped
	serving                      // registered once
)

func (b *Broker) newSession() *session {
	return &session{Session: zookeeper.NewSession(zookeeper.SessionConfig{
		Addr: b.cfg.ZooKeeper, Timeout: b.cfg.ZooKeeperSessionTimeout, NextConn: b.dialIDs,
		TimerKind: timerSession, OnConnected: b.onConnected, OnExpired: b.onExpired, OnWatch: b.onWatch,
	})}
}

// onConnected goes on where the connection broke off, or registers when the session is new.
func (b *Broker) onConnected(out *model.Effects, fresh bool) {
	waiting := b.session.takeWaiting()
	if fresh {
		b.join(out)
	} else {
		b.controller.OnReconnected(out)
	}
	for _, f := range waiting {
		f(out)
	}
}

// join is what a new session begins with: the persistent nodes that are missing, the cluster's id,
// and then this broker's own node.
func (b *Broker) join(out *model.Effects) {
	var steps []step
	for _, path := range znode.PersistentPaths() {
		steps = append(steps, step{
			name: "create " + path,
			do: func(out *model.Effects, next func(*model.Effects)) {
				b.createPath(out, path, next)
			},
		})
	}
	steps = append(steps, step{"find the cluster", b.identify})
	b.attempt(out, append(steps, b.registerSteps()...))
}

// register is the end of join alone.
func (b *Broker) register(out *model.Effects) {
	b.attempt(out, b.registerSteps())
}

func (b *Broker) registerSteps() []step {
	return []step{
		{"create the broker's node", b.createBrokerNode}, {"read it back", b.confirmBrokerNode},
	}
}

func (b *Broker) attempt(out *model.Effects, steps []step) {
	b.registered.work = &sequence{name: "registration", steps: steps, done: b.onRegistered}
	b.registered.work.run(out)
}

func (b *Broker) createPath(out *model.Effects, path string,
	next func(*model.Effects),
) {
	b.session.Create(out, path, nil, zookeeper.Persistent,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone, zookeeper.ErrNodeExists:
				next(out)
			case zookeeper.ErrConnectionLoss:
				b.session.OnceConnected(func(out *model.Effects) {
					b.createPath(out, path, next)
				})
			}
		})
}

// createBrokerNode creates /brokers/ids/<id>. If the node of an earlier incarnation is still there,
// its session has to expire first: Apache Kafka ends with NodeExistsException and counts on whoever
// restarts it. Here it waits for the node to go and then for as long as a restart takes, deaf to
// requests. Both matter when a power loss has cut its log: the controller still takes it for the
// earlier incarnation and could make it lead, and so could the next controller if it never saw the
// node missing.
func (b *Broker) createBrokerNode(out *model.Effects,
	next func(*model.Effects),
) {
	data := znode.EncodeBroker(znode.Broker{
		ID: b.cfg.ID, Timestamp: out.Now.Millis(), Rack: b.cfg.Rack,
		Endpoints: b.cfg.AdvertisedListeners(),
	})
	b.session.Create(out, znode.BrokerIDPath(b.cfg.ID), data, zookeeper.Ephemeral,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone, zookeeper.ErrNodeExists:
				next(out)
			case zookeeper.ErrConnectionLoss:
				b.session.OnceConnected(func(out *model.Effects) {
					b.createBrokerNode(out, next)
				})
			}
		})
}

// confirmBrokerNode reads the node: it is ours, then its czxid is the broker epoch; or it is that
// of an older session, then its deletion is watched for; or it is gone already.
func (b *Broker) confirmBrokerNode(out *model.Effects,
	next func(*model.Effects),
) {
	b.session.Exists(out, znode.BrokerIDPath(b.cfg.ID), true,
		func(out *model.Effects, r zookeeper.Result) {
			switch {
			case r.Err == zookeeper.ErrNoNode:
				b.onNodeGone(out)
			case r.Err == zookeeper.ErrConnectionLoss:
				b.session.OnceConnected(func(out *model.Effects) {
					b.confirmBrokerNode(out, next)
				})
			case r.Err != zookeeper.ErrNone || b.registered.done:
			case r.Stat.EphemeralOwner == b.session.ID():
				b.registered.done, b.registered.epoch = true, r.Stat.Czxid
				next(out)
			case b.registered.phase == starting:
				b.registered.phase = refusing
				b.dropConnections(out)
			}
		})
}

func (b *Broker) onRegistered(out *model.Effects) {
	b.controller.OnSession(out)
	b.configs.watch(out)
	b.startServing(out)
}

// restartTime is what a process takes that ended and is started again, a second at the least.
const restartTime = time.Second

// onNodeGone registers when the node that stood in the way has gone.
func (b *Broker) onNodeGone(out *model.Effects) {
	if b.registered.phase == serving {
		b.register(out) // the process goes on; the node was its own, of a previous session
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
		b.configs.readChanges(out)
		return
	}
	b.controller.OnWatch(out, e)
}
