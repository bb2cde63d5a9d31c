package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestDiskFaults(t *testing.T) {
	w := New(Config{Seed: 1})
	p := &flusher{}
	w.AddNode(NodeConfig{ID: "a", HasDisk: true, Make: func(b model.Boot) model.Process { p.disk = b.Disk; return p }})
	w.Start("a")
	f, err := w.Disk("a").Open("x/1.log")
	require.NoError(t, err)
	_, err = f.WriteAt([]byte("abc"), 0)
	require.NoError(t, err)

	w.BreakDisk("a", DiskFull)
	_, err = f.WriteAt([]byte("d"), 3)
	require.ErrorIs(t, err, errNoSpace)
	_, err = f.WriteAt([]byte("X"), 1)
	require.NoError(t, err, "in place there is room")
	_, err = w.Disk("a").Open("x/2.log")
	require.ErrorIs(t, err, errNoSpace)
	b := make([]byte, 3)
	_, err = f.ReadAt(b, 0)
	require.NoError(t, err)
	require.Equal(t, "aXc", string(b))

	w.BreakDisk("a", DiskFailing)
	_, err = f.ReadAt(b, 0)
	require.ErrorIs(t, err, errIO)
	_, err = w.Disk("a").List("")
	require.ErrorIs(t, err, errIO)
	require.ErrorIs(t, w.Disk("a").Rename("x/1.log", "x/3.log"), errIO)
	require.ErrorIs(t, f.Truncate(1), errIO)

	w.MendDisk("a")
	_, err = f.ReadAt(b, 0)
	require.NoError(t, err)
}

// flusher flushes when it is started or commanded, and remembers how the flushes ended.
type flusher struct {
	disk  model.Disk
	ended []string
}

func (p *flusher) Step(in model.Event, out *model.Effects) {
	if in.Kind == model.Flushed {
		p.ended = append(p.ended, in.Text)
		return
	}
	out.Flush("", 1)
}

func TestAFailedFlushIsTold(t *testing.T) {
	w := New(Config{Seed: 1})
	p := &flusher{}
	w.AddNode(NodeConfig{ID: "a", HasDisk: true, Make: func(model.Boot) model.Process { return p }})
	w.Start("a")
	w.Run(model.Time(time.Second))
	require.Equal(t, []string{""}, p.ended)
	f, err := w.Disk("a").Open("1.log")
	require.NoError(t, err)
	_, err = f.WriteAt(make([]byte, 100*sector), 0)
	require.NoError(t, err)
	w.BreakDisk("a", FlushFailing)
	w.Start("a")
	w.Kill("a")
	w.Start("a")
	w.Run(model.Time(2 * time.Second))
	require.Equal(t, []string{"", errIO.Error()}, p.ended)
	require.NotEmpty(t, w.Disk("a").files["1.log"].undo, "nothing of it counts as durable")
}

func TestWipeDisk(t *testing.T) {
	w := New(Config{Seed: 1})
	w.AddNode(NodeConfig{ID: "a", HasDisk: true, Make: func(model.Boot) model.Process { return &flusher{} }})
	_, err := w.Disk("a").Open("x/1.log")
	require.NoError(t, err)
	w.WipeDisk("a")
	names, err := w.Disk("a").List("")
	require.NoError(t, err)
	require.Empty(t, names)
	w.Disk("a").PowerLoss()
	names, err = w.Disk("a").List("")
	require.NoError(t, err)
	require.Empty(t, names, "a wiped disk does not come back")
	w.Start("a")
	require.Panics(t, func() { w.WipeDisk("a") })
}

// A slow disk makes what was read or written leave late, and flushes end late; the rest is as quick as ever.
func TestSlowDisk(t *testing.T) {
	w := New(Config{Seed: 1})
	hw := Hardware{Flush: time.Millisecond}
	f := &flusher{}
	w.AddNode(NodeConfig{ID: "f", Hardware: hw, HasDisk: true, Make: func(model.Boot) model.Process { return f }})
	s := &slowServer{}
	w.AddNode(NodeConfig{ID: "s", Listens: true, HasDisk: true, Make: func(b model.Boot) model.Process {
		s.disk = b.Disk
		return s
	}})
	c := &asker{}
	w.AddNode(NodeConfig{ID: "c", Make: func(model.Boot) model.Process { return c }})
	w.Start("s")
	w.SlowDisk("s", time.Second)
	w.SlowDisk("f", time.Second)
	w.Start("f")
	w.Start("c")
	w.Run(model.Time(900 * time.Millisecond))
	require.Empty(t, f.ended)
	require.Empty(t, c.heard)
	w.Run(model.Time(1100 * time.Millisecond))
	require.Equal(t, []string{""}, f.ended)
	require.Equal(t, []string{"disk"}, c.heard)
	w.QuickenDisk("s")
	w.Command("c", ask("disk"))
	w.Run(model.Time(1200 * time.Millisecond))
	require.Equal(t, []string{"disk", "disk"}, c.heard)
	w.SlowDisk("s", time.Second)
	w.Command("c", ask("memory"))
	w.Run(model.Time(1300 * time.Millisecond))
	require.Equal(t, []string{"disk", "disk", "memory"}, c.heard)
	w.HealAll()
	w.Command("c", ask("disk"))
	w.Run(model.Time(1400 * time.Millisecond))
	require.Len(t, c.heard, 4, "healed")
}

// slowServer answers with what it was asked, and looks at its disk when it is asked to.
type slowServer struct{ disk model.Disk }

func (s *slowServer) Step(in model.Event, out *model.Effects) {
	if in.Kind != model.FrameReceived {
		return
	}
	if string(in.Data) == "disk" {
		_, _ = s.disk.List("")
	}
	out.Send(in.Conn, in.Data, model.Label{Name: "answer", Reply: true})
}

// ask is a command to an asker.
type ask string

func (a ask) String() string { return string(a) }
func (a ask) Sum() uint64    { return model.SumString(1, string(a)) }

// asker asks once it is connected, and when it is told to.
type asker struct{ heard []string }

func (a *asker) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		out.Dial(1, "s:1")
	case model.ConnOpened:
		out.Send(1, []byte("disk"), model.Label{Name: "ask"})
	case model.Commanded:
		out.Send(1, []byte(in.Command.String()), model.Label{Name: "ask"})
	case model.FrameReceived:
		a.heard = append(a.heard, string(in.Data))
	}
}
