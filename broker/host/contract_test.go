package host

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/sim"
)

func TestDiskContract(t *testing.T) {
	sim.DiskContract(t, func() model.Disk {
		d, err := OpenDir(t.TempDir())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, d.Close()) })
		return d
	})
}

// real plays a contract over sockets. A lock keeps the two processes from stepping at once, since
// done looks into both.
func real(t *testing.T) sim.Stage {
	return func(dialler func(string) model.Process, listener model.Process, done func() bool) {
		turn := make(chan struct{}, 1)
		var finished atomic.Bool
		in := func(p model.Process) func(model.Boot) model.Process {
			return func(model.Boot) model.Process { return &turns{p, turn, done, &finished} }
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		b := Start(Config{Name: "b", Listeners: []Listener{{Listener: l}}, Make: in(listener)})
		a := Start(Config{Name: "a", Make: in(dialler(b.Addr()))})
		require.Eventually(t, finished.Load, 10*time.Second, time.Millisecond)
		time.Sleep(50 * time.Millisecond) // nothing more may come
		a.Stop()
		b.Stop()
	}
}

// turns lets one of several processes step at a time.
type turns struct {
	model.Process
	turn     chan struct{}
	done     func() bool
	finished *atomic.Bool
}

func (p *turns) Step(in model.Event, out *model.Effects) {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	p.Process.Step(in, out)
	if p.done() {
		p.finished.Store(true)
	}
}

func TestNetworkContract(t *testing.T) {
	t.Parallel()
	sim.NetworkContract(t, func() sim.Stage { return real(t) })
}
