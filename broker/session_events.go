package broker

import (
	"sandcastle/broker/controller"
	"sandcastle/model"
)

// onSessionEvent hands an event of the connection to ZooKeeper to the session.
func (b *Broker) onSessionEvent(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.ConnOpened:
		b.session.OnOpened(out, in.Conn)
	case model.ConnClosed:
		b.session.OnClosed(out, in.Conn)
	case model.FrameReceived:
		b.session.OnFrame(out, in.Conn, in.Data)
	}
}

func (b *Broker) newController() *controller.Controller {
	rebalance := b.cfg.LeaderImbalanceCheck
	if !b.cfg.AutoLeaderRebalance {
		rebalance = 0
	}
	return controller.New(controller.Config{
		Self: b.cfg.ID, Listener: b.cfg.interBroker(),
		Session: b.session, Links: b.controlLinks, Rand: b.rand,
		TimerKind: timerController, DefaultReplication: b.cfg.DefaultReplication,
		NumPartitions: b.cfg.NumPartitions, UncleanLeaderElection: b.cfg.Topic.UncleanLeaderElection,
		DeleteTopicDisabled: !b.cfg.DeleteTopicEnable,
		RebalanceInterval:   rebalance,
		RebalancePercentage: int64(b.cfg.LeaderImbalancePercentage),
		RequestTimeout:      b.cfg.ControllerSocketTimeout, ValidateConfig: ValidateTopicConfig,
	})
}
