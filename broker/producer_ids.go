package broker

import (
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// producerIDBlock is how many producer ids a broker claims at a time (ProducerIdsBlock.
// PRODUCER_ID_BLOCK_SIZE, 3.9).
const producerIDBlock = 1000

// producerIDs gives out producer ids, none twice in the whole cluster: each broker claims blocks of
// them in ZooKeeper by a conditional write (ZkProducerIdManager, 3.9).
type producerIDs struct {
	broker     kafka.BrokerID
	session    *session
	next, last int64 // of the block; next is above last when it is used up
	// waiting are the requests for which a block is being claimed.
	waiting []func(out *model.Effects, id int64)
}

// draw calls done with a fresh id, at once if the block has one left.
func (ids *producerIDs) draw(out *model.Effects,
	done func(out *model.Effects, id int64),
) {
	if ids.next <= ids.last {
		ids.next++
		done(out, ids.next-1)
		return
	}
	ids.waiting = append(ids.waiting, done)
	if len(ids.waiting) == 1 {
		ids.claim(out)
	}
}

// claim reads the last block that anybody claimed and writes the next one, unless
// another was faster; then it begins anew.
func (ids *producerIDs) claim(out *model.Effects) {
	ids.session.Get(out, znode.ProducerIDBlockPath, false,
		func(out *model.Effects, r zookeeper.Result) {
			if r.Err != zookeeper.ErrNone {
				ids.claimLater(out, r.Err)
				return
			}
			before, err := znode.ProducerIDBlock{Last: -1}, error(nil)
			if len(r.Data) > 0 { // else nobody has claimed any yet
				before, err = znode.DecodeProducerIDBlock(r.Data)
			}
			if err != nil {
				ids.refuse(out) // somebody has ruined the node
				return
			}
			mine := znode.ProducerIDBlock{
				Broker: ids.broker, Start: before.Last + 1, Last: before.Last + producerIDBlock,
			}
			ids.write(out, mine, r.Stat.Version)
		})
}

func (ids *producerIDs) write(out *model.Effects, mine znode.ProducerIDBlock,
	version int32,
) {
	data := znode.EncodeProducerIDBlock(mine)
	ids.session.Set(out, znode.ProducerIDBlockPath, data, version,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrNone:
				ids.next, ids.last = mine.Start, mine.Last
				ids.serve(out)
			case zookeeper.ErrBadVersion:
				ids.claim(out)
			default:
				// It may have been written: a block that nobody uses costs nothing.
				ids.claimLater(out, r.Err)
			}
		})
}

// claimLater tries again when ZooKeeper can be reached, and gives up on anything else.
func (ids *producerIDs) claimLater(out *model.Effects, err zookeeper.Code) {
	if err == zookeeper.ErrConnectionLoss || err == zookeeper.ErrSessionExpired {
		ids.session.OnceConnected(ids.claim)
		return
	}
	ids.refuse(out)
}

// serve gives those who wait an id each, as far as the block goes.
func (ids *producerIDs) serve(out *model.Effects) {
	waiting := ids.waiting
	ids.waiting = nil
	for _, done := range waiting {
		ids.draw(out, done)
	}
}

// refuse tells those who wait that there are no ids: −1.
func (ids *producerIDs) refuse(out *model.Effects) {
	waiting := ids.waiting
	ids.waiting = nil
	for _, done := range waiting {
		done(out, -1)
	}
}
