package sim

import (
	"bytes"
	"time"

	"sandcastle/model"
)

// Stage plays two processes. The dialler is made with an address at which the listener can be
// reached. It returns when done, which is asked after every event, says so, or when it has waited
// long enough for things to happen that should; a simulator waits in virtual time.
type Stage func(dialler func(addr string) model.Process, listener model.Process, done func() bool)

// NetworkContract tests what every world promises of connections and timers while nothing goes
// wrong. Each clause has a stage of its own.
func NetworkContract(t TB, stage func() Stage) {
	t.Helper()
	for _, clause := range []func(TB, Stage){
		networkCarriesFrames, networkClosesInOrder, networkRefuses, networkKeepsTime,
	} {
		clause(t, stage())
	}
}

// guest is a process that keeps what it saw and answers with a function.
type guest struct {
	seen []model.Event
	at   []model.Time // of each event of seen
	act  func(in model.Event, out *model.Effects)
}

// Step implements model.Process.
func (p *guest) Step(in model.Event, out *model.Effects) {
	p.seen, p.at = append(p.seen, in), append(p.at, out.Now)
	if p.act != nil {
		p.act(in, out)
	}
}

// of returns what p saw of one kind.
func (p *guest) of(kind model.EventKind) (events []model.Event) {
	for _, e := range p.seen {
		if e.Kind == kind {
			events = append(events, e)
		}
	}
	return events
}

// dials has p dial addr as connection 1 when it starts, and act afterwards.
func (p *guest) dials(addr string, act func(model.Event, *model.Effects)) *guest {
	p.act = func(in model.Event, out *model.Effects) {
		if in.Kind == model.Started {
			out.Dial(1, addr)
		}
		if act != nil {
			act(in, out)
		}
	}
	return p
}

// pattern is frame i of a test.
func pattern(i int) []byte {
	sizes := [...]int{1, 2, 100, 4095, 70_000}
	return bytes.Repeat([]byte{byte(i + 1)}, sizes[i%len(sizes)])
}

// Frames arrive whole and in order, in both directions at once; the dialler's id is odd and its
// own, the listener's is even.
func networkCarriesFrames(t TB, stage Stage) {
	const n = 60
	talk := func(in model.Event, out *model.Effects) {
		if in.Kind == model.ConnOpened {
			for i := range n {
				out.Send(in.Conn, pattern(i), model.Label{Name: "frame"})
			}
		}
	}
	var a, b guest
	b.act = talk
	stage(func(addr string) model.Process { return a.dials(addr, talk) }, &b, func() bool {
		return len(a.of(model.FrameReceived)) >= n && len(b.of(model.FrameReceived)) >= n
	})
	for i, p := range []*guest{&a, &b} {
		name := [...]string{"dialler", "listener"}[i]
		demand(t, p.seen[0].Kind == model.Started, "the %s's first event is %v", name, p.seen[0])
		demand(t, len(p.of(model.Started)) == 1, "the %s started more than once", name)
		opened, got := p.of(model.ConnOpened), p.of(model.FrameReceived)
		demand(t, len(opened) == 1, "the %s saw %v", name, opened)
		demand(t, len(got) == n, "the %s got %d frames of %d", name, len(got), n)
		for i, f := range got {
			demand(t, f.Conn == opened[0].Conn, "frame %d came on %d", i, f.Conn)
			demand(t, bytes.Equal(f.Data, pattern(i)), "the %s's frame %d is not what was sent", name, i)
		}
	}
	demand(t, a.of(model.ConnOpened)[0].Conn == 1, "the dialler's connection has another id")
	id := b.of(model.ConnOpened)[0].Conn
	demand(t, id != 0 && id%2 == 0, "the listener's connection has the odd id %d", id)
}

// What was sent before a close arrives, then ConnClosed, then nothing; the closing side hears
// nothing, and what it sends afterwards goes nowhere.
func networkClosesInOrder(t TB, stage Stage) {
	var a, b guest
	act := func(in model.Event, out *model.Effects) {
		if in.Kind == model.ConnOpened {
			out.Send(in.Conn, pattern(0), model.Label{})
			out.Send(in.Conn, pattern(4), model.Label{})
			out.Close(in.Conn)
			out.Send(in.Conn, pattern(1), model.Label{})
		}
	}
	stage(func(addr string) model.Process { return a.dials(addr, act) }, &b, func() bool {
		return len(b.of(model.ConnClosed)) > 0
	})
	var kinds []model.EventKind
	for _, e := range b.seen {
		kinds = append(kinds, e.Kind)
	}
	want := []model.EventKind{model.Started, model.ConnOpened, model.FrameReceived,
		model.FrameReceived, model.ConnClosed}
	demand(t, len(kinds) == len(want), "the listener saw %v", kinds)
	for i := range want {
		demand(t, kinds[i] == want[i], "the listener saw %v", kinds)
	}
	demand(t, b.seen[4].Text != "", "a connection closed without a reason")
	demand(t, len(a.of(model.ConnClosed)) == 0, "the closing side heard of its own close")
}

// A dial to nobody ends with ConnClosed and a reason.
func networkRefuses(t TB, stage Stage) {
	var a, b guest
	stage(func(string) model.Process { return a.dials("nobody.invalid:9092", nil) }, &b, func() bool {
		return len(a.of(model.ConnClosed)) > 0
	})
	closed := a.of(model.ConnClosed)
	demand(t, len(closed) == 1 && closed[0].Conn == 1, "a dial to nobody gave %v", closed)
	demand(t, closed[0].Text != "", "a dial failed without a reason")
	demand(t, len(a.of(model.ConnOpened)) == 0, "nobody took the call")
	demand(t, len(b.seen) <= 1, "the listener saw %v", b.seen)
}

// Timers fire in order of time, none early, none that was cancelled; one that is set again moves.
func networkKeepsTime(t TB, stage Stage) {
	var a, b guest
	var start model.Time
	timer := func(id uint64) model.Timer { return model.Timer{Kind: 1, ID: id} }
	a.act = func(in model.Event, out *model.Effects) {
		if in.Kind != model.Started {
			return
		}
		start = out.Now
		out.SetTimer(timer(3), out.Now.Add(30*time.Millisecond))
		out.SetTimer(timer(4), out.Now.Add(10*time.Millisecond))
		out.SetTimer(timer(1), out.Now.Add(-time.Second))
		out.SetTimer(timer(2), out.Now.Add(40*time.Millisecond))
		out.SetTimer(timer(5), out.Now.Add(10*time.Millisecond))
		out.SetTimer(timer(2), out.Now.Add(20*time.Millisecond))
		out.SetTimer(timer(4), out.Now.Add(60*time.Millisecond))
		out.CancelTimer(timer(5))
		out.CancelTimer(timer(6))
	}
	stage(func(string) model.Process { return &a }, &b, func() bool {
		return len(a.of(model.TimerFired)) >= 4
	})
	fired := a.of(model.TimerFired)
	demand(t, len(fired) == 4 && len(a.seen) == 5, "fired: %v", a.seen)
	due := [...]time.Duration{0, 20 * time.Millisecond, 30 * time.Millisecond, 60 * time.Millisecond}
	for i, e := range fired {
		demand(t, e.Timer == timer(uint64(i+1)), "timer %d fired as number %d", e.Timer.ID, i+1)
		at := a.at[i+1]
		demand(t, at >= start.Add(due[i]), "timer %d fired early, at %v", e.Timer.ID, at.Sub(start))
	}
}
