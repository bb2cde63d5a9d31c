package sim

import (
	"time"

	"sandcastle/model"
)

// What waits for a flush is let go when it is done, and not when it fails or its process dies.
func flushesRelease(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	flush := func(word string) {
		p.tell(func(out *model.Effects) {
			out.Flush("", 7, model.Effect{
				Kind: model.EffectSend, Conn: 1, Data: []byte(word), Label: model.Label{Name: word},
			})
		})
	}
	p.writes("one")
	flush("first")
	p.wait(10 * time.Millisecond)
	p.heard("before a flush is done")
	p.wait(time.Second)
	p.heard("after a flush", "first")
	p.BreakDisk("a", FlushFailing)
	p.writes("two")
	flush("second")
	p.wait(time.Second)
	p.heard("after a flush that failed", "first")
	done := p.a.of(model.Flushed)
	demand(t, len(done) == 2 && done[0].Text == "" && done[1].Text != "",
		"flushes of which the second failed ended as %v", done)
	p.MendDisk("a")
	flush("third")
	p.Kill("a")
	p.wait(time.Second)
	p.heard("after a flush whose process died", "first")
}

// A flush makes durable what was written before it was asked for, all of it and nothing else.
func flushesLast(t TB, seed uint64) {
	for _, end := range []struct {
		lose func(*World, model.NodeID)
		want string
	}{
		{(*World).PowerLossNothingKept, "one"}, {(*World).Kill, "onetwo"},
	} {
		p := newTrialPair(t, seed)
		p.writes("one")
		p.tell(func(out *model.Effects) { out.Flush("", 7) })
		p.writes("two")
		p.wait(time.Second)
		demand(t, len(p.a.of(model.Flushed)) == 1, "a flush was not done in a second")
		end.lose(p.World, "a")
		p.holds("after a process was lost", end.want)
	}
	p := newTrialPair(t, seed)
	p.writes("one")
	p.tell(func(out *model.Effects) { out.Flush("", 7) })
	p.wait(time.Second)
	p.PowerLossNothingKept("a")
	p.holds("after a loss of power with everything flushed", "one")
	p = newTrialPair(t, seed)
	p.writes("one")
	p.tell(func(out *model.Effects) { out.Flush("", 7) })
	p.wait(5 * time.Millisecond)
	p.PowerLossNothingKept("a")
	p.wait(time.Second)
	p.holds("after a loss of power during a flush", "")
}

// A full disk lets nothing grow and everything else be done; a failing one lets nothing be done.
func fullDisksRefuse(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	p.writes("one")
	p.wait(time.Second)
	d := p.Disk("a")
	f, _ := d.Open("log")
	p.BreakDisk("a", DiskFull)
	_, err := f.WriteAt([]byte("x"), 3)
	demand(t, err != nil, "a file grows on a full disk")
	_, err = d.Open("other")
	demand(t, err != nil, "a file is made on a full disk")
	_, err = f.WriteAt([]byte("O"), 0)
	demand(t, err == nil, "a file cannot be written in place on a full disk: %v", err)
	p.holds("on a full disk", "One")
	p.BreakDisk("a", DiskFailing)
	_, err = f.ReadAt(make([]byte, 1), 0)
	demand(t, err != nil, "a file is read from a disk that fails")
	_, err = f.WriteAt([]byte("o"), 0)
	demand(t, err != nil, "a file is written on a disk that fails")
	p.MendDisk("a")
	p.holds("on a mended disk", "One")
}

// A kill takes away what had not left the process, and leaves what had.
func killsKeep(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	p.says("one")
	p.wait(200 * time.Microsecond)
	p.Kill("a")
	p.wait(time.Second)
	p.heard("after its sender was killed", "one")
	closed := p.b.of(model.ConnClosed)
	demand(t, len(closed) == 1, "who spoke with a process that was killed saw %v", closed)
}

// A cut link lets nothing through, also nothing that is under way, and loses nothing.
func cutsHold(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	p.says("one", "two")
	p.wait(500 * time.Microsecond)
	p.Cut("a", "b")
	p.says("three")
	p.wait(time.Minute)
	p.heard("over a cut link")
	p.Heal("a", "b")
	p.wait(time.Second)
	p.heard("after a cut link was healed", "one", "two", "three")
}

// A dropped frame is gone, and those before and behind it arrive.
func dropsLoseOne(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	id := p.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
		switch l.Name {
		case "lost":
			return Drop, 0
		case "late":
			return Delay, 50 * time.Millisecond
		}
		return Pass, 0
	})
	p.says("one", "lost", "two", "late", "three")
	p.wait(40 * time.Millisecond)
	p.heard("while a frame is delayed", "one", "two")
	p.wait(time.Second)
	p.heard("after one was dropped and one delayed", "one", "two", "late", "three")
	p.RemoveFilter(id)
	p.says("four")
	p.wait(time.Second)
	p.heard("afterwards", "one", "two", "late", "three", "four")
}

// A paused process takes nothing, and afterwards everything in order.
func pausesWait(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	p.Pause("b")
	p.says("one", "two")
	p.wait(time.Minute)
	p.heard("while paused")
	p.Resume("b")
	p.wait(time.Second)
	p.heard("after it went on", "one", "two")
}

// What was meant for a process that died comes to no other: neither its timers nor what waited.
func deathsForget(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	timer := model.Timer{Kind: 1, ID: 1}
	p.tell(func(out *model.Effects) { out.SetTimer(timer, out.Now.Add(50*time.Millisecond)) })
	p.wait(time.Millisecond)
	p.Pause("a")
	p.tell(func(out *model.Effects) { out.SetTimer(timer, out.Now.Add(time.Hour)) })
	p.Restart("a")
	p.wait(time.Second)
	demand(t, len(p.a.of(model.TimerFired)) == 0, "a timer of a process that died fired")
	last := p.a.of(model.Commanded)
	demand(t, len(last) == 1, "a process was given a command of the one before it")
	p.tell(func(out *model.Effects) {
		out.SetTimer(timer, out.Now.Add(10*time.Millisecond))
		out.SetTimer(model.Timer{Kind: 1, ID: 2}, out.Now.Add(10*time.Millisecond))
		out.CancelTimer(timer)
	})
	p.wait(time.Second)
	fired := p.a.of(model.TimerFired)
	demand(t, len(fired) == 1 && fired[0].Timer.ID == 2, "of two timers, one cancelled, %v fired",
		fired)
	for _, b := range p.Breaches() {
		demand(t, false, "%s", b.What)
	}
}

// Another start of a process, and another link, has other random numbers.
func chanceDiffers(t TB, seed uint64) {
	p := newTrialPair(t, seed)
	first := p.boot.Rand.Uint64()
	p.Restart("a")
	demand(t, p.boot.Rand.Uint64() != first, "two starts of a process have the same chance")
	there, back := p.link(p.node("a"), p.node("b")), p.link(p.node("b"), p.node("a"))
	same := true
	for range 8 {
		same = same && there.rand.Uint64() == back.rand.Uint64()
	}
	demand(t, !same, "both directions of a link have the same chance")
}
