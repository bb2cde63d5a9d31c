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
	sought   bool         // the application has asked for resetTo
	position kafka.Offset // of the next record to deliver
	epoch    kafka.Epoch  // of the last record delivered
	moves    int          // counts the seeks: answers to earlier questions are ignored

	committedIn [16]byte // the topic's id when the committed offset was adopted

	// validFor is the leader by whose log the position was found to hold, or did not have to be.
	validFor partitionMetadata
	// preferred is the follower to fetch from, which the leader named, until preferredUntil
	// (KIP-392); NoBroker for the leader.
	preferred      kafka.BrokerID
	preferredUntil model.Time

	retryAt  model.Time
	failures int
	inFetch  bool // part of a Fetch that is out, or of an answer that is not all delivered
	dropped  bool // no longer owned
	paused   bool // the application does not want its records now

	goal    kafka.Offset // of a FinalRead: the high watermark of the first answer
	reached bool

	highWatermark kafka.Offset // of the last answer; NoOffset before the first
	endNotified   bool         // the application knows that the position has reached it
}

// subscriptionState is which partitions a consumer owns and where it stands in each of them
// (SubscriptionState, 3.9).
type subscriptionState struct {
	owned   []*ownedPartition // in order
	policy  string            // auto.offset.reset
	meta    *clusterMetadata
	history *consumerHistory
}

// find is the partition if it is owned, and nil otherwise.
func (s *subscriptionState) find(tp kafka.TopicPartition) *ownedPartition {
	at, found := slices.BinarySearchFunc(
		s.owned,
		tp,
		func(p *ownedPartition, tp kafka.TopicPartition) int {
			return p.tp.Compare(tp)
		},
	)
	if !found {
		return nil
	}
	return s.owned[at]
}

// assign makes tps what the consumer owns.
func (s *subscriptionState) assign(tps []kafka.TopicPartition) {
	tps = slices.Clone(tps)
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	s.owned = make([]*ownedPartition, 0, len(tps))
	for _, tp := range slices.Compact(tps) {
		s.meta.track(tp.Topic)
		s.owned = append(s.owned, &ownedPartition{
			tp: tp, position: kafka.NoOffset, epoch: kafka.NoEpoch, goal: kafka.NoOffset,
			highWatermark: kafka.NoOffset,
			validFor:      noLeader(), preferred: kafka.NoBroker,
		})
	}
}

// fate is how partitions left a consumer.
type fate uint8

const (
	reassigned fate = iota // another Assign took their place
	revoked                // given up in good order
	lost                   // somebody else may own them already
)

// drop gives up everything. Answers about it that are still to come are ignored.
func (s *subscriptionState) drop(how fate) {
	for _, p := range s.owned {
		p.dropped = true
		s.history.droppedPartition(p.tp, how)
	}
	s.owned = nil
}

// tps is what the consumer owns, in order.
func (s *subscriptionState) tps() []kafka.TopicPartition {
	tps := make([]kafka.TopicPartition, len(s.owned))
	for i, p := range s.owned {
		tps[i] = p.tp
	}
	return tps
}

// Reasons for which auto.offset.reset applies to a partition that had a position, or might have.
const (
	nothingCommitted = "NO_OFFSET_FOR_PARTITION"
	offsetOutOfRange = "OFFSET_OUT_OF_RANGE"
	logTruncation    = "LOG_TRUNCATION"
)

// reset lets auto.offset.reset decide where to go on. With none the application gets an error,
// and the partition waits for a Seek.
func (s *subscriptionState) reset(out *model.Effects, p *ownedPartition, why string) {
	switch s.policy {
	case resetEarliest:
		p.seek(EarliestOffset)
	case resetLatest:
		p.seek(LatestOffset)
	default:
		p.state = stopped
		s.history.throw(out, why+" "+p.tp.String())
		return
	}
	p.resetWhy = why
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
	p.sought = false
	p.highWatermark, p.endNotified = kafka.NoOffset, false
}

// retryLater keeps the partition from being asked about for a while.
func (p *ownedPartition) retryLater(now model.Time, backoff retryBackoff) {
	p.failures++
	p.retryAt = backoff.after(now, p.failures)
}
