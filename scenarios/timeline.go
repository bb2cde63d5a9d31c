package scenarios

import (
	"slices"
	"strings"
	"time"

	"sandcastle/model"
)

// verb is something that a timeline can do to nodes, or to the links between two groups of them.
type verb struct {
	name     string
	doc      string
	twoSided bool
	do       func(p *player, targets, to []model.NodeID, a *Action)
	// undo ends it after `for`; nil when there is nothing to end.
	undo func(p *player, targets, to []model.NodeID)
}

// verbs is the table of faults and other actions.
var verbs = []verb{
	{
		name: "kill", doc: "Ends the processes; what they wrote stays, also what was not flushed.",
		do:   each(func(p *player, id model.NodeID) { p.world.Kill(id) }),
		undo: undoEach(func(p *player, id model.NodeID) { p.world.Start(id) }),
	},
	{
		name: "power-loss", doc: "Cuts the power: what was not flushed is lost.",
		do:   each(func(p *player, id model.NodeID) { p.world.PowerLoss(id) }),
		undo: undoEach(func(p *player, id model.NodeID) { p.world.Start(id) }),
	},
	{
		name: "restart", doc: "Starts the nodes again, killing them first if they run.",
		do: each(func(p *player, id model.NodeID) { p.world.Restart(id) }),
	},
	{
		name: "pause", doc: "Stops the processes for a while, as a long garbage collection does.",
		do:   each(func(p *player, id model.NodeID) { p.world.Pause(id) }),
		undo: undoEach(func(p *player, id model.NodeID) { p.world.Resume(id) }),
	},
	{
		name: "resume", doc: "Lets paused processes go on.",
		do: each(func(p *player, id model.NodeID) { p.world.Resume(id) }),
	},
	{
		name: "close", doc: "Lets clients end in good order: a consumer leaves its group.",
		do: each(func(p *player, id model.NodeID) { p.closeClient(id) }),
	},
	{
		name: "cut", doc: "Stops every message from the targets to `to`, and the other way.",
		twoSided: true,
		do: links(
			func(p *player, from, to model.NodeID) { p.world.Cut(from, to); p.world.Cut(to, from) },
		),
		undo: undoLinks(func(p *player, from, to model.NodeID) {
			p.world.Heal(from, to)
			p.world.Heal(to, from)
		}),
	},
	{
		name:     "cut-one-way",
		doc:      "Stops every message from the targets to `to`, in this direction alone.",
		twoSided: true,
		do:       links(func(p *player, from, to model.NodeID) { p.world.Cut(from, to) }),
		undo:     undoLinks(func(p *player, from, to model.NodeID) { p.world.Heal(from, to) }),
	},
	{
		name: "slow", doc: "Delays every message between the targets and `to` by `by`.", twoSided: true,
		do: func(p *player, targets, to []model.NodeID, a *Action) {
			for _, from := range targets {
				for _, dest := range to {
					p.world.SetLatency(from, dest, a.Latency, 0)
					p.world.SetLatency(dest, from, a.Latency, 0)
				}
			}
		},
		undo: undoLinks(func(p *player, from, to model.NodeID) {
			p.world.ResetLatency(from, to)
			p.world.ResetLatency(to, from)
		}),
	},
	{
		name: "reset", doc: "Breaks every connection between the targets and `to`.", twoSided: true,
		do: links(func(p *player, from, to model.NodeID) { p.world.Reset(from, to) }),
	},
}

func verbNames() []string {
	names := make([]string, len(verbs))
	for i := range verbs {
		names[i] = verbs[i].name
	}
	return names
}

func verbNamed(name string) *verb {
	for i := range verbs {
		if verbs[i].name == name {
			return &verbs[i]
		}
	}
	panic("scenarios: no verb " + name)
}

// each makes a verb of something that is done to one node at a time.
func each(do func(*player, model.NodeID)) func(*player, []model.NodeID, []model.NodeID, *Action) {
	return func(p *player, targets, _ []model.NodeID, _ *Action) {
		for _, id := range targets {
			do(p, id)
		}
	}
}

func undoEach(do func(*player, model.NodeID)) func(*player, []model.NodeID, []model.NodeID) {
	return func(p *player, targets, _ []model.NodeID) { each(do)(p, targets, nil, nil) }
}

