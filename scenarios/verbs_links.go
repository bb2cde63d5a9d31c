package scenarios

import (
	"slices"
	"time"

	"sandcastle/model"
	"sandcastle/sim"
)

// controlAPIs are the requests between a broker and the controller.
var controlAPIs = []string{
	"LeaderAndISR", "StopReplica", "UpdateMetadata", "ControlledShutdown", "AlterPartition",
}

// linkVerbs disturb the network.
func linkVerbs() []verb {
	to := []string{"to"}
	return []verb{
		{
			name: "cut", doc: "Stops every message from the targets to `to`, and the other way.", needs: to,
			do: disturb(func(p *player, from, to model.NodeID) {
				p.world.Cut(from, to)
				p.world.Cut(to, from)
			}),
			undo: links(func(p *player, from, to model.NodeID) {
				p.world.Heal(from, to)
				p.world.Heal(to, from)
			}),
		},
		{
			name:  "cut-one-way",
			doc:   "Stops every message from the targets to `to`, in this direction alone.",
			needs: to,
			do:    disturb(func(p *player, from, to model.NodeID) { p.world.Cut(from, to) }),
			undo:  links(func(p *player, from, to model.NodeID) { p.world.Heal(from, to) }),
		},
		{
			name: "cut-control",
			doc: "Stops what the targets and the controller have to say to each other, whoever that is; " +
				"ZooKeeper sessions, fetches and clients go on.",
			of: aBroker, do: (*player).cutControl,
			undo: func(p *player, f *firing) {
				p.endFilter(f.Action)
				p.releaseNamed(f.Action)
				for _, id := range f.nodes {
					p.world.FaultEnded(model.Fault{Verb: f.Verb, Node: id})
				}
			},
		},
		{
			name: "slow", doc: "Delays every message between the targets and `to` by `by`.",
			needs: []string{"to", "by"},
			do: func(p *player, f *firing) {
				disturb(func(p *player, from, to model.NodeID) {
					p.world.SetLatency(from, to, f.By, 0)
					p.world.SetLatency(to, from, f.By, 0)
				})(p, f)
			},
			undo: links(func(p *player, from, to model.NodeID) {
				p.world.ResetLatency(from, to)
				p.world.ResetLatency(to, from)
			}),
		},
		{
			name: "reset", doc: "Breaks every connection between the targets and `to`.", needs: to,
			do: disturb(func(p *player, from, to model.NodeID) { p.world.Reset(from, to) }),
		},
	}
}

// cutControl holds the requests of the control plane, each on a connection of its own, and so
// everything that is sent there after them.
func (p *player) cutControl(f *firing) {
	for _, id := range f.nodes {
		p.world.Fault(model.Fault{Verb: f.Verb, Node: id})
	}
	p.startFilter(f.Action, func(from, to model.NodeID, l model.Label, _ []byte,
	) (sim.Verdict, time.Duration) {
		ours := slices.Contains(f.nodes, from) || slices.Contains(f.nodes, to)
		if ours && from != to && slices.Contains(controlAPIs, l.Name) {
			return sim.Hold, 0
		}
		return sim.Pass, 0
	})
}
