package broker

import (
	"fmt"
	"time"

	"sandcastle/broker/chain"
	"sandcastle/broker/config"
	"sandcastle/broker/replica"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// registration is this broker's place in ZooKeeper: the ephemeral node /brokers/ids/<id>.
type registration struct {
	cfg      *config.Broker
	settings *config.Settings
	session  *session
	dir      *replica.LogDir
	rand     *model.Rand
	observer registrationObserver

	done  bool  // the node is there, made by this session
	epoch int64 // the broker epoch: the czxid of the node (KIP-380); 0 before
	phase servingPhase
	work  *chain.Chain // the newest attempt, nil before the first
}

// registrationObserver hears what becomes of a registration.
type registrationObserver interface {
	onRegistered(out *model.Effects)
	// onRefused runs when another incarnation's node is still there.
	onRefused(out *model.Effects)
}

// String says how far the broker has come with it.
func (g *registration) String() string {
	switch {
	case g.done:
		return fmt.Sprintf("registered in epoch %d", g.epoch)
	case g.work == nil:
		return "not registered"
	default:
		return g.work.String()
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

// join is what a new session begins with: the persistent nodes that are missing, the cluster's id,
// and then this broker's own node.
func (g *registration) join(out *model.Effects) {
	var steps []chain.Step
	for _, path := range znode.PersistentPaths() {
		steps = append(steps, chain.Do("create "+path, func(out *model.Effects, then chain.Next) {
			g.createPath(out, path, then)
		}))
	}
	steps = append(steps, chain.Do("find the cluster", g.identify))
	g.attempt(out, append(steps, g.registerSteps()...))
}

// register is the end of join alone.
func (g *registration) register(out *model.Effects) {
	g.attempt(out, g.registerSteps())
}

func (g *registration) registerSteps() []chain.Step {
	return []chain.Step{
		chain.Do("create the broker's node", g.createBrokerNode),
		chain.Do("read it back", g.confirmBrokerNode),
	}
}

func (g *registration) attempt(out *model.Effects, steps []chain.Step) {
	g.work = chain.New("registration", steps...)
	g.work.Run(out, g.observer.onRegistered)
}

func (g *registration) createPath(out *model.Effects, path string,
	next func(*model.Effects),
) {
	g.session.Create(out, path, nil, zookeeper.Persistent,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone, zookeeper.ErrNodeExists:
				next(out)
			case zookeeper.ErrConnectionLoss:
				g.session.OnceConnected(func(out *model.Effects) {
					g.createPath(out, path, next)
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
func (g *registration) createBrokerNode(out *model.Effects,
	next func(*model.Effects),
) {
	data := znode.EncodeBroker(znode.Broker{
		ID: g.cfg.ID, Timestamp: out.Wall.Millis(), Rack: g.cfg.Rack,
		Endpoints: g.cfg.AdvertisedListeners(),
	})
	g.session.Create(out, znode.BrokerIDPath(g.cfg.ID), data, zookeeper.Ephemeral,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone, zookeeper.ErrNodeExists:
				next(out)
			case zookeeper.ErrConnectionLoss:
				g.session.OnceConnected(func(out *model.Effects) {
					g.createBrokerNode(out, next)
				})
			}
		})
}

// confirmBrokerNode reads the node: it is ours, then its czxid is the broker epoch; or it is that
// of an older session, then its deletion is watched for; or it is gone already.
func (g *registration) confirmBrokerNode(out *model.Effects,
	next func(*model.Effects),
) {
	g.session.Exists(out, znode.BrokerIDPath(g.cfg.ID), true,
		func(out *model.Effects, r zookeeper.Result) {
			switch {
			case r.Err == zookeeper.ErrNoNode:
				g.onNodeGone(out)
			case r.Err == zookeeper.ErrConnectionLoss:
				g.session.OnceConnected(func(out *model.Effects) {
					g.confirmBrokerNode(out, next)
				})
			case r.Err != zookeeper.ErrNone || g.done:
			case r.Stat.EphemeralOwner == g.session.ID():
				g.done, g.epoch = true, r.Stat.Czxid
				next(out)
			case g.phase == starting:
				g.phase = refusing
				g.observer.onRefused(out)
			}
		})
}

// restartTime is what a process takes that ended and is started again, a second at the least.
const restartTime = time.Second

// onNodeGone registers when the node that stood in the way has gone.
func (g *registration) onNodeGone(out *model.Effects) {
	if g.phase == serving {
		g.register(out) // the process goes on; the node was its own, of a previous session
		return
	}
	out.SetTimer(model.Timer{Kind: timerRegister}, out.Now.Add(restartTime))
}

func (g *registration) onTimer(out *model.Effects) {
	if !g.done {
		g.register(out)
	}
}
