package scenarios

import (
	"sandcastle/broker"
	"sandcastle/model"
)

// nodeVerbs start and end processes.
func nodeVerbs() []verb {
	start := each(func(p *player, id model.NodeID) { p.world.Start(id) })
	return []verb{
		{
			name: "kill", doc: "Ends the processes; what they wrote stays, also what was not flushed.",
			do:   attempt(noProcess, func(p *player, id model.NodeID) { p.world.Kill(id) }),
			undo: start,
		},
		{
			name: "stop",
			doc: "Shuts brokers down in good order: their leaders move away, everything is flushed, and " +
				"they leave the marker of a clean shutdown.",
			of: aBroker, instead: "`close` ends a client in good order, `kill` ends any process",
			do: attempt(notRunning, func(p *player, id model.NodeID) {
				p.world.Command(id, broker.Shutdown{})
			}),
			undo: start,
		},
		{
			name: "power-loss",
			doc: "Cuts the power: of what was not flushed, the disks keep what chance has written " +
				"already, or nothing.",
			takes: []string{"keeps"},
			do: func(p *player, f *firing) {
				attempt(noPower, func(p *player, id model.NodeID) {
					if f.Keeps == "nothing" {
						p.world.PowerLossNothingKept(id)
					} else {
						p.world.PowerLoss(id)
					}
				})(p, f)
			},
			undo: start,
		},
		{
			name: "restart",
			doc:  "Starts the nodes again, killing them first if they run and were not closed.",
			do: each(func(p *player, id model.NodeID) {
				if p.ended(id) {
					p.world.Exit(id)
				}
				p.world.Restart(id)
			}),
		},
		{
			name: "pause", doc: "Stops the processes for a while, as a long garbage collection does.",
			do:   attempt(notRunning, func(p *player, id model.NodeID) { p.world.Pause(id) }),
			undo: each(func(p *player, id model.NodeID) { p.world.Resume(id) }),
		},
		{
			name: "resume", doc: "Lets paused processes go on.",
			do: attempt(
				func(p *player, id model.NodeID) string {
					if p.world.Paused(id) {
						return ""
					}
					return "it is not paused"
				},
				func(p *player, id model.NodeID) { p.world.Resume(id) }),
		},
		{
			name: "close", doc: "Lets clients end in good order: a consumer leaves its group.",
			of: aClient, instead: "`stop` shuts a broker down in good order",
			do: attempt(notRunning, func(p *player, id model.NodeID) { p.closeClient(id) }),
		},
	}
}

// ended tells whether a client was closed and is done with it: nobody can kill it then.
func (p *player) ended(id model.NodeID) bool {
	c, ok := p.world.Process(id).(interface{ Closed() bool })
	return ok && c.Closed()
}
