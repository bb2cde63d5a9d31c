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
