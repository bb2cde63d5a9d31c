package sim

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// actor is a process made of a function, for tests.
type actor struct {
	boot model.Boot
	step func(a *actor, now model.Time, in model.Event, out *model.Effects)
	log  []string
	mute bool // keeps no log
}

func (a *actor) Step(now model.Time, in model.Event, out *model.Effects) {
	if !a.mute {
		a.log = append(a.log, fmt.Sprintf("%d %s", int64(now)/1000, in))
	}
	if a.step != nil {
		a.step(a, now, in, out)
	}
}

type do struct {
	f func(now model.Time, out *model.Effects)
}

func (do) String() string { return "do" }
func (do) Sum() uint64    { return 1 }

// onDo runs the functions that commands carry.
func onDo(_ *actor, now model.Time, in model.Event, out *model.Effects) {
	if d, ok := in.Command.(do); ok {
		d.f(now, out)
	}
}

// pair is a world of two nodes, a and b, that speak over connection 1 of a and 2 of b.
func pair(t testing.TB, cfg Config, hw Hardware) (*World, *actor, *actor) {
	w := New(cfg)
	var a, b *actor
	w.AddNode(
		NodeConfig{ID: "a", Hardware: hw, HasDisk: true, Make: func(boot model.Boot) model.Process {
			a = &actor{boot: boot, step: onDo}
			return a
		}},
	)
	w.AddNode(NodeConfig{ID: "b", Hardware: hw, Listens: true, HasDisk: true,
		Make: func(boot model.Boot) model.Process {
			b = &actor{boot: boot, step: onDo}
			return b
		}})
	w.Start("a")
	w.Start("b")
	w.Command("a", do{func(_ model.Time, out *model.Effects) { out.Dial(1, "b:9092") }})
	w.Run(w.Now().Add(time.Second))
	require.Contains(t, strings.Join(a.log, "\n"), "conn-opened conn=1")
	require.Contains(t, strings.Join(b.log, "\n"), "conn-opened conn=2 peer=a")
	a.log, b.log = nil, nil
	return w, a, b
}

func send(w *World, from model.NodeID, conn model.ConnID, text string) {
	w.Command(from, do{func(_ model.Time, out *model.Effects) {
		out.Send(conn, []byte(text), model.Label{Name: text})
	}})
}

