package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestDiskContract(t *testing.T) {
	DiskContract(t, func() model.Disk { return NewDisk(model.NewRand(1, "disk")) })
}

// virtual plays a contract in a World.
func virtual(seed uint64, hw Hardware) Stage {
	return func(dialler func(string) model.Process, listener model.Process, done func() bool) {
		w := New(Config{Seed: seed})
		w.AddNode(NodeConfig{ID: "b", Hardware: hw, Listens: true,
			Make: func(model.Boot) model.Process { return listener }})
		w.AddNode(NodeConfig{ID: "a", Hardware: hw,
			Make: func(model.Boot) model.Process { return dialler("b:9092") }})
		w.Start("b")
		w.Start("a")
		w.RunUntil(done, model.Time(time.Minute))
		w.Run(w.Now().Add(time.Minute)) // nothing more may come
	}
}

func TestNetworkContract(t *testing.T) {
	for _, name := range Profiles() {
		hw, _ := Profile(name)
		for seed := range uint64(5) {
			NetworkContract(t, func() Stage { return virtual(seed, hw) })
		}
	}
}

// verdict records whether a contract failed.
type verdict struct{ text string }

func (v *verdict) Helper()                           {}
func (v *verdict) Errorf(format string, args ...any) { v.text = fmt.Sprintf(format, args...) }
func (v *verdict) FailNow()                          { panic(v) }

// broken requires that a contract finds fault.
func broken(t *testing.T, contract func(TB)) {
	t.Helper()
	v := &verdict{}
	defer func() {
		require.Same(t, v, recover(), "the contract was satisfied")
		require.NotEmpty(t, v.text)
	}()
	contract(v)
}

// forgetful is a disk whose directory forgets to replace.
type forgetful struct{ *Disk }

func (d forgetful) Rename(from, to string) error {
	if d.files[to] != nil && from != to {
		return nil
	}
	return d.Disk.Rename(from, to)
}

// The contracts must find fault with worlds that break them.
func TestContractsFindFault(t *testing.T) {
	broken(t, func(tb TB) {
		DiskContract(tb, func() model.Disk { return forgetful{NewDisk(model.NewRand(1, "disk"))} })
	})
	deaf := func(dialler func(string) model.Process, listener model.Process, done func() bool) {
		virtual(1, plain)(func(string) model.Process { return dialler("c:1") }, listener, done)
	}
	broken(t, func(tb TB) { NetworkContract(tb, func() Stage { return deaf }) })
	cut := func(dialler func(string) model.Process, listener model.Process, done func() bool) {
		seen := 0
		virtual(1, plain)(dialler, stepper(func(in model.Event, out *model.Effects) {
			if seen++; seen != 10 { // one event is swallowed
				listener.Step(in, out)
			}
		}), done)
	}
	broken(t, func(tb TB) { NetworkContract(tb, func() Stage { return cut }) })
}

type stepper func(model.Event, *model.Effects)

func (f stepper) Step(in model.Event, out *model.Effects) { f(in, out) }
