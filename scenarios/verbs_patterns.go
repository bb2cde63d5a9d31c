package scenarios

import (
	"slices"
	"strings"
	"time"

	"sandcastle/broker"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// defaultEvery is `every` where an entry does not say it.
const defaultEvery = 2 * time.Second

// patternVerbs do in one entry what takes many single faults, with times, orders and victims drawn
// from the timeline's own stream.
func patternVerbs() []verb {
	every := []string{"every"}
	return []verb{
		{
			name: "flap",
			doc: "Cuts the links between the targets and `to`, and heals them, by turns: each lasts " +
				"`every` (2 s if not given).",
			needs: []string{"to"}, takes: every, do: patterned((*pattern).flap), undo: endPattern,
		},
		{
			name: "ring", doc: "Leaves each target only its two neighbours among them, in a drawn order.",
			do: patterned((*pattern).ring), undo: endPattern,
		},
		{
			name: "bridge",
			doc: "Parts the targets into two halves that cannot reach each other, but for one target that " +
				"reaches both.",
			do: patterned((*pattern).bridge), undo: endPattern,
		},
		{
			name: "swizzle",
			doc: "Cuts the targets off from every other node one by one, at drawn times in the first half " +
				"of `for`, and heals them in another order in the second.",
			do: patterned((*pattern).swizzle), undo: endPattern,
		},
		{
			name: "attrit",
			doc: "Kills one target after the other, about `every` so long (2 s if not given), and starts " +
				"them again; `leave` of them (1 if not given) run at any time.",
			takes: []string{"every", "leave"}, of: aServer, instead: "`kill` ends a client",
			do: patterned((*pattern).attrit), undo: endPattern,
		},
		{
			name: "roll",
			doc: "A rolling restart: shuts each target down in good order and starts it again, the next " +
				"one `every` so long after (2 s if not given).",
			takes: every, of: aBroker, do: patterned((*pattern).roll), undo: endPattern,
		},
	}
}

// pattern is a fault of several steps under way: what it still has to undo, and whether it is over.
type pattern struct {
	p    *player
	f    *firing
	over bool
	cuts [][2]model.NodeID
	down []model.NodeID // killed by it and not started again, the longest dead first
}

// leastEvery keeps a pattern from filling a run with its steps.
const leastEvery = 10 * time.Millisecond

// completeEvery checks that the steps of a pattern are apart.
func (d *decoder) completeEvery(a *Action) {
	if a.Every < leastEvery {
		d.failAt(a.pos, "", "`every` is %v, and at least %v", a.Every, leastEvery)
	}
}

// patterned is the do of a verb that begins a pattern.
func patterned(do func(*pattern)) func(*player, *firing) {
	return func(p *player, f *firing) {
		f.pattern = &pattern{p: p, f: f, over: true}
		do(f.pattern)
	}
}

// start traces the whole as one fault, and says what the first of its nodes and the others are.
func (x *pattern) start(detail string, every time.Duration) {
	x.over = false
	x.p.world.Fault(model.Fault{Verb: x.f.Verb, Node: x.f.nodes[0], Detail: detail, By: every})
}

// endPattern undoes what the steps so far have done.
func endPattern(p *player, f *firing) {
	x := f.pattern
	if x == nil || x.over {
		return
	}
	x.over = true
	for _, c := range x.cuts {
		x.heal(c)
	}
	for _, id := range x.down {
		p.world.Start(id)
	}
	p.world.FaultEnded(model.Fault{Verb: f.Verb, Node: f.nodes[0]})
}

// later has a step of the pattern taken after a time, unless it is over by then.
func (x *pattern) later(after time.Duration, step func()) {
	x.p.world.At(x.p.world.Now().Add(after), func() {
		if !x.p.healing && !x.over {
			step()
		}
	})
}

// cut cuts two nodes off from each other, and remembers it.
func (x *pattern) cut(a, b model.NodeID) {
	x.p.world.Cut(a, b)
	x.p.world.Cut(b, a)
	x.cuts = append(x.cuts, [2]model.NodeID{a, b})
}

func (x *pattern) heal(c [2]model.NodeID) {
	x.p.world.Heal(c[0], c[1])
	x.p.world.Heal(c[1], c[0])
}

// joined names nodes in a fault's detail.
func joined(ids []model.NodeID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, ",")
}