// frames returns how many bytes long the frames were that the actor got, in order.
func frames(a *actor) (sizes []int) {
	for _, line := range a.log {
		var at int64
		var conn, size int
		if n, _ := fmt.Sscanf(line, "%d frame conn=%d bytes=%d", &at, &conn, &size); n == 3 {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

var plain = Hardware{
	Latency: time.Millisecond,
	Jitter:  5 * time.Millisecond,
	Flush:   10 * time.Millisecond,
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
	w.Command("a", do{func(_ model.Time, out *model.Effects) { out.Dial(3, "b:1") }})
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
	w.Command("a", do{func(_ model.Time, out *model.Effects) { out.Dial(3, "b:1") }})
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

func TestPauseQueuesAndResumeDelivers(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	w.Pause("b")
	for range 20 {
		send(w, "a", 1, "x")
	}
	w.Run(w.Now().Add(time.Minute))
	require.Empty(t, frames(b))
	w.Resume("b")
	w.Run(w.Now().Add(time.Second))
	require.Len(t, frames(b), 20)
}

func TestTimersMoveAndCancel(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, Hardware{})
	start := w.Now()
	w.Command("a", do{func(now model.Time, out *model.Effects) {
		out.SetTimer(model.Timer{Kind: 1, ID: 1}, now.Add(time.Second))
		out.SetTimer(model.Timer{Kind: 1, ID: 2}, now.Add(time.Second))
		out.SetTimer(model.Timer{Kind: 1, ID: 3}, now.Add(time.Second))
		out.SetTimer(model.Timer{Kind: 1, ID: 2}, now.Add(2*time.Second))
		out.CancelTimer(model.Timer{Kind: 1, ID: 3})
	}})
	w.Run(start.Add(time.Minute))
	require.Equal(t, []string{
		fmt.Sprintf("%d timer kind=1 id=1", int64(start.Add(time.Second))/1000),
		fmt.Sprintf("%d timer kind=1 id=2", int64(start.Add(2*time.Second))/1000),
	}, a.log[1:])
}

// Thousands of timers that are set and cancelled must not make the queue grow.
func TestCancelledTimersLeaveTheQueue(t *testing.T) {
	w, _, _ := pair(t, Config{Seed: 1}, Hardware{})
	for i := range 100_000 {
		w.Command("a", do{func(now model.Time, out *model.Effects) {
			out.SetTimer(model.Timer{Kind: 1, ID: uint64(i % 10)}, now.Add(30*time.Second))
		}})
	}
	require.Less(t, len(w.kernel.heap), 1000)
}

func TestWorkQueuesOnTheCPUAndTheNetworkCard(t *testing.T) {
	hw := Hardware{PerEvent: time.Millisecond, NIC: 1000, Latency: time.Millisecond}
	w, a, b := pair(t, Config{Seed: 1}, hw)
	start := w.Now()
	for range 3 {
		send(w, "a", 1, strings.Repeat("x", 1000-frameOverhead)) // one second each on the card
	}
	w.Run(start.Add(time.Minute))
	for i, want := range []time.Duration{0, time.Millisecond, 2 * time.Millisecond} {
		require.Contains(t, a.log[i], fmt.Sprint(int64(start.Add(want))/1000), "steps queue on the CPU")
	}
	var got []string
	for _, line := range b.log {
		got = append(got, strings.Fields(line)[0])
	}
	want := func(seconds int) string {
		at := start.Add(time.Duration(seconds)*time.Second + 2*time.Millisecond)
		return fmt.Sprint(int64(at) / 1000)
	}
	require.Equal(t, []string{want(1), want(2), want(3)}, got, "frames queue on the card")
}

func TestFlushReleasesWhatWaitsForIt(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	start := w.Now()
	w.Command("a", do{func(_ model.Time, out *model.Effects) {
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
	w.Command("a", do{func(_ model.Time, out *model.Effects) {
		out.Flush("", 8, model.Effect{Kind: model.EffectSend, Conn: 1, Data: []byte("late")})
	}})
	w.Kill("a")
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{3}, frames(b))
}

func TestFilters(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
		switch l.Name {
		case "dd":
			return Drop, 0
		case "hhh":
			return Hold, 0
		case "lllll":
			return Delay, time.Second
		}
		return Pass, 0
	})
	for _, text := range []string{"x", "dd", "lllll", "hhh", "x"} {
		send(w, "a", 1, text)
	}
	w.Run(w.Now().Add(500 * time.Millisecond))
	require.Equal(t, []int{1}, frames(b))
	w.Run(w.Now().Add(10 * time.Second))
	w.Release()
	w.Run(w.Now().Add(10 * time.Second))
	require.Equal(t, []int{1, 5, 3, 1}, frames(b))
}

// A link that heals does not release what a filter keeps.
func TestHealsLeaveFiltersAlone(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
		return Verdict(len(l.Name)), 5 * time.Second // xxx: Delay, x: Hold
	})
	send(w, "a", 1, "xxx")
	send(w, "a", 1, "x")
	w.Run(w.Now().Add(time.Second))
	w.Cut("a", "b")
	w.Heal("a", "b")
	w.Run(w.Now().Add(3 * time.Second))
	require.Empty(t, frames(b), "delayed")
	w.Run(w.Now().Add(time.Minute))
	require.Equal(t, []int{3}, frames(b))
	w.Cut("a", "b")
	w.Heal("a", "b")
	w.Run(w.Now().Add(time.Minute))
	require.Equal(t, []int{3}, frames(b), "held")
	w.HealAll()
	w.Run(w.Now().Add(time.Minute))
	require.Equal(t, []int{3, 1}, frames(b))
}

// A paused process sends nothing, also not what a flush releases.
func TestFlushOfAPausedProcessWaits(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.Command("a", do{func(_ model.Time, out *model.Effects) {
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

// The runner may do anything when it is told of a note: what it asks of a process waits for the
// step to end, and what the step wanted after its process was killed is void.
func TestTheRunnerActsWithinAStep(t *testing.T) {
	w, a, b := pair(t, Config{Seed: 1}, plain)
	w.OnNote(func(l *model.TraceLine) {
		if l.Note.Kind == model.LogEnd {
			send(w, "a", 1, "from the runner")
			require.Panics(t, func() { w.Step() }, "steps do not nest")
		}
	})
	w.Command("a", do{func(_ model.Time, out *model.Effects) {
		out.Note(model.Note{Kind: model.LogEnd})
		out.Send(1, []byte("step"), model.Label{})
	}})
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{4, 15}, frames(b))
	require.Len(t, a.log, 2)

	w.OnNote(func(l *model.TraceLine) {
		if l.Note.Kind == model.LogEnd {
			w.Restart("a")
		}
	})
	w.Command("a", do{func(now model.Time, out *model.Effects) {
		out.Note(model.Note{Kind: model.LogEnd})
		out.Send(1, []byte("too late"), model.Label{})
		out.SetTimer(model.Timer{Kind: 1}, now)
		out.Dial(3, "b:1")
	}})
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{4, 15}, frames(b))
	require.EqualValues(t, 2, w.Incarnation("a"))
	require.NotContains(t, strings.Join(b.log, "\n"), "conn-opened")
}

func TestHaltEndsTheProcess(t *testing.T) {
	var trace bytes.Buffer
	w, _, b := pair(t, Config{Seed: 1, Trace: &trace}, plain)
	w.Command("a", do{func(_ model.Time, out *model.Effects) {
		out.Halt("disk full")
		out.Send(1, []byte("x"), model.Label{})
	}})
	w.Run(w.Now().Add(time.Second))
	require.False(t, w.Running("a"))
	require.Nil(t, w.Process("a"))
	require.Empty(t, frames(b))
	require.Contains(t, strings.Join(b.log, "\n"), "conn-closed conn=2")
	require.Contains(t, trace.String(), `"kind":"fault","text":"halt a: disk full"`)
}

// A process may name each of its timers anew.
func TestTimersOfEverNewNamesAreForgotten(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, Hardware{})
	a.mute = true
	for i := range 50_000 {
		w.Command("a", do{func(now model.Time, out *model.Effects) {
			out.SetTimer(model.Timer{Kind: 1, ID: uint64(i)}, now.Add(time.Millisecond))
			out.SetTimer(model.Timer{Kind: 2, ID: uint64(i)}, now.Add(30*time.Second))
			if i > 0 {
				out.CancelTimer(model.Timer{Kind: 2, ID: uint64(i - 1)})
			}
		}})
		w.Run(w.Now().Add(100 * time.Microsecond))
	}
	require.Less(t, len(w.timers.slots), 1000)
	require.Less(t, len(w.kernel.heap), 1000)
}

func TestTheEndOfTime(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	send(w, "a", 1, "x")
	w.Run(model.Never)
	require.Equal(t, []int{1}, frames(b))
	require.Less(t, w.Now(), model.Time(time.Minute))
	require.False(t, w.RunUntil(func() bool { return false }, model.Never))
}

// Whatever a trace or a history would show moves the hash, also when neither is kept.
func TestTheHashCoversNotesAndHistory(t *testing.T) {
	play := func(note model.Note, op model.Op) uint64 {
		w, _, _ := pair(t, Config{Seed: 1}, plain)
		w.Command("a", do{func(_ model.Time, out *model.Effects) {
			out.Note(note)
			out.Op(op)
		}})
		return w.Hash()
	}
	tp := model.TopicPartition{Topic: "t"}
	notes := []model.Note{
		{}, {Kind: model.LogEnd}, {Topic: "t"}, {Partition: 1}, {Broker: 1}, {Epoch: 1}, {Offset: 1},
		{Group: "g"}, {Member: "m"}, {Generation: 1}, {Text: "x"}, {Brokers: []model.BrokerID{1}},
		{Partitions: []model.TopicPartition{tp}},
	}
	ops := []model.Op{
		{ID: 1}, {Type: model.OK}, {F: model.FPoll}, {Error: "X"}, {Keys: []string{"t-0"}},
		{Value: []model.Mop{{Key: tp}}}, {Value: []model.Mop{{Key: tp, Value: "v"}}}, {Value: []model.Mop{{Key: tp, Offset: 1}}},
		{Value: []model.Mop{{Polled: []model.PolledRecords{
			{Key: tp, Records: []model.PolledRecord{{Offset: 1, Value: "v"}}},
		}}}},
		{Offsets: []model.PartitionOffset{{Key: tp, Offset: 1}}},
	}
	seen := map[uint64]string{}
	add := func(what string, hash uint64) {
		require.NotContains(t, seen, hash, "%s hashes as %s", what, seen[hash])
		seen[hash] = what
	}
	for _, n := range notes {
		add(fmt.Sprintf("%+v", n), play(n, model.Op{}))
	}
	for _, op := range ops {
		add(fmt.Sprintf("%+v", op), play(model.Note{}, op))
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
	answer := func(x *actor, now model.Time, in model.Event, out *model.Effects) {
		if onDo(x, now, in, out); in.Kind != model.FrameReceived {
			return
		}
		frame := make([]byte, 1+x.boot.Rand.Below(100))
		if mapped {
			for word := range words { // the leak that the comparison of hashes has to catch
				frame = append(frame, word...)
			}
		}
		out.Send(in.Conn, frame, model.Label{Name: "chat"})
		out.Note(model.Note{Kind: model.LogEnd, Topic: "t", Offset: model.Offset(len(frame))})
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

func TestTraceLinesParse(t *testing.T) {
	var trace bytes.Buffer
	chatter(t, 7, &trace, false)
	lines := bytes.Split(bytes.TrimSuffix(trace.Bytes(), []byte("\n")), []byte("\n"))
	var last model.TraceLine
	for _, b := range lines {
		l, err := model.ParseTraceLine(b)
		require.NoError(t, err, "%s", b)
		require.GreaterOrEqual(t, l.At, last.At)
		last = l
	}
	require.Equal(t, model.TraceEnd, last.Kind)
}

// bouncing is a world in which two nodes throw one frame of 200 bytes to each other.
func bouncing(t testing.TB, trace io.Writer) *World {
	w, x, y := pair(t, Config{Seed: 1, Trace: trace, CheckpointEvery: 1 << 40}, plain)
	frame := make([]byte, 200)
	bounce := func(_ *actor, _ model.Time, in model.Event, out *model.Effects) {
		out.Send(in.Conn, frame, model.Label{Name: "ping"})
	}
	send(w, "a", 1, "go")
	x.step, y.step = bounce, bounce
	x.mute, y.mute = true, true
	return w
}

func BenchmarkPingPong(b *testing.B)       { benchmarkPingPong(b, nil) }
func BenchmarkPingPongTraced(b *testing.B) { benchmarkPingPong(b, io.Discard) }

func benchmarkPingPong(b *testing.B, trace io.Writer) {
	w := bouncing(b, trace)
	b.ReportAllocs()
	for b.Loop() {
		w.Step()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mframes/s")
}
