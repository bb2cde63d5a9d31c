package main

import (
	"fmt"
	"iter"
	"time"

	"sandcastle/model"
	"sandcastle/sim"
)

// mistake is what can be planted.
type mistake string

const (
	none        mistake = "none"
	oneAnswer   mistake = "one-answer"   // a read takes the first answer
	earlyAnswer mistake = "early-answer" // a replica answers before its disk is done
)

// length is how long a run takes, in virtual time.
const length = 2 * time.Second

var hardware = sim.Hardware{
	PerEvent: 15 * time.Microsecond, Flush: 5 * time.Millisecond,
	Latency: 500 * time.Microsecond, Jitter: 500 * time.Microsecond,
}

// run is what is left of a run.
type run struct {
	history []entry
	hash    uint64
}

// play plays one seed: everything that happens follows from it.
func play(seed uint64, m mistake) run {
	w := sim.New(sim.Config{Seed: seed})
	var r run
	w.OnOp(func(id model.NodeID, now model.Time, op model.Op) {
		r.history = append(r.history, entry{now, id, op.(operation)})
	})
	replicas := []model.NodeID{"replica-1", "replica-2", "replica-3"}
	for _, id := range replicas {
		w.AddNode(sim.NodeConfig{
			ID: id, Hardware: hardware, HasDisk: true, Listens: true,
			Make: func(boot model.Boot) model.Process { return newReplica(boot, m == earlyAnswer) },
		})
		w.Start(id)
	}
	clients := []model.NodeID{"writer", "reader-1", "reader-2"}
	for _, id := range clients {
		w.AddNode(sim.NodeConfig{
			ID: id, Hardware: hardware,
			Make: func(boot model.Boot) model.Process {
				c := &client{rand: boot.Rand, writes: id == "writer", hasty: m == oneAnswer}
				for _, replica := range replicas {
					c.links = append(c.links, link{addr: string(replica) + ":1"})
				}
				return c
			},
		})
		w.Start(id)
	}
	// Streams of their own: one more draw in one of them moves nothing in the others.
	powerFails(w, model.NewRand(seed, "power"), replicas)
	networkFails(w, model.NewRand(seed, "network"), replicas, clients)
	w.Run(model.Time(length))
	r.hash = w.Hash()
	return r
}

// powerFails has one replica after the other lose its power, and start again a little later.
func powerFails(w *sim.World, chance *model.Rand, replicas []model.NodeID) {
	for begin, end := range troubles(chance) {
		replica := replicas[chance.Below(3)]
		w.At(begin, func() { w.PowerLoss(replica) })
		w.At(end, func() { w.Start(replica) })
	}
}

// networkFails has a client and a replica not hear each other for a while. Connections are as those
// of TCP: they stay, and what was sent arrives late.
func networkFails(w *sim.World, chance *model.Rand, replicas, clients []model.NodeID) {
	for begin, end := range troubles(chance) {
		client, replica := clients[chance.Below(3)], replicas[chance.Below(3)]
		w.At(begin, func() {
			w.Cut(client, replica)
			w.Cut(replica, client)
		})
		w.At(end, func() {
			w.Heal(client, replica)
			w.Heal(replica, client)
		})
	}
}

// troubles draws when something begins and ends to be wrong, over a whole run.
func troubles(chance *model.Rand) iter.Seq2[model.Time, model.Time] {
	return func(yield func(begin, end model.Time) bool) {
		end := model.Time(0)
		for {
			begin := end.Add(chance.Between(time.Millisecond, 50*time.Millisecond))
			end = begin.Add(chance.Between(time.Millisecond, 80*time.Millisecond))
			if end > model.Time(length) || !yield(begin, end) {
				return
			}
		}
	}
}

// hunt plays seeds from 1 on until the history of one cannot be that of a register. It returns 0
// when none was found.
func hunt(seeds uint64, m mistake) (seed uint64, found run, err error) {
	for seed := uint64(1); seed <= seeds; seed++ {
		r := play(seed, m)
		if err := check(r.history); err != nil {
			return seed, r, fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	return 0, run{}, nil
}
