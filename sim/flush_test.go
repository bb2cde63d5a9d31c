package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestFlushReleasesWhatWaitsForIt(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	start := w.Now()
	w.Command("a", do{func(out *model.Effects) {
		f, err := a.boot.Disk.Open("log")
		require.NoError(t, err)
		_, err = f.WriteAt([]byte("record"), 0)
		require.NoError(t, err)
		reply := model.Effect{Kind: model.EffectSend, Conn: 1, Data: []byte("ack")}
		out.Flush("", 7, reply)
	}})
	w.Run(start.Add(9 * time.Millisecond))
	require.Empty(t, frames(b))
	w.Run(start.Add(time.Second))
	require.Equal(t, []int{3}, frames(b))
	require.Contains(t, a.log[1], "flushed token=7")

	// What waits for a flush dies with the process.
	w.Command("a", do{func(out *model.Effects) {
		out.Flush("", 8, model.Effect{Kind: model.EffectSend, Conn: 1, Data: []byte("late")})
	}})
	w.Kill("a")
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{3}, frames(b))
}

// A paused process sends nothing, also not what a flush releases.
func TestFlushOfAPausedProcessWaits(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.Command("a", do{func(out *model.Effects) {
		out.Flush("", 7, model.Effect{Kind: model.EffectSend, Conn: 1, Data: []byte("ack")})
	}})
	w.Pause("a")
	w.Run(w.Now().Add(time.Minute))
	require.Empty(t, frames(b))
	require.Len(t, a.log, 1)
	w.Resume("a")
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{3}, frames(b))
	require.Contains(t, a.log[1], "flushed token=7")
}
