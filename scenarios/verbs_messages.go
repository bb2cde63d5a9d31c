package scenarios

import (
	"slices"
	"time"

	"sandcastle/broker"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// messageVerbs pick single messages: the nth, and so many from then on, of an API from one group of
// nodes to another.
func messageVerbs() []verb {
	const which = "the nth (1 if not given) `message` of `api` from the targets to `to`, and " +
		"`count` in all (1 if not given)."
	takes := []string{"message", "nth", "count", "name"}
	end := func(p *player, f *firing) {
		p.endFilter(f.Action)
		p.releaseNamed(f.Action)
	}
	return []verb{
		{
			name:  "hold",
			doc:   "Keeps back, until `release` or `discard` of its name, " + which,
			needs: []string{"to", "api"}, takes: takes, do: judgeMessages(sim.Hold), undo: end,
		},
		{
			name: "drop", doc: "Loses " + which,
			needs: []string{"to", "api"}, takes: takes, do: judgeMessages(sim.Drop), undo: end,
		},
		{
			name: "postpone", doc: "Delays by `by` " + which,
			needs: []string{"to", "api", "by"}, takes: takes, do: judgeMessages(sim.Delay), undo: end,
		},
		{
			name: "duplicate",
			doc: "Has a copy of the nth (1 if not given) request of `api` from the targets to `to`, and " +
				"of `count` in all (1 if not given), arrive `by` later (1 s if not given) on a connection of " +
				"its own, as if it had been sent again; its answer reaches nobody.",
			needs: []string{"to", "api"}, takes: []string{"nth", "count", "by"},
			do: judgeMessages(sim.Duplicate), undo: end,
		},
		{
			name: "reorder",
			doc: "Keeps back " + which + " Each waits until a message of another connection between the " +
				"same two nodes has arrived, or for `by` (1 s if not given).",
			needs: []string{"to", "api"}, takes: append([]string{"by"}, takes[:3]...),
			do: judgeMessages(sim.Reorder), undo: end,
		},
		{
			name: "answer",
			doc: "Has brokers (`to`; all if not given) answer with `error` the nth (1 if not given) " +
				"request of `api` from the targets, and `count` in all (1 if not given). With `message: " +
				"reply`, or none, the request is handled and its answer lies; with `message: request` it is " +
				"answered in place of being handled.",
			needs: []string{"api", "error"}, takes: []string{"to", "message", "nth", "count"},
			of: aClient | aBroker, do: (*player).answer,
			undo: func(p *player, f *firing) { p.endFilter(f.Action) },
		},
		{
			name: "release", doc: "Lets go what the entry of that name holds, and ends that entry.",
			on: onName,
			do: func(p *player, f *firing) {
				a := p.actionNamed(f.Name)
				p.endFilter(a)
				p.nothingHeld(f, a)
				p.releaseNamed(a)
			},
		},
		{
			name: "discard", doc: "Loses what the entry of that name holds, and ends that entry.",
			on: onName,
			do: func(p *player, f *firing) {
				a := p.actionNamed(f.Name)
				p.endFilter(a)
				p.nothingHeld(f, a)
				p.world.Discard(p.filters[a])
			},
		},
	}
}

// judgeMessages is the do of a verb that passes a verdict on the messages that an action picks.
func judgeMessages(verdict sim.Verdict) func(*player, *firing) {
	return func(p *player, f *firing) {
		seen := 0
		if f.By == 0 && (verdict == sim.Duplicate || verdict == sim.Reorder) {
			f.By = time.Second
		}
		if verdict == sim.Duplicate {
			f.Message = "request"
		}
		p.startFilter(f.Action, func(from, to model.NodeID, l model.Label, _ []byte,
		) (sim.Verdict, time.Duration) {
			if l.Name != f.API || f.Message != "" && l.Reply != (f.Message == "reply") ||
				!slices.Contains(f.nodes, from) || !slices.Contains(f.to, to) {
				return sim.Pass, 0
			}
			seen++
			if seen < f.Nth || seen >= f.Nth+f.Count {
				return sim.Pass, 0
			}
			if verdict == sim.Hold {
				p.onHeld(f.Action)
			}
			return verdict, f.By
		})
	}
}

// answer has brokers answer requests with an error. A broker is told of each request that is meant
// just before it arrives.
func (p *player) answer(f *firing) {
	if len(f.To) == 0 {
		f.to = p.cluster.Brokers
	}
	seen := 0
	p.startFilter(f.Action, func(from, to model.NodeID, l model.Label, _ []byte,
	) (sim.Verdict, time.Duration) {
		if l.Name != f.API || l.Reply || !slices.Contains(f.nodes, from) || !slices.Contains(f.to, to) {
			return sim.Pass, 0
		}
		if seen++; seen >= f.Nth && seen < f.Nth+f.Count && p.world.Running(to) {
			p.noteFired(f.Action, nil, kafka.FiredMet, p.faults, p.faults+1)
			p.world.Fault(model.Fault{
				Verb: f.Verb, Node: to, Detail: f.API + " of " + string(from) + " with " + f.Error.String(),
			})
			p.world.Command(to, broker.Answer{
				Client: from, Key: broker.APIKey(f.API), Correlation: l.Correlation, Code: f.Error,
				Unhandled: f.Message == "request",
			})
		}
		return sim.Pass, 0
	})
}

// nothingHeld traces that a release or a discard is of no effect, if it is.
func (p *player) nothingHeld(f *firing, a *Action) {
	if id, ok := p.filters[a]; !ok || p.world.Held(id) == 0 {
		p.world.Fault(model.Fault{Verb: f.Verb, Detail: f.Name, Failed: "nothing is held"})
	}
}

func (p *player) startFilter(a *Action, f sim.Filter) {
	p.endFilter(a)
	p.filters[a] = p.world.AddFilter(func(from, to model.NodeID, l model.Label, data []byte,
	) (sim.Verdict, time.Duration) {
		v, late := f(from, to, l, data)
		if v != sim.Pass { // the world traces it next
			p.noteFired(a, nil, kafka.FiredMet, p.faults, p.faults+1)
		}
		return v, late
	})
}

// endFilter takes the filter of an action away, if it has one; what it holds stays held.
func (p *player) endFilter(a *Action) {
	if id, ok := p.filters[a]; ok {
		p.world.RemoveFilter(id)
	}
}

// releaseNamed lets go what the filter of an action holds.
func (p *player) releaseNamed(a *Action) {
	if id, ok := p.filters[a]; ok {
		p.world.Release(id)
	}
}

// actionNamed finds the entry of the timeline that has a name; Parse has checked that there is one.
func (p *player) actionNamed(name string) *Action {
	for i := range p.s.Timeline {
		if a := &p.s.Timeline[i]; a.Label == name {
			return a
		}
	}
	panic("scenarios: no timeline entry is called " + name)
}
