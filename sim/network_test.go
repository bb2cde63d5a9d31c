package sim

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// listen has an actor keep the numbers that the frames it gets carry.
func listen(a *actor) *[]uint32 {
	var got []uint32
	a.mute = true
	a.step = func(a *actor, in model.Event, out *model.Effects) {
		onDo(a, in, out)
		if in.Kind == model.FrameReceived {
			got = append(got, binary.BigEndian.Uint32(in.Data))
		}
	}
	return &got
}

// Whatever is cut, slowed, held, delayed or paused, each direction of a connection delivers what
// was sent in the order in which it was sent, and in the end all of it.
func TestConnectionsAreOrderedUnderFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, a, b := pair(t, Config{Seed: rapid.Uint64().Draw(rt, "seed")}, plain)
		atA, atB := listen(a), listen(b)
		var fromA, fromB []uint32
		w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
			return Verdict(l.Correlation), 40 * time.Millisecond
		})
		post := func(from model.NodeID, conn model.ConnID, sent *[]uint32) {
			verdict := rapid.SampledFrom([]Verdict{Pass, Pass, Pass, Hold, Delay}).Draw(rt, "verdict")
			n := uint32(len(fromA) + len(fromB))
			frame := make([]byte, 4+rapid.IntRange(0, 3000).Draw(rt, "bytes"))
			binary.BigEndian.PutUint32(frame, n)
			*sent = append(*sent, n)
			w.Command(from, do{func(out *model.Effects) {
				out.Send(conn, frame, model.Label{Name: "n", Correlation: int32(verdict)})
			}})
		}
		inOrder := func(got, sent []uint32) {
			require.LessOrEqual(t, len(got), len(sent))
			require.True(t, slices.Equal(sent[:len(got)], got), "sent %v, got %v", sent, got)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"a sends":  func(*rapid.T) { post("a", 1, &fromA) },
			"b sends":  func(*rapid.T) { post("b", 2, &fromB) },
			"cut":      func(*rapid.T) { w.Cut("a", "b") },
			"cut back": func(*rapid.T) { w.Cut("b", "a") },
			"heal":     func(*rapid.T) { w.Heal("a", "b") },
			"heal all": func(*rapid.T) { w.HealAll() },
			"release":  func(*rapid.T) { w.Release() },
			"slow":     func(*rapid.T) { w.SetLatency("a", "b", 80*time.Millisecond, time.Millisecond) },
			"as usual": func(*rapid.T) { w.ResetLatency("a", "b") },
			"pause":    func(*rapid.T) { w.Pause("b") },
			"resume":   func(*rapid.T) { w.Resume("b") },
			"wait": func(*rapid.T) {
				ms := rapid.IntRange(0, 300).Draw(rt, "milliseconds")
				w.Run(w.Now().Add(time.Duration(ms) * time.Millisecond))
			},
			"": func(*rapid.T) { inOrder(*atB, fromA); inOrder(*atA, fromB) },
		})
		w.Resume("b")
		w.HealAll()
		w.Run(w.Now().Add(time.Minute))
		require.Equal(t, len(fromA), len(*atB), "everything arrives")
		require.Equal(t, len(fromB), len(*atA), "everything arrives")
		inOrder(*atB, fromA)
		inOrder(*atA, fromB)
	})
}

// A process that dies within a step sends nothing of it; one whose machine loses power sends only
// what was through the network card.
func TestWhatHadNotLeftIsLost(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, Hardware{PerEvent: time.Millisecond})
	send(w, "a", 1, "x")
	w.Kill("a")
	w.Run(w.Now().Add(time.Second))
	require.Empty(t, frames(b))
	require.Contains(t, strings.Join(b.log, "\n"), "conn-closed conn=2")

	w, _, b = pair(t, Config{Seed: 1}, Hardware{NIC: 1000})
	for range 3 {
		send(w, "a", 1, strings.Repeat("x", 1000-frameOverhead)) // a second each on the card
	}
	w.Run(w.Now().Add(1500 * time.Millisecond))
	w.PowerLoss("a")
	w.Run(w.Now().Add(time.Minute))
	require.Len(t, frames(b), 1)

	w, _, b = pair(t, Config{Seed: 1}, Hardware{NIC: 1000})
	for range 3 {
		send(w, "a", 1, strings.Repeat("x", 1000-frameOverhead))
	}
	w.Kill("a")
	w.Run(w.Now().Add(time.Minute))
	require.Len(t, frames(b), 3, "a kernel goes on sending what a killed process gave it")
	require.Contains(t, b.log[3], "conn-closed", "and resets then")
}

func TestDialsThatAreGivenUpLeaveNothingBehind(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, plain)
	w.PowerLoss("b")
	w.Command("a", do{func(out *model.Effects) { out.Dial(3, "b:1") }})
	w.Run(w.Now().Add(10 * time.Second))
	require.NotContains(t, strings.Join(a.log, "\n"), "conn=3", "nobody answers")
	w.Command("a", do{func(out *model.Effects) { out.Close(3) }})
	w.Run(w.Now().Add(10 * time.Second))
	require.Zero(t, len(w.kernel.heap), "TCP no longer knocks")
	w.Command("a", do{func(out *model.Effects) {
		out.Dial(5, "b:1")
		out.Send(5, []byte("early"), model.Label{})
	}})
	w.Start("b")
	w.Run(w.Now().Add(10 * time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), "conn-opened conn=5", "the node is back")
	require.NotContains(t, strings.Join(a.log, "\n"), "conn-opened conn=3")
	require.Equal(t, []int{5}, frames(w.Process("b").(*actor)))
}

