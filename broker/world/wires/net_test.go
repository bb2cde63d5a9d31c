package wires

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/sim"
)

// What every world promises of connections holds here too.
func TestNetworkContract(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Millisecond} {
		sim.NetworkContract(t, func() sim.Stage { return stage(latency) })
	}
}

func stage(latency time.Duration) sim.Stage {
	return func(dialler func(string) model.Process, listener model.Process, _ func() bool) {
		n := New()
		n.Latency = latency
		n.Add(Node{ID: "b", Listens: true, Make: func(model.Boot) model.Process { return listener }})
		n.Add(Node{ID: "a", Make: func(model.Boot) model.Process { return dialler("b:9092") }})
		n.Start("b")
		n.Start("a")
		n.Run(time.Minute)
	}
}

// speaker dials b and sends it frames of one byte; both ends write down what they hear.
type speaker struct {
	heard []string
	say   string
}

func (s *speaker) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		if s.say != "" {
			out.Dial(1, "b:1")
			out.SetTimer(model.Timer{Kind: 1}, out.Now.Add(time.Second))
		}
	case model.ConnOpened:
		for i := range len(s.say) {
			out.Send(in.Conn, []byte{s.say[i]}, model.Label{Name: s.say[i : i+1]})
		}
	case model.FrameReceived:
		s.heard = append(s.heard, string(in.Data))
	case model.ConnClosed:
		s.heard = append(s.heard, in.Text)
	case model.TimerFired:
		s.heard = append(s.heard, "timer")
	}
}

// pairOf is a, which has said "xyz" to b and nothing of it has arrived.
func pairOf() (n *Net, a, b *speaker) {
	n, a, b = New(), &speaker{say: "xyz"}, &speaker{}
	n.Add(Node{ID: "b", Listens: true, Make: func(model.Boot) model.Process { return b }})
	n.Add(Node{ID: "a", Make: func(model.Boot) model.Process { return a }})
	n.Start("b")
	n.Start("a")
	n.Deliver(n.Next()) // the dial
	n.Deliver(n.Next()) // the answer
	return n, a, b
}

func TestFramesKeepTheirOrder(t *testing.T) {
	n, _, b := pairOf()
	frames := n.Packets()
	require.Len(t, frames, 3)
	require.True(t, n.First(frames[0]))
	require.False(t, n.First(frames[1]))
	n.Drop(frames[0])
	n.Run(0)
	require.Equal(t, []string{"y", "z"}, b.heard)
}

func TestHeldFramesKeepBackWhatIsBehind(t *testing.T) {
	n, _, b := pairOf()
	n.Hold(func(p *Packet) bool { return p.Label.Name == "y" })
	n.Run(0)
	require.Equal(t, []string{"x"}, b.heard)
	n.Release()
	n.Run(0)
	require.Equal(t, []string{"x", "y", "z"}, b.heard)
}

func TestCutsAndPausesEnd(t *testing.T) {
	n, a, b := pairOf()
	n.Cut("a", "b")
	n.Pause("a")
	n.Run(2 * time.Second)
	require.Empty(t, b.heard)
	require.Empty(t, a.heard, "a paused process has no timers")
	n.Resume("a")
	n.Heal("b", "a")
	n.Run(0)
	require.Equal(t, []string{"x", "y", "z"}, b.heard)
	require.Equal(t, []string{"timer"}, a.heard)
}

// Whoever dies has its last words heard, and then its end.
func TestKillResetsConnections(t *testing.T) {
	n, _, b := pairOf()
	n.Kill("a")
	n.Run(time.Minute)
	require.Equal(t, []string{"x", "y", "z", "connection reset by peer"}, b.heard)
	require.Zero(t, n.Conns("b"))
	n.Start("a")
	n.Kill("b")
	n.Run(0)
	require.Zero(t, n.Conns("a"), "nobody listens")
}

// keeper writes a byte and has it flushed.
type keeper struct {
	disk    model.Disk
	flushed int
}

func (k *keeper) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		f, _ := k.disk.Open("f")
		_, _ = f.WriteAt([]byte("k"), 0)
		out.Flush("", 7)
	case model.Flushed:
		k.flushed++
	}
}

func TestPowerLossTakesWhatIsNotFlushed(t *testing.T) {
	for _, flush := range []bool{false, true} {
		k := &keeper{disk: sim.NewDisk(model.NewRand(1, "disk"))}
		n := New()
		n.Add(Node{ID: "a", Disk: k.disk.(Disk), Make: func(model.Boot) model.Process { return k }})
		n.Start("a")
		if flush {
			n.Run(0)
			require.Equal(t, 1, k.flushed)
		}
		n.PowerLoss("a")
		files, err := k.disk.List("")
		require.NoError(t, err)
		require.Equal(t, flush, len(files) == 1)
	}
}
