package replica

import (
	"slices"

	"sandcastle/model/kafka"
)

// preferredReplica is the replica that a consumer should rather read t from: one of the ISR that
// holds the offset, in the consumer's rack, the most caught up first. It is NoBroker when the
// leader is in that rack or nobody is, and at a follower (ReplicaManager.findPreferredReadReplica,
// RackAwareReplicaSelector, KIP-392, 3.9).
func (x *fetchSession) preferredReplica(p *Partition, t *fetchTarget) kafka.BrokerID {
	if x.reader.rack == "" || p.role != roleLeader || x.rs.cfg.Rack == x.reader.rack {
		return kafka.NoBroker
	}
	var best *follower
	for _, f := range p.followers {
		from := kafka.Offset(t.FetchOffset)
		if !slices.Contains(p.isr.committed, f.id) || f.logEnd < from || f.logStart > from {
			continue
		}
		rack, alive := x.rs.peers.Rack(f.id)
		if alive && rack == x.reader.rack && (best == nil || f.aheadOf(best)) {
			best = f
		}
	}
	if best == nil {
		return kafka.NoBroker
	}
	return best.id
}

// aheadOf orders replicas by how far they are, then by when they had all, then by id
// (ReplicaView.comparator, 3.9).
func (f *follower) aheadOf(g *follower) bool {
	switch {
	case f.logEnd != g.logEnd:
		return f.logEnd > g.logEnd
	case f.caughtUpAt() != g.caughtUpAt():
		return f.caughtUpAt() > g.caughtUpAt()
	default:
		return f.id > g.id
	}
}
