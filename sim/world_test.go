package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// actor is a process made of a function, for tests.
type actor struct {
	boot model.Boot
	step func(a *actor, in model.Event, out *model.Effects)
	log  []string
	mute bool // keeps no log
}

func (a *actor) Step(in model.Event, out *model.Effects) {
	if !a.mute {
		a.log = append(a.log, fmt.Sprintf("%d %s", int64(out.Now)/1000, in))
	}
	if a.step != nil {
		a.step(a, in, out)
	}
}

type do struct {
	f func(out *model.Effects)
}

func (do) String() string { return "do" }

func (do) Sum() uint64 { return 1 }

// onDo runs the functions that commands carry.
func onDo(_ *actor, in model.Event, out *model.Effects) {
	if d, ok := in.Command.(do); ok {
		d.f(out)
	}
}

// pair is a world of two nodes, a and b, that speak over connection 1 of a and 2 of b.
func pair(t testing.TB, cfg Config, hw Hardware) (*World, *actor, *actor) {
	w := New(cfg)
	var a, b *actor
	w.AddNode(
		NodeConfig{ID: "a", Hardware: hw, HasDisk: true, Make: func(boot model.Boot) model.Process {
			a = &actor{boot: boot, step: onDo}
			return a
		}},
	)
	w.AddNode(NodeConfig{ID: "b", Hardware: hw, Listens: true, HasDisk: true,
		Make: func(boot model.Boot) model.Process {
			b = &actor{boot: boot, step: onDo}
			return b
		}})
	w.Start("a")
	w.Start("b")
	w.Command("a", do{func(out *model.Effects) { out.Dial(1, "b:9092") }})
	w.Run(w.Now().Add(time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), "conn-opened conn=1")
	require.Contains(t, strings.Join(b.log, "\n"), "conn-opened conn=2 peer=a")
	a.log, b.log = nil, nil
	return w, a, b
}

func send(w *World, from model.NodeID, conn model.ConnID, text string) {
	w.Command(from, do{func(out *model.Effects) {
		out.Send(conn, []byte(text), model.Label{Name: text})
	}})
}

// frames returns how many bytes long the frames were that the actor got, in order.
func frames(a *actor) (sizes []int) {
	for _, line := range a.log {
		var at int64
		var conn, size int
		if n, _ := fmt.Sscanf(line, "%d frame conn=%d bytes=%d", &at, &conn, &size); n == 3 {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

var plain = Hardware{
	Latency: time.Millisecond,
	Jitter:  5 * time.Millisecond,
	Flush:   10 * time.Millisecond,
}

func TestPauseQueuesAndResumeDelivers(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	w.Pause("b")
	for range 20 {
		send(w, "a", 1, "x")
	}
	w.Run(w.Now().Add(time.Minute))
	require.Empty(t, frames(b))
	w.Resume("b")
	w.Run(w.Now().Add(time.Second))
	require.Len(t, frames(b), 20)
}

func TestWorkQueuesOnTheCPUAndTheNetworkCard(t *testing.T) {
	hw := Hardware{PerEvent: time.Millisecond, NIC: 1000, Latency: time.Millisecond}
	w, a, b := pair(t, Config{Seed: 1}, hw)
	start := w.Now()
	for range 3 {
		send(w, "a", 1, strings.Repeat("x", 1000-frameOverhead)) // one second each on the card
	}
	w.Run(start.Add(time.Minute))
	for i, want := range []time.Duration{0, time.Millisecond, 2 * time.Millisecond} {
		require.Contains(t, a.log[i], fmt.Sprint(int64(start.Add(want))/1000), "steps queue on the CPU")
	}
	var got []string
	for _, line := range b.log {
		got = append(got, strings.Fields(line)[0])
	}
	want := func(seconds int) string {
		at := start.Add(time.Duration(seconds)*time.Second + 2*time.Millisecond)
		return fmt.Sprint(int64(at) / 1000)
	}
	require.Equal(t, []string{want(1), want(2), want(3)}, got, "frames queue on the card")
}

// The runner may do anything when it is told of a note: what it asks of a process waits for the
// step to end, and what the step wanted after its process was killed is void.
func TestTheRunnerActsWithinAStep(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.OnNote(func(l *model.TraceLine) {
		if l.Note != nil {
			send(w, "a", 1, "from the runner")
			require.Panics(t, func() { w.Step() }, "steps do not nest")
		}
	})
	w.Command("a", do{func(out *model.Effects) {
		out.Note(remark(1))
		out.Send(1, []byte("step"), model.Label{})
	}})
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{4, 15}, frames(b))
	require.Len(t, a.log, 2)

	w.OnNote(func(l *model.TraceLine) {
		if l.Note != nil {
			w.Restart("a")
		}
	})
	w.Command("a", do{func(out *model.Effects) {
		out.Note(remark(1))
		out.Send(1, []byte("too late"), model.Label{})
		out.SetTimer(model.Timer{Kind: 1}, out.Now)
		out.Dial(3, "b:1")
	}})
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{4, 15}, frames(b))
	require.EqualValues(t, 2, w.Incarnation("a"))
	require.NotContains(t, strings.Join(b.log, "\n"), "conn-opened")
}

func TestHaltEndsTheProcess(t *testing.T) {
	var trace bytes.Buffer
	w, _, b := pair(t, Config{Seed: 1, Trace: &trace}, plain)
	w.Command("a", do{func(out *model.Effects) {
		out.Halt("disk full")
		out.Send(1, []byte("x"), model.Label{})
	}})
	w.Run(w.Now().Add(time.Second))
	require.False(t, w.Running("a"))
	require.Nil(t, w.Process("a"))
	require.Empty(t, frames(b))
	require.Contains(t, strings.Join(b.log, "\n"), "conn-closed conn=2")
	require.Contains(t, trace.String(), `"kind":"fault","fault":"halt","detail":"disk full","text":"halt a: disk full"`)
}

// A process that came to its own end leaves without a fault, and can be started again.
func TestExitIsNoFault(t *testing.T) {
	var trace bytes.Buffer
	w, _, b := pair(t, Config{Seed: 1, Trace: &trace}, plain)
	w.Exit("a")
	w.Exit("a")
	w.Run(w.Now().Add(time.Second))
	require.False(t, w.Running("a"))
	require.Contains(t, strings.Join(b.log, "\n"), "conn-closed conn=2")
	require.NotContains(t, trace.String(), `"kind":"fault"`)
	w.Start("a")
	require.True(t, w.Running("a"))
}

func TestTheEndOfTime(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	send(w, "a", 1, "x")
	w.Run(model.Never)
	require.Equal(t, []int{1}, frames(b))
	require.Less(t, w.Now(), model.Time(time.Minute))
	require.False(t, w.RunUntil(func() bool { return false }, model.Never))
}
