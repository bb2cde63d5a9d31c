package replica

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// isrState is the in-sync replicas as their leader knows them.
type isrState struct {
	committed []kafka.BrokerID // what ZooKeeper holds, sorted
	// pending is what the leader has asked for, while it is not known what became of it; else nil.
	pending []kafka.BrokerID
	version int32 // of the partition's state node, which Kafka calls the partition epoch
}

// has tells whether id is in the committed ISR.
func (s isrState) has(id kafka.BrokerID) bool { return slices.Contains(s.committed, id) }

// inMaximal tells whether id counts for the high watermark: the maximal ISR is the union of the
// committed and the pending one, so neither outcome of a change in flight can lose a record
// (KIP-497).
func (s isrState) inMaximal(id kafka.BrokerID) bool {
	return slices.Contains(s.committed, id) || slices.Contains(s.pending, id)
}

// maximalSize counts the maximal ISR.
func (s isrState) maximalSize() int { return max(len(s.committed), len(s.pending)) }

// onFollowerFetch takes note that follower id asked for offset from, so it has everything below
// (Partition.updateFollowerFetchState, 3.9).
func (p *Partition) onFollowerFetch(out *model.Effects, id kafka.BrokerID,
	from kafka.Offset,
) {
	f := p.follower(id)
	if f == nil {
		return
	}
	f.detach(f.piggybacks)
	leaderEnd := p.log.LogEnd()
	switch {
	case from >= leaderEnd:
		f.lastCaughtUp = max(f.lastCaughtUp, out.Wall)
	case from >= f.leaderEndThen:
		// It trails, but has all that there was at its last fetch: it was caught up then.
		f.lastCaughtUp = max(f.lastCaughtUp, f.lastFetch)
	}
	moved := from != f.logEnd
	idle := !moved && from >= leaderEnd && slices.Contains(p.isr.committed, id)
	f.logEnd, f.lastFetch, f.leaderEndThen = from, out.Wall, leaderEnd
	if idle {
		return // the usual case of a partition without traffic
	}
	p.maybeExpandISR(out, f)
	if moved {
		p.maybeAdvanceHighWatermark(out)
	}
}

// caughtUp is Kafka's rule (ReplicaState.isCaughtUp, 3.9): at the leader's log end, or there at
// some time within replica.lag.time.max.ms. Kafka takes both times from the wall clock
// (Time.milliseconds in Partition.getOutOfSyncReplicas), so that a step of it empties the ISR.
func (p *Partition) caughtUp(now model.Time, f *follower) bool {
	return f.logEnd == p.log.LogEnd() || now.Sub(f.caughtUpAt()) <= p.rs.cfg.ReplicaLagTimeMax
}

// maybeExpandISR adds f when it has reached the high watermark and the start of the leader's epoch.
// Without the second condition a follower could join with records of an epoch that the leader is
// yet to make it truncate (KIP-320).
func (p *Partition) maybeExpandISR(out *model.Effects, f *follower) {
	if p.isr.pending != nil || p.isr.inMaximal(f.id) {
		return
	}
	if f.logEnd < p.highWatermark || !p.rs.alive(f.id) ||
		f.logEnd < p.epochStart && p.rs.rules.atElection {
		return
	}
	p.changeISR(out, append(slices.Clone(p.isr.committed), f.id))
}

// maybeShrinkISR drops every member that is not caught up.
func (p *Partition) maybeShrinkISR(out *model.Effects) {
	if p.role != roleLeader || p.isr.pending != nil {
		return
	}
	keep := slices.DeleteFunc(slices.Clone(p.isr.committed), func(id kafka.BrokerID) bool {
		f := p.follower(id)
		return id != p.rs.cfg.ID && (f == nil || !p.caughtUp(out.Wall, f))
	})
	if len(keep) < len(p.isr.committed) {
		p.changeISR(out, keep)
	}
}

func (p *Partition) changeISR(out *model.Effects, isr []kafka.BrokerID) {
	slices.Sort(isr)
	p.isr.pending = isr
	p.rs.isrStore.write(out, p)
}

// onISRChanged ends a change with what is written down now; version is that of the state node.
func (p *Partition) onISRChanged(out *model.Effects, isr []kafka.BrokerID,
	version int32,
) {
	kind := kafka.ISRShrunk
	if len(isr) > len(p.isr.committed) {
		kind = kafka.ISRExpanded
		p.rs.meters.isrExpands++
	} else {
		p.rs.meters.isrShrinks++
	}
	p.isr = isrState{committed: isr, version: version}
	p.touch()
	kafka.AddNote(out, kafka.Note{
		Kind: kind, Topic: p.tp.Topic, Partition: p.tp.Partition, Epoch: p.leaderEpoch,
		Brokers: slices.Clone(p.isr.committed),
	})
	p.maybeAdvanceHighWatermark(out)
	p.completeProduces(out)
}

// minISR is how many in-sync replicas a write with acks=all needs: never more than there are
// replicas.
func (p *Partition) minISR() int { return min(int(p.cfg.MinInSyncReplicas), len(p.replicas)) }

// maybeAdvanceHighWatermark raises the watermark to what every replica holds that is in the maximal
// ISR or about to join it (Partition.maybeIncrementLeaderHW, 3.9). It does not move while the ISR
// is smaller than min.insync.replicas (KAFKA-15583).
func (p *Partition) maybeAdvanceHighWatermark(out *model.Effects) {
	hw := p.flushedEnd()
	if p.role == roleLeader && len(p.isr.committed) >= p.minISR() {
		for _, f := range p.followers {
			if f.logEnd < hw && (p.isr.inMaximal(f.id) || p.mayJoin(out.Wall, f)) {
				hw = f.logEnd
			}
		}
		if hw > p.highWatermark {
			p.setHighWatermark(out, hw)
			p.completeProduces(out)
		}
	}
	p.completeFetches(out)
}

// mayJoin is true of a replica outside the ISR that keeps up, so that waiting for it lets it in.
func (p *Partition) mayJoin(now model.Time, f *follower) bool {
	return p.caughtUp(now, f) && p.rs.alive(f.id)
}

func (rs *Set) onISRTimer(out *model.Effects) {
	for _, p := range rs.ordered {
		p.maybeShrinkISR(out)
	}
	rs.armISR(out)
}

func (rs *Set) armISR(out *model.Effects) {
	out.SetTimer(model.Timer{Kind: rs.timers.ISR}, out.Now.Add(rs.cfg.ReplicaLagTimeMax/2))
}
