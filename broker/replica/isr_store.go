package replica

import (
	"slices"

	"sandcastle/broker/config"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// isrStore is how a leader has a change of the ISR decided and written down: the variants of
// ISRProtocol.
type isrStore interface {
	// write asks for the change that is pending at p. The answer comes to p.onISRChanged. A change
	// that certainly did not take place is taken back; one of which that is not known stays pending
	// until the controller tells p's state, for until then both sets have to count (KIP-497,
	// Partition.handleAlterPartitionError, 3.9).
	write(out *model.Effects, p *Partition)
	// onTimer is called at Timers.ISRStore.
	onTimer(out *model.Effects)
}

// newISRStore is the store of the broker's variant. All brokers of a cluster have the same.
func (rs *Set) newISRStore() isrStore {
	if rs.cfg.Variants.ISR == config.ISRByAlterPartition {
		return &controllerISRStore{rs: rs}
	}
	return &zooKeeperISRStore{rs: rs}
}

// isrChange is a change of a partition's ISR that was asked for.
type isrChange struct {
	p           *Partition
	leaderEpoch kafka.Epoch
	version     int32 // of the state that it changes
	isr         []kafka.BrokerID
}

func (p *Partition) pendingChange() isrChange {
	return isrChange{p, p.leaderEpoch, p.isr.version, p.isr.pending}
}

// isPending tells whether the partition still waits for this very change.
func (c *isrChange) isPending() bool {
	p := c.p
	return p.role == roleLeader && p.leaderEpoch == c.leaderEpoch && p.isr.version == c.version &&
		p.isr.pending != nil && slices.Equal(p.isr.pending, c.isr)
}
