package client

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// partitionState is where a consumer stands with a partition that it owns.
type partitionState uint8

const (
	awaitingCommitted  partitionState = iota // the group's committed offset is to be asked for
	awaitingReset                            // an end of the log, or a time, is to be asked for
	awaitingValidation                       // a new leader is to be asked whether the position holds
	fetchable                                // the position is known
	stopped                                  // none, and auto.offset.reset=none: a Seek helps
)

// ownedPartition is a partition that the consumer reads.
type ownedPartition struct {
	tp       kafka.TopicPartition
	state    partitionState
	asking   bool         // a request about its offset is out
	resetTo  int64        // what ListOffsets is asked for: an end of the log, or a time in ms
	resetWhy string       // why auto.offset.reset applied, "" when it did not
	position kafka.Offset // of the next record to deliver
	epoch    kafka.Epoch  // of the last record delivered
	moves    int          // counts the seeks: answers to what was asked before count no more

	committedIn [16]byte // the topic's id when the committed offset was taken over

	// validFor is the leader by whose log the position was found to hold, or did not have to be.
	validFor partitionMetadata
	// preferred is the follower to fetch from, which the leader named, until preferredUntil
	// (KIP-392); NoBroker for the leader.
	preferred      kafka.BrokerID
	preferredUntil model.Time

	retryAt  model.Time
	failures int
	inFetch  bool // part of a Fetch that is out, or of an answer that is not all delivered
	gone     bool // owned no more

	goal    kafka.Offset // of a FinalRead: the high watermark of the first answer
	reached bool

	highWatermark kafka.Offset // of the last answer; NoOffset before the first
	atEnd         bool         // the application was told that the position has come to it
}

func (c *Consumer) partition(tp kafka.TopicPartition) *ownedPartition {
	at, found := slices.BinarySearchFunc(
		c.owned,
		tp,
		func(p *ownedPartition, tp kafka.TopicPartition) int {
			return p.tp.Compare(tp)
		},
	)
	if !found {
		return nil
	}
	return c.owned[at]
}

// take makes tps what the consumer owns.
func (c *Consumer) take(tps []kafka.TopicPartition) {
	tps = slices.Clone(tps)
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	c.owned = make([]*ownedPartition, 0, len(tps))
	for _, tp := range slices.Compact(tps) {
		c.meta.want(tp.Topic)
		c.owned = append(c.owned, &ownedPartition{
			tp: tp, position: kafka.NoOffset, epoch: kafka.NoEpoch, goal: kafka.NoOffset,
			highWatermark: kafka.NoOffset,
			validFor:      noLeader(), preferred: kafka.NoBroker,
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

func (c *Consumer) rebalanceLog() *kafka.RebalanceLog {
	if c.rebalance == nil {
		c.rebalance = &kafka.RebalanceLog{}
	}
	return c.rebalance
}

// ownedTPs is what the consumer owns, in order.
func (c *Consumer) ownedTPs() []kafka.TopicPartition {
	tps := make([]kafka.TopicPartition, len(c.owned))
	for i, p := range c.owned {
		tps[i] = p.tp
	}
	return tps
}

// seek sets the position, or asks for an end of the log.
func (p *ownedPartition) seek(to kafka.Offset) {
	if to < 0 {
		p.seekTime(int64(to))
		return
	}
	p.move()
	p.state, p.position = fetchable, to
}

// seekTime asks for the first record that is not older, in milliseconds, or for an end of the log.
func (p *ownedPartition) seekTime(millis int64) {
	p.move()
	p.state, p.resetTo = awaitingReset, millis
}

func (p *ownedPartition) move() {
	p.moves++
	p.asking, p.epoch, p.failures, p.retryAt, p.resetWhy = false, kafka.NoEpoch, 0, 0, ""
	p.highWatermark, p.atEnd = kafka.NoOffset, false
}

// Reasons for which auto.offset.reset applies to a partition that had a position, or might have.
const (
	nothingCommitted = "NO_OFFSET_FOR_PARTITION"
	offsetOutOfRange = "OFFSET_OUT_OF_RANGE"
	logTruncation    = "LOG_TRUNCATION"
)

// reset lets auto.offset.reset decide where to go on. With none the application gets an error,
// and the partition waits for a Seek.
func (c *Consumer) reset(out *model.Effects, p *ownedPartition, why string) {
	switch c.cfg.AutoOffsetReset {
	case resetEarliest:
		p.seek(EarliestOffset)
	case resetLatest:
		p.seek(LatestOffset)
	default:
		p.state = stopped
		op := c.invoke(out, kafka.Op{F: kafka.FPoll, Value: []kafka.Mop{{F: kafka.FPoll}}})
		op.Error = why + " " + p.tp.String()
		c.complete(out, kafka.Fail, op)
		return
	}
	p.resetWhy = why
}

// retryLater keeps the partition from being asked about for a while.
func (c *Consumer) retryLater(now model.Time, p *ownedPartition) {
	p.failures++
	p.retryAt = now.Add(backoff(c.rand, c.cfg.RetryBackoff, c.cfg.RetryBackoffMax, p.failures))
}