// links makes a verb of something that is done to one directed link at a time.
func links(
	do func(p *player, from, to model.NodeID),
) func(*player, []model.NodeID, []model.NodeID, *Action) {
	return func(p *player, targets, to []model.NodeID, _ *Action) {
		for _, from := range targets {
			for _, dest := range to {
				if from != dest {
					do(p, from, dest)
				}
			}
		}
	}
}

func undoLinks(
	do func(p *player, from, to model.NodeID),
) func(*player, []model.NodeID, []model.NodeID) {
	return func(p *player, targets, to []model.NodeID) { links(do)(p, targets, to, nil) }
}

// pending is one timeline entry that has not fired.
type pending struct {
	a     *Action
	fired bool
}

// startTimeline schedules the entries that have a time, and remembers those that wait for an event.
func (p *player) startTimeline() {
	for i := range p.s.Timeline {
		a := &p.s.Timeline[i]
		if a.When.Note != 0 {
			p.waiting = append(p.waiting, &pending{a: a})
			continue
		}
		p.world.At(model.Time(a.At), func() { p.fire(a) })
	}
}

// onNote looks whether a note is what an entry of the timeline, or the expectation, waits for.
func (p *player) onNote(line *model.TraceLine) {
	for _, w := range p.waiting {
		if w.fired || line.At < model.Time(w.a.At) || p.healing || !w.a.When.met(line.Node, &line.Note) {
			continue
		}
		w.fired = true
		// Never inside the step that made the note: the world is not to change under a process.
		p.world.At(line.At.Add(w.a.Delay), func() { p.fire(w.a) })
	}
	for i, t := range p.s.Expect.Sometimes {
		p.happened[i] = p.happened[i] || t.met(line.Node, &line.Note)
	}
}

// fire resolves the roles of a as they stand now, does it, and plans its end.
func (p *player) fire(a *Action) {
	if p.healing {
		return
	}
	v := verbNamed(a.Verb)
	targets, to := p.resolveAll(a.Targets), p.resolveAll(a.To)
	if len(targets) == 0 {
		p.world.Fault("", a.Verb+" "+rolesText(a.Targets)+": nobody is that now")
		return
	}
	v.do(p, targets, to, a)
	if a.For > 0 && v.undo != nil {
		p.world.At(p.world.Now().Add(a.For), func() {
			if !p.healing {
				v.undo(p, targets, to)
			}
		})
	}
}

func rolesText(roles []Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = r.text
	}
	return strings.Join(words, ", ")
}

// resolveAll names the nodes that roles mean at this moment, each once, in order.
func (p *player) resolveAll(roles []Role) []model.NodeID {
	var ids []model.NodeID
	for _, r := range roles {
		for _, id := range p.resolve(r) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (p *player) resolve(r Role) []model.NodeID {
	switch r.Kind {
	case "node":
		return []model.NodeID{model.NodeID(r.Arg)}
	case "zookeeper":
		return []model.NodeID{zooKeeperNode}
	case "brokers":
		return p.brokers
	case "all":
		// The admin client and the final reader are the runner's own, and no part of the story.
		return slices.Concat([]model.NodeID{zooKeeperNode}, p.brokers, p.producerNodes(), p.consumers)
	case "controller":
		return p.controllers()
	case "leader":
		return p.leaders(mustPartition(r.Arg))
	case "follower":
		if f := p.followers(mustPartition(r.Arg)); len(f) > 0 {
			return f[:1]
		}
		return nil
	case "followers":
		return p.followers(mustPartition(r.Arg))
	case "coordinator":
		return p.leaders(p.offsetsPartition(r.Arg))
	case "minority":
		return p.minority()
	default:
		panic("scenarios: no role " + r.Kind)
	}
}

func (p *player) producerNodes() []model.NodeID {
	ids := make([]model.NodeID, len(p.producers))
	for i, w := range p.producers {
		ids[i] = w.node
	}
	return ids
}

func mustPartition(s string) model.TopicPartition {
	tp, ok := model.ParseTopicPartition(s)
	if !ok {
		panic("scenarios: " + s + " is no partition")
	}
	return tp
}

// minority draws fewer than half of the brokers.
func (p *player) minority() []model.NodeID {
	n := (len(p.brokers) - 1) / 2
	rest := slices.Clone(p.brokers)
	var out []model.NodeID
	for range n {
		i := int(p.rand.Below(uint64(len(rest))))
		out = append(out, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	slices.Sort(out)
	return out
}

// settleStep is how often the run looks whether it has come to rest.
const settleStep = 100 * time.Millisecond