func TestDialsThatFail(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.Command("a", do{func(out *model.Effects) {
		out.Dial(3, "nobody:1")
		out.Dial(5, "nobody:1")
		out.Close(5)
	}})
	w.Command("b", do{func(out *model.Effects) { out.Dial(1, "a:1") }})
	w.Run(w.Now().Add(time.Second))
	log := strings.Join(a.log, "\n")
	require.Contains(t, log, `conn-closed conn=3 reason="no such host"`)
	require.NotContains(t, log, "conn=5", "a process hears nothing of what it closed itself")
	require.Contains(t, strings.Join(b.log, "\n"), `conn-closed conn=1 reason="connection refused"`)
}

func TestResetTellsWhoeverStillBelieves(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, plain)
	w.PowerLoss("b")
	w.Reset("a", "b")
	w.Run(w.Now().Add(time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), "conn-closed conn=1")

	// A silent half of a connection is found out by the first frame after the reboot.
	w, a, _ = pair(t, Config{Seed: 1}, plain)
	w.PowerLoss("b")
	w.Start("b")
	w.Run(w.Now().Add(time.Minute))
	require.Empty(t, a.log)
	send(w, "a", 1, "x")
	w.Run(w.Now().Add(time.Minute))
	require.Contains(t, strings.Join(a.log, "\n"), `conn=1 reason="connection reset by peer"`)
}

func TestPingPongAllocatesNothing(t *testing.T) {
	w := bouncing(t, nil)
	require.Zero(t, testing.AllocsPerRun(10_000, func() { w.Step() }))
}

func TestFramesKeepTheirOrder(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	var want []int
	for i := 1; i <= 50; i++ {
		send(w, "a", 1, strings.Repeat("x", i))
		want = append(want, i)
	}
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, want, frames(b))
}

func TestCutStallsOneWayAndHealDelivers(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.Cut("a", "b")
	send(w, "a", 1, "x")
	send(w, "a", 1, "yy")
	send(w, "b", 2, "back")
	w.Run(w.Now().Add(time.Minute))
	require.Empty(t, frames(b))
	require.Equal(t, []int{4}, frames(a), "the other way is open")

	w.Heal("a", "b")
	send(w, "a", 1, "zzz")
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{1, 2, 3}, frames(b), "nothing is lost, nothing overtakes")
}

func TestDialAcrossACutWaits(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, plain)
	w.Cut("a", "b")
	w.Command("a", do{func(out *model.Effects) { out.Dial(3, "b:1") }})
	w.Run(w.Now().Add(time.Minute))
	require.NotContains(t, strings.Join(a.log, "\n"), "conn=3")
	w.HealAll()
	w.Run(w.Now().Add(time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), "conn-opened conn=3")
}

func TestKillResetsPowerLossIsSilent(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, plain)
	w.Kill("b")
	w.Run(w.Now().Add(time.Second))
	require.Contains(
		t,
		strings.Join(a.log, "\n"),
		`conn-closed conn=1 reason="connection reset by peer"`,
	)
	w.Command("a", do{func(out *model.Effects) { out.Dial(3, "b:1") }})
	w.Run(w.Now().Add(time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), `conn-closed conn=3 reason="connection refused"`)

	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.PowerLoss("b")
	send(w, "a", 1, "x")
	w.Run(w.Now().Add(time.Minute))
	require.NotContains(t, strings.Join(a.log, "\n"), "conn-closed", "a dead machine says nothing")
	require.Empty(t, frames(b))
	w.Start("b")
	w.Run(w.Now().Add(time.Second))
	require.Contains(
		t,
		strings.Join(a.log, "\n"),
		"conn-closed conn=1",
		"the new incarnation knows nothing of it",
	)
}

func TestResetTellsBothSides(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.Reset("a", "b")
	w.Run(w.Now().Add(time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), "conn-closed conn=1")
	require.Contains(t, strings.Join(b.log, "\n"), "conn-closed conn=2")
}

// bouncing is a world in which two nodes throw one frame of 200 bytes to each other.
func bouncing(t testing.TB, trace io.Writer) *World {
	w, x, y := pair(t, Config{Seed: 1, Trace: trace, CheckpointEvery: 1 << 40}, plain)
	frame := make([]byte, 200)
	bounce := func(_ *actor, in model.Event, out *model.Effects) {
		out.Send(in.Conn, frame, model.Label{Name: "ping"})
	}
	send(w, "a", 1, "go")
	x.step, y.step = bounce, bounce
	x.mute, y.mute = true, true
	return w
}

func BenchmarkPingPong(b *testing.B) { benchmarkPingPong(b, nil) }

func BenchmarkPingPongTraced(b *testing.B) { benchmarkPingPong(b, io.Discard) }

func benchmarkPingPong(b *testing.B, trace io.Writer) {
	w := bouncing(b, trace)
	b.ReportAllocs()
	for b.Loop() {
		w.Step()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mframes/s")
}
