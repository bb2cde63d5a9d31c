package broker

import (
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

// takeWaiting is what OnceConnected was given, for whoever runs it now.
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
