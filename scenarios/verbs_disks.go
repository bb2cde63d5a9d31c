package scenarios

import (
	"sandcastle/broker/log"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// noDisk is what to say to who would do something to the disk of a client.
const noDisk = "a client has no disk: name a broker, or zookeeper"

// diskVerbs do to disks what hardware and careless operators do.
func diskVerbs() []verb {
	mend := each(func(p *player, id model.NodeID) { p.world.MendDisk(id) })
	broken := func(fault sim.DiskFault) func(*player, *firing) {
		return each(func(p *player, id model.NodeID) { p.world.BreakDisk(id, fault) })
	}
	return []verb{
		{
			name: "fill-disk", doc: "Leaves the disks without space: nothing can grow.",
			of: aServer, instead: noDisk, do: broken(sim.DiskFull), undo: mend,
		},
		{
			name: "fail-disk", doc: "Makes every use of the disks an input/output error.",
			of: aServer, instead: noDisk, do: broken(sim.DiskFailing), undo: mend,
		},
		{
			name: "fail-flush", doc: "Makes every flush of the disks an input/output error.",
			of: aServer, instead: noDisk, do: broken(sim.FlushFailing), undo: mend,
		},
		{
			name: "slow-disk",
			doc: "Makes every use of the disks take `by` longer: what a request reads or writes is " +
				"answered so much later, and flushes are done so much later; what needs no disk goes on.",
			needs: []string{"by"}, of: aServer, instead: noDisk,
			do: func(p *player, f *firing) {
				each(func(p *player, id model.NodeID) { p.world.SlowDisk(id, f.By) })(p, f)
			},
			undo: each(func(p *player, id model.NodeID) { p.world.QuickenDisk(id) }),
		},
		{
			name: "wipe", doc: "Kills the processes and empties their disks, as new disks are.",
			of: aServer, instead: noDisk,
			do: each(func(p *player, id model.NodeID) {
				p.world.Kill(id)
				p.world.WipeDisk(id)
			}),
			undo: each(func(p *player, id model.NodeID) { p.world.Start(id) }),
		},
		{
			name:  "cut-tail",
			doc:   "Kills the brokers and cuts the last `records` off their logs of `partition`.",
			needs: []string{"partition", "records"}, of: aBroker,
			do:   func(p *player, f *firing) { each(f.cutTail)(p, f) },
			undo: each(func(p *player, id model.NodeID) { p.world.Start(id) }),
		},
		{
			name: "drop-marker",
			doc: "Removes the clean-shutdown marker of brokers that are down, so that they " +
				"scan their logs.",
			of: aBroker, do: each((*player).dropMarker),
		},
	}
}

// cutTail cuts the end off a broker's log. It has failed when nothing was cut.
func (f *firing) cutTail(p *player, id model.NodeID) {
	p.world.Kill(id)
	fault := model.Fault{Verb: f.Verb, Node: id, Detail: f.Partition.String()}
	cut, err := log.CutTail(p.world.Disk(id), f.Partition, f.Records)
	if err != nil && cut == 0 {
		fault.Failed = err.Error()
	}
	p.world.Fault(fault)
}

// dropMarker takes the marker of a clean shutdown from a broker that is down.
func (p *player) dropMarker(id model.NodeID) {
	drop := model.Fault{Verb: kafka.FaultDropMarker, Node: id}
	if p.world.Running(id) || p.world.Paused(id) {
		drop.Failed = "it runs"
	} else if err := p.world.Disk(id).Remove(log.CleanShutdownFile); err != nil {
		drop.Failed = err.Error()
	}
	p.world.Fault(drop)
}
