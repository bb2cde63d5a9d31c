package sim

import (
	"fmt"
	"slices"
	"time"

	"sandcastle/model"
)

// Trial plays made-up processes in worlds of their own, and returns what was not as it must be:
// what contract.go promises, and what faults do. A run shows only what its processes ask for; of
// what nobody asks for, such as replies that wait for a flush which fails, this is the only proof.
func Trial(seed uint64) (broken []string) {
	for _, clause := range []func(TB, uint64){
		func(t TB, seed uint64) { NetworkContract(t, func() Stage { return trialStage(seed) }) },
		func(t TB, seed uint64) {
			DiskContract(t, func() model.Disk { return NewDisk(model.NewRand(seed, "disk")) })
		},
		flushesRelease, flushesLast, fullDisksRefuse, killsKeep, cutsHold, dropsLoseOne, pausesWait,
		deathsForget, chanceDiffers,
	} {
		if why := tried(clause, seed); why != "" {
			broken = append(broken, why)
		}
	}
	return broken
}

// tried is what breaks in a clause, "" for nothing.
func tried(clause func(TB, uint64), seed uint64) (why string) {
	t := &trialTB{}
	defer func() {
		if r := recover(); r != nil && r != any(t) {
			why = fmt.Sprint("it panics: ", r)
		} else {
			why = t.why
		}
	}()
	clause(t, seed)
	return ""
}

// trialTB is a TB that keeps what broke first.
type trialTB struct{ why string }

// Helper, Errorf and FailNow implement TB.
func (t *trialTB) Helper()                           {}
func (t *trialTB) Errorf(format string, args ...any) { t.why = fmt.Sprintf(format, args...) }
func (t *trialTB) FailNow()                          { panic(t) }

// trialHardware is slow enough for everything to be caught at it.
func trialHardware() Hardware {
	return Hardware{
		Latency: time.Millisecond, Jitter: 2 * time.Millisecond, Flush: 10 * time.Millisecond,
		PerEvent: 10 * time.Microsecond,
	}
}

func trialStage(seed uint64) Stage {
	return func(dialler func(string) model.Process, listener model.Process, done func() bool) {
		w := New(Config{Seed: seed, Audit: true})
		add := func(id model.NodeID, listens bool, p model.Process) {
			w.AddNode(NodeConfig{ID: id, Hardware: trialHardware(), Listens: listens,
				Make: func(model.Boot) model.Process { return p }})
			w.Start(id)
		}
		add("b", true, listener)
		add("a", false, dialler("b:9092"))
		w.RunUntil(done, model.Time(time.Minute))
		w.Run(w.Now().Add(time.Minute)) // nothing more may come
	}
}

// order is a command to a process of a trial.
type order struct{ do func(out *model.Effects) }

// String and Sum implement model.Command.
func (order) String() string { return "order" }

// Sum implements model.Command.
func (order) Sum() uint64 { return 1 }

// trialPair is a world of a, which has a disk, and b, to which it has dialled connection 1.
type trialPair struct {
	*World
	t    TB
	a, b guest
	boot model.Boot // of a, at its last start
}

func newTrialPair(t TB, seed uint64) *trialPair {
	p := &trialPair{World: New(Config{Seed: seed, Audit: true}), t: t}
	p.a.dials("b:9092", func(in model.Event, out *model.Effects) {
		if o, ok := in.Command.(order); ok {
			o.do(out)
		}
	})
	p.AddNode(NodeConfig{ID: "b", Hardware: trialHardware(), Listens: true,
		Make: func(model.Boot) model.Process { return &p.b }})
	p.AddNode(NodeConfig{ID: "a", Hardware: trialHardware(), HasDisk: true,
		Make: func(b model.Boot) model.Process {
			p.boot = b
			return &p.a
		}})
	p.Start("b")
	p.Start("a")
	p.Run(model.Time(time.Second))
	demand(t, len(p.a.of(model.ConnOpened)) == 1, "a dial did not get through in a second")
	return p
}

// wait lets time pass.
func (p *trialPair) wait(d time.Duration) { p.Run(p.Now().Add(d)) }

// tell has a do something.
func (p *trialPair) tell(do func(out *model.Effects)) { p.Command("a", order{do}) }

// says has a send frames, in one step.
func (p *trialPair) says(words ...string) {
	p.tell(func(out *model.Effects) {
		for _, word := range words {
			out.Send(1, []byte(word), model.Label{Name: word})
		}
	})
}

// heard demands that b has heard just this.
func (p *trialPair) heard(when string, want ...string) {
	var got []string
	for _, e := range p.b.of(model.FrameReceived) {
		got = append(got, string(e.Data))
	}
	demand(p.t, slices.Equal(got, want), "%s, %q were received, not %q", when, got, want)
}

// writes has a append to a file.
func (p *trialPair) writes(text string) {
	p.tell(func(*model.Effects) {
		f, err := p.boot.Disk.Open("log")
		demand(p.t, err == nil, "a file cannot be opened: %v", err)
		_, err = f.WriteAt([]byte(text), f.Size())
		demand(p.t, err == nil, "a file cannot be written: %v", err)
	})
}

// holds demands that the file of a is just this.
func (p *trialPair) holds(when, want string) {
	f, err := p.Disk("a").Open("log")
	demand(p.t, err == nil, "%s, a file cannot be opened: %v", when, err)
	got := make([]byte, f.Size())
	_, _ = f.ReadAt(got, 0) // its length is compared
	demand(p.t, string(got) == want, "%s, a file holds %q, not %q", when, got, want)
}
