package host

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/sim"
)

// fewHandles is a directory that keeps so few files open that every one is closed again and again.
func fewHandles(t *testing.T, limit int) *Dir {
	d, err := OpenDir(t.TempDir())
	require.NoError(t, err)
	d.handles.limit = limit
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// What a disk promises holds when files are closed and opened again behind its user's back.
func TestDiskContractWithFewHandles(t *testing.T) {
	for limit := 1; limit <= 3; limit++ {
		sim.DiskContract(t, func() model.Disk { return fewHandles(t, limit) })
	}
}

// Thousands of files that are written to and read again keep no more open than the limit.
func TestHandlesAreBounded(t *testing.T) {
	d := fewHandles(t, 10)
	files := make([]model.File, 1000)
	for round := range 2 {
		for i := range files {
			var err error
			files[i], err = d.Open(fmt.Sprintf("orders-%d/00000000000000000000.log", i))
			require.NoError(t, err)
			_, err = files[i].WriteAt([]byte{byte(i), byte(round)}, int64(2*round))
			require.NoError(t, err)
			require.LessOrEqual(t, d.handles.count(), 10)
		}
	}
	changed, dirs := d.unsynced.take("")
	require.Len(t, changed, len(files))
	require.NoError(t, makeDurable(d, changed, dirs))
	for i, f := range files {
		got := make([]byte, 4)
		_, err := f.ReadAt(got, 0)
		require.NoError(t, err)
		require.Equal(t, []byte{byte(i), 0, byte(i), 1}, got)
	}
	for i := range files {
		require.NoError(t, d.Remove(fmt.Sprintf("orders-%d/00000000000000000000.log", i)))
	}
	require.LessOrEqual(t, d.handles.count(), 10+keptGone)
	_, err := files[999].ReadAt(make([]byte, 1), 0)
	require.NoError(t, err, "whoever was at it goes on for a while")
	_, err = files[0].ReadAt(make([]byte, 1), 0)
	require.ErrorIs(t, err, os.ErrClosed)
}

// With no descriptor left files are opened in the place of others, or when there is one again.
func TestNoDescriptorIsLeft(t *testing.T) {
	d := fewHandles(t, 100)
	var files []model.File
	for i := range 3 {
		f, err := d.Open(fmt.Sprintf("f%d", i))
		require.NoError(t, err)
		files = append(files, f)
	}
	told := make(chan error, 100)
	d.handles.short = func(err error) { told <- err }
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	probe, err := os.Open(os.DevNull)
	require.NoError(t, err)
	most := uint64(probe.Fd())
	probe.Close()
	low := syscall.Rlimit{Cur: most, Max: limit.Max}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low))
	back := func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) }
	defer back()
	f, err := d.Open("f3")
	require.NoError(t, err, "another gives its own")
	require.ErrorIs(t, <-told, syscall.EMFILE)
	_, err = files[0].WriteAt([]byte("a"), 0)
	require.NoError(t, err)
	names, err := d.List("")
	require.NoError(t, err)
	require.Len(t, names, 4)
	for range 200 { // every last one is taken away
		if other, err := os.Open(os.DevNull); err == nil {
			defer other.Close()
		}
	}
	d.handles.closeAll()
	waits := make(chan error)
	holders := make([]*os.File, 0, 10)
	for {
		other, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		holders = append(holders, other)
	}
	go func() {
		_, err := f.WriteAt([]byte("b"), 0)
		waits <- err
	}()
	require.ErrorIs(t, <-told, syscall.EMFILE)
	holders[0].Close()
	select {
	case err := <-waits:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for ever")
	}
}

// Connections leave some descriptors to files, and say so.
func TestConnectionsLeaveDescriptors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := Start(Config{Name: "b", Listeners: []Listener{{Listener: l}}, MaxDescriptors: spareDescriptors,
		Make: func(model.Boot) model.Process { return idle{} }})
	defer n.Stop()
	require.Zero(t, awaitEnd(t, dialTo(t, n.Addr())))
}

// count is how many are open.
func (h *handles) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.used.Len() + len(h.gone)
}

// A file that is being renamed is found by a flush that runs beside, though it is closed.
func TestRenamedFileIsFound(t *testing.T) {
	d := fewHandles(t, 1)
	names := [2]string{"a.log", "a.log.deleted"}
	f, err := d.Open(names[0])
	require.NoError(t, err)
	other, err := d.Open("b.log")
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		var err error
		for range 2000 {
			err = errors.Join(err, makeDurable(d, []*File{other.(*File)}, nil),
				d.handles.with(f.(*File), func(*os.File) error { return nil }))
		}
		done <- err
	}()
	for i := 0; ; i++ {
		require.NoError(t, d.Rename(names[i%2], names[(i+1)%2]))
		select {
		case err := <-done:
			require.NoError(t, err)
			return
		default:
		}
	}
}