// shuffled draws an order of the nodes.
func (x *pattern) shuffled(ids []model.NodeID) []model.NodeID {
	out := slices.Clone(ids)
	for i := len(out) - 1; i > 0; i-- {
		j := int(x.p.rand.Below(uint64(i) + 1))
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func (x *pattern) flap() {
	p, f := x.p, x.f
	x.start(joined(f.to), f.Every)
	var down, up func()
	down = func() {
		links(func(p *player, from, to model.NodeID) { x.cut(from, to) })(p, f)
		x.later(f.Every, up)
	}
	up = func() {
		for _, c := range x.cuts {
			x.heal(c)
		}
		x.cuts = nil
		x.later(f.Every, down)
	}
	down()
}

func (x *pattern) ring() {
	p, f := x.p, x.f
	if len(f.nodes) < 4 {
		p.failed(f, f.nodes[0], "of fewer than four nodes each is the neighbour of all others")
		return
	}
	f.nodes = x.shuffled(f.nodes)
	x.start(joined(f.nodes[1:]), 0)
	for i, a := range f.nodes {
		for j := i + 2; j < len(f.nodes); j++ {
			if i > 0 || j < len(f.nodes)-1 {
				x.cut(a, f.nodes[j])
			}
		}
	}
}

func (x *pattern) bridge() {
	p, f := x.p, x.f
	if len(f.nodes) < 3 {
		p.failed(f, f.nodes[0], "a bridge needs at least three nodes")
		return
	}
	f.nodes = x.shuffled(f.nodes)
	half := 1 + len(f.nodes)/2
	one, other := f.nodes[1:half], f.nodes[half:]
	x.start(joined(one)+"/"+joined(other), 0)
	for _, a := range one {
		for _, b := range other {
			x.cut(a, b)
		}
	}
}

func (x *pattern) swizzle() {
	p, f := x.p, x.f
	span := f.For
	if span == 0 {
		span = max(model.Time(p.s.Duration).Sub(p.world.Now()), 2)
	}
	x.start(joined(f.nodes[1:]), 0)
	for _, id := range x.shuffled(f.nodes) {
		x.later(p.rand.Between(0, span/2), func() {
			for _, other := range p.world.Nodes() {
				if other != id {
					x.cut(id, other)
				}
			}
		})
		x.later(p.rand.Between(span/2+1, span), func() {
			x.cuts = slices.DeleteFunc(x.cuts, func(c [2]model.NodeID) bool {
				if c[0] == id {
					x.heal(c)
				}
				return c[0] == id
			})
		})
	}
}

func (x *pattern) attrit() {
	p, f := x.p, x.f
	x.start(joined(f.nodes[1:]), f.Every)
	var step func()
	step = func() {
		up := slices.DeleteFunc(slices.Clone(f.nodes), func(id model.NodeID) bool {
			return !p.world.Running(id)
		})
		if len(x.down) > 0 && (len(up) <= f.Leave || p.rand.Chance(1, 2)) {
			p.world.Start(x.down[0])
			x.down = x.down[1:]
		} else if len(up) > f.Leave {
			victim := up[p.rand.Below(uint64(len(up)))]
			p.world.Kill(victim)
			x.down = append(x.down, victim)
		}
		x.later(p.rand.Between(f.Every/2, f.Every*3/2), step)
	}
	step()
}

// rollStep is how often a rolling restart looks whether the broker at hand has shut down.
const rollStep = 100 * time.Millisecond

func (x *pattern) roll() {
	p, f := x.p, x.f
	x.start(joined(f.nodes[1:]), f.Every)
	left := f.nodes
	var next, wait func()
	next = func() {
		if len(left) == 0 {
			endPattern(p, f)
			return
		}
		if p.failed(f, left[0], notRunning(p, left[0])) {
			left = left[1:]
			x.later(f.Every, next)
			return
		}
		p.world.Command(left[0], broker.Shutdown{})
		x.later(rollStep, wait)
	}
	wait = func() {
		if p.world.Running(left[0]) || p.world.Paused(left[0]) {
			x.later(rollStep, wait)
			return
		}
		p.world.Start(left[0])
		left = left[1:]
		x.later(f.Every, next)
	}
	next()
}

// patternWords say of a pattern what it does, as a predicate of where.
func (a *Action) patternWords() (where, what string) {
	targets := rolesText(a.Targets)
	switch a.Verb {
	case kafka.FaultFlap:
		return "network", "links between " + targets + " and " + rolesText(a.To) + " come and go"
	case kafka.FaultRing:
		return "network", "each of " + targets + " reaches two of the others"
	case kafka.FaultBridge:
		return "network", "two halves of " + targets + " are joined by one alone"
	case kafka.FaultSwizzle:
		return "network", targets + " are cut off one by one"
	case kafka.FaultAttrit:
		return "world", "one after the other of " + targets + " is killed, and started again"
	default:
		return "world", targets + " are restarted one after the other"
	}
}
