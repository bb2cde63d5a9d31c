package sim

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Whatever a trace or a history would show moves the hash, also when neither is kept.
func TestTheHashCoversNotesAndHistory(t *testing.T) {
	play := func(want func(out *model.Effects)) uint64 {
		w, _, _ := pair(t, Config{Seed: 1}, plain)
		w.Command("a", do{want})
		return w.Hash()
	}
	seen := map[uint64]bool{}
	for _, want := range []func(*model.Effects){
		func(*model.Effects) {},
		func(out *model.Effects) { out.Note(remark(1)) },
		func(out *model.Effects) { out.Note(remark(2)) },
		func(out *model.Effects) { out.Note(remark(1)); out.Note(remark(1)) },
		func(out *model.Effects) { out.Op(step(3)) },
		func(out *model.Effects) { out.Op(step(4)) },
	} {
		hash := play(want)
		require.False(t, seen[hash])
		seen[hash] = true
	}
}

// chatter exchanges frames of random length and notes some, so that a run has something to hash.
func chatter(t testing.TB, seed uint64, trace *bytes.Buffer, mapped bool) *World {
	cfg := Config{Seed: seed, CheckpointEvery: 100}
	if trace != nil {
		cfg.Trace = trace
	}
	w, a, b := pair(t, cfg, plain)
	words := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8}
	answer := func(x *actor, in model.Event, out *model.Effects) {
		if onDo(x, in, out); in.Kind != model.FrameReceived {
			return
		}
		frame := make([]byte, 1+x.boot.Rand.Below(100))
		if mapped {
			for word := range words { // the leak that the comparison of hashes has to catch
				frame = append(frame, word...)
			}
		}
		out.Send(in.Conn, frame, model.Label{Name: "chat"})
		out.Note(remark(len(frame)))
	}
	a.step, b.step = answer, answer
	send(w, "a", 1, "hello")
	w.Run(w.Now().Add(time.Second))
	w.End()
	return w
}

func TestSameSeedSameRun(t *testing.T) {
	var one, two bytes.Buffer
	first, second := chatter(t, 7, &one, false), chatter(t, 7, &two, false)
	require.Equal(t, first.Hash(), second.Hash())
	require.Equal(t, first.Checkpoints(), second.Checkpoints())
	require.NotEmpty(t, first.Checkpoints())
	require.Equal(t, one.String(), two.String())
	require.Equal(
		t,
		first.Hash(),
		chatter(t, 7, nil, false).Hash(),
		"a run does not depend on its trace",
	)
	require.NotEqual(t, first.Hash(), chatter(t, 8, nil, false).Hash())
}

// The negative control: a process that ranges over a map must be found out.
func TestNondeterminismIsFound(t *testing.T) {
	hash := chatter(t, 7, nil, true).Hash()
	for range 20 {
		if chatter(t, 7, nil, true).Hash() != hash {
			return
		}
	}
	t.Fatal("twenty runs that depend on the order of a map had one hash")
}
