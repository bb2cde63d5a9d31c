package broker

import (
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// session is the broker's session with ZooKeeper, and what waits for it to be connected again.
type session struct {
	*zookeeper.Session
	waiting []func(*model.Effects)
}

// HandleEvent takes an event of the connection to ZooKeeper; false if it is none.
func (s *session) HandleEvent(in model.Event, out *model.Effects) bool {
	if !s.Owns(in.Conn) {
		return false
	}
	switch in.Kind {
	case model.ConnOpened:
		s.OnOpened(out, in.Conn)
	case model.ConnClosed:
		s.OnClosed(out, in.Conn)
	case model.FrameReceived:
		s.OnFrame(out, in.Conn, in.Data)
	}
	return true
}

// OnceConnected runs f when the session is connected again. It is for operations that a lost
// connection has cut short, and never runs f at once.
func (s *session) OnceConnected(f func(*model.Effects)) {
	s.waiting = append(s.waiting, f)
}

// takeWaiting is what OnceConnected has collected, for whoever runs it now.
func (s *session) takeWaiting() []func(*model.Effects) {
	waiting := s.waiting
	s.waiting = nil
	return waiting
}

// retryUntilAnswered makes a request of ZooKeeper again and again until there is an answer to it. A
// write may be done more than once.
func (s *session) retryUntilAnswered(out *model.Effects,
	ask func(*model.Effects, zookeeper.Done), done zookeeper.Done,
) {
	ask(out, func(out *model.Effects, r zookeeper.Result) {
		if r.Err == zookeeper.ErrConnectionLoss || r.Err == zookeeper.ErrSessionExpired {
			s.OnceConnected(func(out *model.Effects) {
				s.retryUntilAnswered(out, ask, done)
			})
			return
		}
		done(out, r)
	})
}

// newSession makes the session, of which the broker's parts hear through Broker.
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
		b.registered.join(out)
	} else {
		b.controller.OnReconnected(out)
	}
	for _, f := range waiting {
		f(out)
	}
}

// onRegistered implements registrationObserver.
func (b *Broker) onRegistered(out *model.Effects) {
	b.controller.OnSession(out)
	b.configs.watch(out)
	b.briefing.begin(out)
	b.startServing(out)
}

// onRefused implements registrationObserver.
func (b *Broker) onRefused(out *model.Effects) { b.dropConnections(out) }

// onExpired starts over with a new session. What a leader had asked ZooKeeper to change is void;
// that it led at all is for the next controller to confirm or end.
func (b *Broker) onExpired(out *model.Effects) {
	b.registered.done = false
	b.controller.OnSessionExpired(out)
	b.session.Restart(out)
}

func (b *Broker) onWatch(out *model.Effects, e zookeeper.WatchEvent) {
	if e.Path == znode.BrokerIDPath(b.cfg.ID) && !b.registered.done {
		b.registered.onNodeGone(out)
		return
	}
	if e.Path == znode.ConfigChangesPath {
		b.configs.readChanges(out)
		return
	}
	b.controller.OnWatch(out, e)
}
