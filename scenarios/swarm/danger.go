package swarm

// danger is what a seed's cluster is exposed to of that which Kafka does not survive unharmed. A
// seed has one at most, so that what it admits hides little.
type danger uint8

const (
	dangerNone danger = iota
	// one broker loses its power or its disk, as replication is there to survive
	dangerPower
	dangerAcks      // producers that do not wait for every replica
	dangerRetries   // producers that try again and cannot be told apart from the first time
	dangerSnapshots // several batches of an idempotent producer on the way when segments end
	dangerUnclean   // leaders from outside the ISR
	dangerBlackout  // the power of several servers fails
	dangerVariant   // a protocol as it was before a fix
	dangerDamage    // disks that give back something else than was written
)

// dangerNames are the dangers as a profile names them, in their order.
func dangerNames() []string {
	return []string{
		"none", "power", "acks", "retries", "snapshots", "unclean", "blackout", "variant", "damage",
	}
}

// drawDanger draws what the seed is exposed to.
func (d *drawing) drawDanger() {
	names := dangerNames()
	weights := make([]int, len(names))
	for i, name := range names {
		weights[i] = d.profile.Dangers.of(name)
	}
	if at := d.dice("danger").weighed(weights); at >= 0 {
		d.danger = danger(at)
	}
}

// drawVariant draws one protocol as it was.
func (d *drawing) drawVariant(c *entry) {
	r := d.dice("variant")
	switch r.between(0, 2) {
	case 0:
		c.with("truncation", r.one("hw", "kip101", "kip279"))
	case 1:
		c.with("follower_hw", "before")
	default:
		c.with("producer_state", "kip98")
	}
}

// drawPowerLoss has one broker lose its power or its disk, once, and with it what it had not
// flushed, or everything: Kafka acknowledges before it flushes, but two replicas or more have every
// acknowledged record. Three things may not happen meanwhile, and those are Kafka's own limits in
// ZooKeeper mode, removed with KRaft by KIP-966:
//   - an ISR shrinks to the broker that loses its power: it is elected when it comes back with a
//     shorter log, and the others truncate to it;
//   - the other members of the ISR are down when it comes back: the same;
//   - the broker was the controller too, and registers again before another controller has read
//     /brokers/ids: nobody ever sees it missing, and it goes on leading in the same epoch.
//
// So no other server and no link to ZooKeeper is disturbed, and the broker is back either before
// its session can have expired, when it has to wait, or long after that.
func (f *field) drawPowerLoss(r dice) {
	e := (&entry{}).with(r.one("power-loss", "power-loss", "wipe", "tear"), f.role(aim{
		"leader", "leader", "follower", "controller", "broker", "coordinator",
	}, r))
	if keeps := r.chance(50); keeps && e.has("power-loss") {
		e.with("keeps", "nothing")
	}
	longer := 0
	if r.chance(50) {
		longer = 12000
	}
	f.add(f.moment(r), e.with("for", millis(longer+r.between(1, 2500))))
	for range r.skewed(1, 5) - 1 {
		if r.chance(50) {
			f.add(f.moment(r), doing("reset", "brokers").with("to", r.one("brokers",
				f.producer(r))))
			continue
		}
		verb := r.one("postpone", "hold", "drop")
		e := doing(verb, "brokers").with("to", f.producer(r)).
			with("api", r.one("Produce", "Metadata", "InitProducerID")).
			with("message", r.one("request", "reply")).with("nth", r.between(1, 20)).
			with("count", r.one("1", "3", "1000")).with("for", millis(r.between(1, 10000)))
		if verb == "postpone" {
			f.by(e, r)
		}
		f.add(f.moment(r), e)
	}
}
