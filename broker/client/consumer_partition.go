package client

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// partitionState is where a consumer stands with a partition that it owns.
type partitionState uint8

const (
	awaitingCommitted partitionState = iota // the group's committed offset is to be asked for
	awaitingReset                           // an end of the log is to be asked for
	fetchable                               // the position is known
	stopped                                 // no position, and auto.offset.reset=none: a Seek helps
)

// ownedPartition is a partition that the consumer reads.
type ownedPartition struct {
	tp       model.TopicPartition
	state    partitionState
	asking   bool         // a request about its offset is out
	resetTo  model.Offset // LatestOffset or EarliestOffset
	position model.Offset // of the next record to deliver
	epoch    model.Epoch  // of the last record delivered
	moves    int          // counts the seeks: answers to what was asked before count no more

	retryAt  model.Time
	failures int
	inFetch  bool // part of a Fetch that is out, or of an answer that is not all delivered
	gone     bool // owned no more

	goal    model.Offset // of a FinalRead: the high watermark of the first answer
	reached bool
}

func (c *Consumer) partition(tp model.TopicPartition) *ownedPartition {
	at, found := slices.BinarySearchFunc(
		c.owned,
		tp,
		func(p *ownedPartition, tp model.TopicPartition) int {
			return p.tp.Compare(tp)
		},
	)
	if !found {
		return nil
	}
	return c.owned[at]
}

// take makes tps what the consumer owns.
func (c *Consumer) take(tps []model.TopicPartition) {
	tps = slices.Clone(tps)
	slices.SortFunc(tps, model.TopicPartition.Compare)
	c.owned = make([]*ownedPartition, 0, len(tps))
	for _, tp := range slices.Compact(tps) {
		c.meta.want(tp.Topic)
		c.owned = append(c.owned, &ownedPartition{
			tp: tp, position: model.NoOffset, epoch: model.NoEpoch, goal: model.NoOffset,
		})
	}
}

// fate is how partitions left a consumer.
type fate uint8

const (
	_       fate = iota
	revoked      // given up in good order
	lost         // somebody else may own them already
)

// drop gives up everything. Answers about it that are still to come are ignored.
func (c *Consumer) drop(how fate) {
	for _, p := range c.owned {
		p.gone = true
		switch log := c.rebalanceLog(); how {
		case revoked:
			log.Revoked = append(log.Revoked, p.tp.String())
		case lost:
			log.Lost = append(log.Lost, p.tp.String())
		}
	}
	c.owned = nil
}

func (c *Consumer) rebalanceLog() *model.RebalanceLog {
	if c.rebalance == nil {
		c.rebalance = &model.RebalanceLog{}
	}
	return c.rebalance
}

// ownedTPs is what the consumer owns, in order.
func (c *Consumer) ownedTPs() []model.TopicPartition {
	tps := make([]model.TopicPartition, len(c.owned))
	for i, p := range c.owned {
		tps[i] = p.tp
	}
	return tps
}

// seek sets the position, or asks for an end of the log.
func (p *ownedPartition) seek(to model.Offset) {
	p.moves++
	p.asking, p.epoch, p.failures, p.retryAt = false, model.NoEpoch, 0, 0
	if to < 0 {
		p.state, p.resetTo = awaitingReset, to
		return
	}
	p.state, p.position = fetchable, to
}

// reset lets auto.offset.reset decide where to begin.
func (c *Consumer) reset(out *model.Effects, p *ownedPartition) {
	switch c.cfg.AutoOffsetReset {
	case resetEarliest:
		p.seek(EarliestOffset)
	case resetLatest:
		p.seek(LatestOffset)
	default:
		p.state = stopped
		code := wire.OffsetOutOfRange.String()
		if p.position == model.NoOffset {
			code = "NO_OFFSET_FOR_PARTITION"
		}
		op := c.invoke(out, model.Op{F: model.FPoll, Value: []model.Mop{{F: model.FPoll}}})
		op.Error = code + " " + p.tp.String()
		c.complete(out, model.Fail, op)
	}
}

// retryLater keeps the partition from being asked about for a while.
func (c *Consumer) retryLater(now model.Time, p *ownedPartition) {
	p.failures++
	p.retryAt = now.Add(backoff(c.rand, c.cfg.RetryBackoff, c.cfg.RetryBackoffMax, p.failures))
}
