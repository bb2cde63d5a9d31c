package broker

import (
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// producerIDBlock is how many producer ids a broker claims at a time (ProducerIdsBlock.
// PRODUCER_ID_BLOCK_SIZE, 3.9).
const producerIDBlock = 1000

// producerIDs gives out producer ids, none twice in the whole cluster: each broker claims blocks of
// them in ZooKeeper by a conditional write (ZkProducerIdManager, 3.9).
type producerIDs struct {
	next, last int64 // of the block; next is above last when it is used up
	// waiting are the requests for which a block is being claimed.
	waiting []func(out *model.Effects, id int64)
}

func newProducerIDs() producerIDs { return producerIDs{next: 0, last: -1} }

// nextProducerID calls done with a fresh id, at once if the block has one left.
func (b *Broker) nextProducerID(out *model.Effects,
	done func(out *model.Effects, id int64),
) {
	ids := &b.producerIDs
	if ids.next <= ids.last {
		ids.next++
		done(out, ids.next-1)
		return
	}
	ids.waiting = append(ids.waiting, done)
	if len(ids.waiting) == 1 {
		b.claimProducerIDs(out)
	}
}

// claimProducerIDs reads the last block that anybody claimed and writes the next one, unless
// another was faster; then it begins anew.
func (b *Broker) claimProducerIDs(out *model.Effects) {
	b.session.Get(out, znode.ProducerIDBlockPath, false,
		func(out *model.Effects, r zookeeper.Result) {
			if r.Err != zookeeper.ErrNone {
				b.claimLater(out, r.Err)
				return
			}
			before, err := znode.ProducerIDBlock{Last: -1}, error(nil)
			if len(r.Data) > 0 { // else nobody has claimed any yet
				before, err = znode.DecodeProducerIDBlock(r.Data)
			}
			if err != nil {
				b.refuseProducerIDs(out) // somebody has ruined the node
				return
			}
			mine := znode.ProducerIDBlock{
				Broker: b.cfg.ID, Start: before.Last + 1, Last: before.Last + producerIDBlock,
			}
			b.writeProducerIDs(out, mine, r.Stat.Version)
		})
}

func (b *Broker) writeProducerIDs(out *model.Effects, mine znode.ProducerIDBlock,
	version int32,
) {
	data := znode.EncodeProducerIDBlock(mine)
	b.session.Set(out, znode.ProducerIDBlockPath, data, version,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone:
				b.producerIDs.next, b.producerIDs.last = mine.Start, mine.Last
				b.serveProducerIDs(out)
			case zookeeper.ErrBadVersion:
				b.claimProducerIDs(out)
			default:
				// It may have been written: a block that nobody uses costs nothing.
				b.claimLater(out, r.Err)
			}
		})
}

// claimLater tries again when ZooKeeper can be reached, and gives up on anything else.
func (b *Broker) claimLater(out *model.Effects, err zookeeper.Code) {
	if err == zookeeper.ErrConnectionLoss || err == zookeeper.ErrSessionExpired {
		b.session.OnceConnected(b.claimProducerIDs)
		return
	}
	b.refuseProducerIDs(out)
}

// serveProducerIDs gives those who wait an id each, as far as the block goes.
func (b *Broker) serveProducerIDs(out *model.Effects) {
	waiting := b.producerIDs.waiting
	b.producerIDs.waiting = nil
	for _, done := range waiting {
		b.nextProducerID(out, done)
	}
}

// refuseProducerIDs tells those who wait that there are no ids: −1.
func (b *Broker) refuseProducerIDs(out *model.Effects) {
	waiting := b.producerIDs.waiting
	b.producerIDs.waiting = nil
	for _, done := range waiting {
		done(out, -1)
	}
}
