package scenarios

import (
	"slices"

	"sandcastle/broker/controller"
	"sandcastle/model"
	"sandcastle/model/kafka"
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
		b := slices.Index(p.cluster.Brokers, id)
		if !lift && p.failed(f, id, notRunning(p, id)) {
			continue
		}
		for _, c := range p.cluster.Brokers {
			if p.cluster.Broker(c) != nil && p.world.Running(c) {
				p.world.Command(c, &controller.Forbid{
					TP: f.Partition, Broker: kafka.BrokerID(b + 1), Lift: lift,
				})
			}
		}
	}
	if !lift {
		p.forbidding = append(p.forbidding, f)
	}
}

// liftForbidden ends every `forbid`, those too that a broker did not hear the end of because it was
// down or stood still.
func liftForbidden(p *player) {
	for _, f := range p.forbidding {
		p.forbid(f, true)
	}
}
