// Command pingpong plays two processes: alice counts aloud, bob repeats. One of bob's answers is
// lost, so that alice's timer comes due and she asks again.
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"sandcastle/model"
	"sandcastle/sim"
)

const (
	rounds   = 3
	patience = 50 * time.Millisecond
)

// alice asks. The fields are all that she remembers from one step to the next.
type alice struct {
	number int // the number that she waits to hear from bob
	tries  int // how often she has said it
}

// toBob is alice's connection: a process numbers those that it opens, with odd numbers.
const toBob model.ConnID = 1

// timeout is alice's only timer.
var timeout = model.Timer{Kind: 1}

// Step takes one event. It returns at once: what alice wants is put into out.
func (a *alice) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		out.Dial(toBob, "bob:1")
	case model.ConnOpened:
		a.number = 1
		a.say(out)
	case model.TimerFired:
		a.say(out)
	case model.FrameReceived:
		if string(in.Data) != fmt.Sprintf("pong %d", a.number) {
			return // an answer that took longer than her patience
		}
		out.CancelTimer(timeout)
		out.Note(heard{a.number, a.tries})
		if a.number < rounds {
			a.number, a.tries = a.number+1, 0
			a.say(out)
		}
	}
}

func (a *alice) say(out *model.Effects) {
	a.tries++
	out.Send(toBob, fmt.Appendf(nil, "ping %d", a.number), model.Label{Name: "ping"})
	out.SetTimer(timeout, out.Now.Add(patience))
}

// bob answers on the connection on which he was asked, and remembers nothing.
type bob struct{}

// Step takes one event.
func (bob) Step(in model.Event, out *model.Effects) {
	var number int
	if in.Kind != model.FrameReceived {
		return
	}
	if _, err := fmt.Sscanf(string(in.Data), "ping %d", &number); err == nil {
		out.Send(in.Conn, fmt.Appendf(nil, "pong %d", number), model.Label{Name: "pong", Reply: true})
	}
}

// heard is the note that alice makes of an answer. The kernel knows only that it is a model.Note.
type heard struct{ number, tries int }

// KindName is what the note's line in the trace is called.
func (heard) KindName() string { return "heard" }

// AppendJSON writes the note's fields.
func (h heard) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `,"number":`...), int64(h.number), 10)
	return strconv.AppendInt(append(b, `,"tries":`...), int64(h.tries), 10)
}

// Sum mixes the note into the run's hash.
func (h heard) Sum(sum uint64) uint64 {
	return model.SumUint(model.SumUint(sum, uint64(h.number)), uint64(h.tries))
}

// play runs the two for a second of virtual time and writes what happened. It returns the hash of
// the run.
func play(seed uint64, trace io.Writer) uint64 {
	w := sim.New(sim.Config{
		Seed: seed,
		// What a frame says is the protocol's business, so the kernel asks.
		Describe: func(l *model.TraceLine, frame []byte) { l.Text = string(frame) },
	})
	w.OnLine(func(l *model.TraceLine) { fmt.Fprintln(trace, tell(l)) })
	hardware := sim.Hardware{Latency: time.Millisecond, Jitter: time.Millisecond}
	w.AddNode(sim.NodeConfig{
		ID: "alice", Hardware: hardware,
		Make: func(model.Boot) model.Process { return &alice{} },
	})
	w.AddNode(sim.NodeConfig{
		ID: "bob", Hardware: hardware, Listens: true,
		Make: func(model.Boot) model.Process { return bob{} },
	})
	pongs := 0
	w.AddFilter(func(_, _ model.NodeID, label model.Label, _ []byte) (sim.Verdict, time.Duration) {
		if label.Name == "pong" {
			pongs++
			if pongs == 2 {
				return sim.Drop, 0
			}
		}
		return sim.Pass, 0
	})
	w.Start("bob")
	w.Start("alice")
	w.Run(model.Time(time.Second))
	return w.Hash()
}

// tell is a line of the trace for people. Written by sim.Config.Trace it is a line of JSON.
func tell(l *model.TraceLine) string {
	who, what := string(l.Node), l.Text
	if l.Kind == model.FrameReceived.String() {
		what = fmt.Sprintf("%q from %s", l.Text, l.Peer)
	}
	if note, ok := l.Note.(heard); ok {
		what = fmt.Sprintf("%d after %d tries", note.number, note.tries)
		if note.tries == 1 {
			what = fmt.Sprintf("%d at once", note.number)
		}
	}
	if l.Fault != nil {
		what = l.Fault.String()
	}
	return strings.TrimRight(fmt.Sprintf("%s  %-5s  %-11s  %s", l.At, who, l.Kind, what), " ")
}

func main() {
	fmt.Printf("hash of the run: %x\n", play(1, os.Stdout))
}
