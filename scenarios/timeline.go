package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// pending is one timeline entry that has not fired.
type pending struct {
	a *Action
	// from is when its event begins to count; Never until the entry before has fired, for one that
	// comes after it.
	from  model.Time
	fired bool
}

// startTimeline schedules the entries that have a time, and remembers those that wait for an event.
func (p *player) startTimeline() {
	for i := range p.s.Timeline {
		a := &p.s.Timeline[i]
		switch {
		case a.Chained:
			p.waiting = append(p.waiting, &pending{a: a, from: model.Never})
		case a.When.event():
			p.waiting = append(p.waiting, &pending{a: a, from: model.Time(a.At)})
		default:
			p.world.At(model.Time(a.At), func() { p.fire(a) })
		}
	}
}

// onNote looks whether a note is what an entry of the timeline, or the expectation, waits for.
func (p *player) onNote(line *kafka.TraceLine) {
	for _, w := range p.waiting {
		if !w.fired && line.At >= w.from && !p.healing && w.a.When.met(line.Node, &line.Note) {
			p.trigger(w, line.At.Add(w.a.Delay))
		}
	}
	for i, t := range p.watched {
		p.happened[i] = p.happened[i] || t.met(line.Node, &line.Note)
	}
}

// onHeld looks whether an entry waits for the message that a holds now.
func (p *player) onHeld(a *Action) {
	now := p.world.Now()
	for _, w := range p.waiting {
		if !w.fired && now >= w.from && !p.healing && a.Label != "" && w.a.When.Held == a.Label {
			p.trigger(w, now.Add(w.a.Delay))
		}
	}
	for i, t := range p.watched {
		p.happened[i] = p.happened[i] || a.Label != "" && t.Held == a.Label
	}
}

// onFired looks whether an entry waits for what a has done now.
func onFired(p *player, a *Action) {
	now := p.world.Now()
	for _, w := range p.waiting {
		if !w.fired && now >= w.from && a.Label != "" && w.a.When.Fired == a.Label {
			p.trigger(w, now.Add(w.a.Delay))
		}
	}
}

// trigger has an entry fire at a time; never inside the step that brought it about, for the world
// is not to change under a process.
func (p *player) trigger(w *pending, at model.Time) {
	w.fired = true
	p.world.At(at, func() { p.fire(w.a) })
}

// fire resolves the roles of a as they stand now, does it, and plans its end.
func (p *player) fire(a *Action) {
	if p.healing {
		return
	}
	v := verbNamed(a.Verb)
	f := &firing{Action: a, nodes: p.takers(v, a.Targets), to: p.resolveAll(a.To)}
	p.chain(a)
	from := p.faults
	note := func(phase kafka.FiredPhase) { p.noteFired(a, f.nodes, phase, from, p.faults) }
	defer onFired(p, a)
	if v.on == onNodes && p.nobody(a.Targets, f.nodes, a) || p.nobody(a.To, f.to, a) {
		note(kafka.FiredBegan)
		return
	}
	if a.For == 0 || v.undo == nil {
		v.do(p, f)
		note(kafka.FiredBegan)
		return
	}
	end := p.world.Now().Add(a.For)
	p.world.Until(end, func() { v.do(p, f) })
	note(kafka.FiredBegan)
	p.world.At(end, func() {
		if !p.healing {
			from = p.faults
			v.undo(p, f)
			note(kafka.FiredEnded)
		}
	})
}

// firedMost is how many lines run.json has of the timeline at most: an entry may meet a million
// messages.
const firedMost = 4096

// noteFired notes for run.json what an entry did to nodes, with the lines of faults that came of
// it. What one entry does to messages that follow each other is one line.
func (p *player) noteFired(a *Action, nodes []model.NodeID, phase kafka.FiredPhase, from, to int) {
	if n := len(p.fired); phase == kafka.FiredMet && n > 0 {
		last := &p.fired[n-1]
		if last.Entry == a.place && last.Phase == phase && last.To == from {
			last.To = to
			return
		}
	}
	if len(p.fired) == firedMost {
		return
	}
	p.fired = append(p.fired, kafka.Fired{
		Entry: a.place, Verb: a.Verb, At: p.world.Now(), Nodes: nodes, Phase: phase, From: from, To: to,
	})
}

// nobody traces that roles of an entry stand for no node now, if they do.
func (p *player) nobody(roles []Role, nodes []model.NodeID, a *Action) bool {
	if len(roles) == 0 || len(nodes) > 0 {
		return false
	}
	p.world.Fault(model.Fault{Verb: a.Verb, Detail: rolesText(roles), Failed: model.NobodyNow})
	return true
}

// chain starts the entry that comes after a.
func (p *player) chain(a *Action) {
	i := slices.IndexFunc(p.waiting, func(w *pending) bool {
		return w.a.Chained && w.a.after == a
	})
	if i < 0 {
		return
	}
	w := p.waiting[i]
	w.from = p.world.Now().Add(w.a.Then)
	if !w.a.When.event() {
		p.trigger(w, w.from)
	}
}

// settleStep is how often the run looks whether it has come to rest.
const settleStep = 100 * time.Millisecond

// PlannedFault is one entry of a timeline for somebody who has to do it by hand.
type PlannedFault struct {
	At time.Duration
	// When is the event that the entry waits for, "" if it has a time alone.
	When  string
	Text  string // "kill leader(orders-0) for 6s"
	Verb  string
	Nodes []model.NodeID // that the verb is done to, where the file names them and not their role
}

// Plan is the timeline, in the order of the file.
func (s *Scenario) Plan() []PlannedFault {
	var plan []PlannedFault
	for i := range s.Timeline {
		a := &s.Timeline[i]
		p := PlannedFault{At: a.At, When: a.When.text, Text: a.Verb, Verb: a.Verb}
		if a.Chained && p.When == "" {
			p.When = fmt.Sprintf("%s after that", a.Then)
		}
		var names []string
		for _, role := range a.Targets {
			names = append(names, role.text)
			if role.Kind == "node" {
				p.Nodes = append(p.Nodes, model.NodeID(role.Arg))
			}
		}
		if len(p.Nodes) < len(names) {
			p.Nodes = nil
		}
		if a.Name != "" {
			names = append(names, a.Name)
		}
		if len(names) > 0 {
			p.Text += " " + strings.Join(names, ", ")
		}
		if a.For > 0 {
			p.Text += fmt.Sprintf(" for %s", a.For)
		}
		plan = append(plan, p)
	}
	return plan
}
