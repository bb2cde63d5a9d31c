package zookeeper

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

const serverNode model.NodeID = "zookeeper-1"

// user is a process with a session, driven by the test.
type user struct {
	s      *Session
	fresh  []bool
	lost   int
	events []WatchEvent
}

func newUser(timeout time.Duration) *user {
	u := &user{}
	next := model.ConnID(1)
	u.s = NewSession(SessionConfig{
		Addr: "zookeeper-1:2181", Timeout: timeout, TimerKind: 1,
		NextConn: func() model.ConnID { next += 2; return next - 2 },
		OnConnected: func(_ *model.Effects, fresh bool) {
			u.fresh = append(u.fresh,
				fresh)
		},
		OnExpired: func(out *model.Effects) {
			u.lost++
			u.s.Restart(out)
		},
		OnWatch: func(_ *model.Effects, e WatchEvent) { u.events = append(u.events, e) },
	})
	return u
}

// call is a command that runs a function inside a step.
type call func(out *model.Effects)

func (call) String() string { return "call" }
func (call) Sum() uint64    { return 1 }

func (u *user) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		u.s.Start(out)
	case model.ConnOpened:
		u.s.OnOpened(out, in.Conn)
	case model.ConnClosed:
		u.s.OnClosed(out, in.Conn)
	case model.FrameReceived:
		u.s.OnFrame(out, in.Conn, in.Data)
	case model.TimerFired:
		u.s.OnTimer(in.Timer, out)
	case model.Commanded:
		in.Command.(call)(out)
	}
}

// world is a server and two users, a with a session of 6 s and b with one of 20 s.
type world struct {
	*sim.World
	t     *testing.T
	users map[model.NodeID]*user
	notes []string
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{World: sim.New(sim.Config{Seed: seed}), t: t, users: map[model.NodeID]*user{}}
	hw, _ := sim.Profile("laptop")
	w.AddNode(sim.NodeConfig{ID: serverNode, Hardware: hw, Listens: true, HasDisk: true,
		Make: func(boot model.Boot) model.Process { return NewServer(boot, ServerConfig{}) }})
	for id, timeout := range map[model.NodeID]time.Duration{"a": 6 * time.Second, "b": 20 * time.Second} {
		w.AddNode(sim.NodeConfig{ID: id, Hardware: hw, Make: func(model.Boot) model.Process {
			w.users[id] = newUser(timeout)
			return w.users[id]
		}})
	}
	w.OnNote(func(l *model.TraceLine) {
		if note, ok := l.Note.(*kafka.Note); ok {
			w.notes = append(w.notes, note.String())
		}
	})
	w.Start(serverNode)
	w.Start("a")
	w.Start("b")
	w.wait(time.Second)
	return w
}

func (w *world) wait(d time.Duration) { w.World.Run(w.Now().Add(d)) }

// ask makes a request of a user's session and returns its outcome, nil when there is none in a
// second.
func (w *world) ask(
	id model.NodeID,
	f func(u *user, out *model.Effects, done Done),
) *Result {
	var got *Result
	w.Command(id, call(func(out *model.Effects) {
		f(w.users[id], out, func(_ *model.Effects, r Result) { got = &r })
	}))
	w.wait(time.Second)
	return got
}

func (w *world) create(id model.NodeID, path, data string, mode CreateMode) Result {
	return *w.ask(id, func(u *user, out *model.Effects, done Done) {
		u.s.Create(out, path, []byte(data), mode, done)
	})
}

func (w *world) get(id model.NodeID, path string, watch bool) Result {
	return *w.ask(id, func(u *user, out *model.Effects, done Done) {
		u.s.Get(out, path, watch, done)
	})
}

func (w *world) exists(id model.NodeID, path string, watch bool) Result {
	return *w.ask(id, func(u *user, out *model.Effects, done Done) {
		u.s.Exists(out, path, watch, done)
	})
}

func (w *world) set(id model.NodeID, path, data string, version int32) Result {
	return *w.ask(id, func(u *user, out *model.Effects, done Done) {
		u.s.Set(out, path, []byte(data), version, done)
	})
}

func (w *world) children(id model.NodeID, path string, watch bool) Result {
	return *w.ask(id, func(u *user, out *model.Effects, done Done) {
		u.s.Children(out, path, watch, done)
	})
}

func (w *world) multi(id model.NodeID, ops ...Op) Result {
	return *w.ask(id, func(u *user, out *model.Effects, done Done) {
		u.s.Multi(out, ops, done)
	})
}

func (w *world) events(id model.NodeID) []WatchEvent {
	events := w.users[id].events
	w.users[id].events = nil
	return events
}

func (w *world) requireErr(want Code, r Result) { require.Equal(w.t, want, r.Err) }
