package sim_test

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/sim"
)

// greeter says hello to whoever opens a connection.
type greeter struct{}

func (greeter) Step(in model.Event, out *model.Effects) {
	if in.Kind == model.ConnOpened {
		out.Send(in.Conn, []byte("hello, "+in.Peer), model.Label{Name: "hello"})
	}
}

// caller calls the greeter until it hears something.
type caller struct{}

func (caller) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started, model.TimerFired:
		out.Dial(model.ConnID(2*out.Now.Millis()+1), "greeter:1")
		out.SetTimer(model.Timer{Kind: 1}, out.Now.Add(100*time.Millisecond))
	case model.FrameReceived:
		fmt.Println(out.Now, string(in.Data))
		out.CancelTimer(model.Timer{Kind: 1})
	}
}

// A process is one function; a world runs it, and one seed gives one run. sim/example has more.
func Example() {
	w := sim.New(sim.Config{Seed: 1})
	hardware := sim.Hardware{Latency: 2 * time.Millisecond}
	w.AddNode(sim.NodeConfig{
		ID: "greeter", Hardware: hardware, Listens: true,
		Make: func(model.Boot) model.Process { return greeter{} },
	})
	w.AddNode(sim.NodeConfig{
		ID: "caller", Hardware: hardware,
		Make: func(model.Boot) model.Process { return caller{} },
	})
	w.Start("caller")
	w.At(model.Time(150*time.Millisecond), func() { w.Start("greeter") })
	w.Run(model.Time(time.Second))
	fmt.Println(w.Events(), "events")
	// Output:
	// 0.204000s hello, caller
	// 9 events
}
