package scenarios

import (
	"sandcastle/broker/controller"
	"sandcastle/model"
)

// leaderVerbs choose and forbid leaders, which no operator can.
func leaderVerbs() []verb {
	return []verb{
		{
			name: "lead",
			doc: "Makes the broker the leader of `partition` now, if it is in sync, or in any case " +
				"(`unclean`).",
			needs: []string{"partition"}, takes: []string{"unclean"}, of: aBroker,
			do: func(p *player, f *firing) {
				id := p.cluster.Broker(f.nodes[0])
				if id == nil {
					p.world.Fault(model.Fault{
						Verb: f.Verb, Detail: f.Partition.String(), Failed: model.NobodyNow,
					})
					return
				}
				controllers := p.cluster.Controllers()
				if len(controllers) == 0 {
					p.failed(f, f.nodes[0], "there is no controller")
				}
				for _, c := range controllers {
					p.world.Command(c, &controller.Prefer{
						TP: f.Partition, Broker: id.ID(), Unclean: f.Unclean,
					})
				}
			},
		},
		{
			name:  "forbid",
			doc:   "Keeps the brokers from being elected leader of `partition`.",
			needs: []string{"partition"}, of: aBroker,
			do:   func(p *player, f *firing) { p.forbid(f, false) },
			undo: func(p *player, f *firing) { p.forbid(f, true) },
		},
	}
}

// forbid tells every broker that runs, since any may be controller next. A broker that starts later
// does not know; Forbid is for short stories.
func (p *player) forbid(f *firing, lift bool) {
	for _, id := range f.nodes {
		b := p.cluster.Broker(id)
		if b == nil {
			p.failed(f, id, notRunning(p, id))
			continue
		}
		for _, c := range p.cluster.Brokers {
			if p.cluster.Broker(c) != nil && p.world.Running(c) {
				p.world.Command(c, &controller.Forbid{TP: f.Partition, Broker: b.ID(), Lift: lift})
			}
		}
	}
}
