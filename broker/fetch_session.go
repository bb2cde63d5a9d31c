package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// maxFetchSessions is max.incremental.fetch.session.cache.slots.
const maxFetchSessions = 1000

// Epochs of a fetch session that mean something else (FetchMetadata, 3.9).
const (
	initialEpoch = 0  // asks for a session
	finalEpoch   = -1 // asks for none, and ends the one named
)

// fetchSession is what a client fetches, so that its requests need to name only what has changed,
// and the answers only what is new (KIP-227).
type fetchSession struct {
	id       int32
	epoch    int32          // that the next request must carry
	targets  []*fetchTarget // by topic and partition
	lastUsed model.Time
}

// fetchSessions holds the sessions of all clients.
type fetchSessions struct {
	byID   map[int32]*fetchSession
	nextID int32
}

// begin gives d its targets: those of its session as the request changes it, or those of the
// request.
func (s *fetchSessions) begin(now model.Time, d *delayedFetch, req *kmsg.FetchRequest) wire.Code {
	d.full = req.SessionEpoch == initialEpoch || req.SessionEpoch == finalEpoch
	if d.full {
		delete(s.byID, req.SessionID)
		d.targets = requestTargets(req)
		if req.SessionEpoch == initialEpoch && len(d.targets) > 0 {
			d.session = s.create(now, d.targets)
		}
		return wire.None
	}
	x := s.byID[req.SessionID]
	switch {
	case x == nil:
		return wire.FetchSessionIDNotFound
	case x.epoch != req.SessionEpoch:
		return wire.InvalidFetchSessionEpoch
	}
	x.update(req)
	x.lastUsed = now
	if x.epoch++; x.epoch <= 0 {
		x.epoch = 1
	}
	d.session, d.targets = x, x.targets
	return wire.None
}

func requestTargets(req *kmsg.FetchRequest) []*fetchTarget {
	var targets []*fetchTarget
	for i := range req.Topics {
		t := &req.Topics[i]
		for j := range t.Partitions {
			targets = append(targets, newFetchTarget(t.Topic, &t.Partitions[j]))
		}
	}
	return targets
}

func newFetchTarget(topic string, part *kmsg.FetchRequestTopicPartition) *fetchTarget {
	return &fetchTarget{
		tp:                         model.TopicPartition{Topic: topic, Partition: part.Partition},
		FetchRequestTopicPartition: *part, highWatermark: -1, logStart: -1,
	}
}

// create makes a session; the one that was not used for longest makes room when there are too many.
func (s *fetchSessions) create(now model.Time, targets []*fetchTarget) *fetchSession {
	if len(s.byID) >= maxFetchSessions {
		var oldest *fetchSession
		for _, x := range s.byID { //unordered: the choice is by time, then by id
			if oldest == nil || x.lastUsed < oldest.lastUsed ||
				x.lastUsed == oldest.lastUsed && x.id < oldest.id {
				oldest = x
			}
		}
		delete(s.byID, oldest.id)
	}
	s.nextID++
	x := &fetchSession{
		id:       s.nextID,
		epoch:    initialEpoch + 1,
		targets:  slices.Clone(targets),
		lastUsed: now,
	}
	slices.SortFunc(x.targets, func(a, b *fetchTarget) int { return a.tp.Compare(b.tp) })
	s.byID[x.id] = x
	return x
}

// update changes the session's partitions as a request says. The list is replaced, not changed: an
// older fetch of the session may still wait with it.
func (x *fetchSession) update(req *kmsg.FetchRequest) {
	for i := range req.Topics {
		t := &req.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			at, found := x.find(model.TopicPartition{Topic: t.Topic, Partition: part.Partition})
			if found {
				x.targets[at].rename(part)
				continue
			}
			x.targets = slices.Insert(slices.Clone(x.targets), at, newFetchTarget(t.Topic, part))
		}
	}
	for i := range req.ForgottenTopics {
		t := &req.ForgottenTopics[i]
		for _, n := range t.Partitions {
			if at, found := x.find(model.TopicPartition{Topic: t.Topic, Partition: n}); found {
				x.targets = slices.Delete(slices.Clone(x.targets), at, at+1)
			}
		}
	}
}

// rename takes over what a request says of a partition that the session has already. A client that
// comes with another leader epoch threw away the answer that was on its way when the epoch changed
// (KAFKA-18723), so nothing that it was told counts. Kafka 3.9 keeps it, and such a follower learns
// of a high watermark that the answer carried only with the next record.
func (t *fetchTarget) rename(part *kmsg.FetchRequestTopicPartition) {
	if t.CurrentLeaderEpoch != part.CurrentLeaderEpoch {
		t.highWatermark, t.logStart = -1, -1
	}
	t.FetchRequestTopicPartition = *part
}

func (x *fetchSession) find(tp model.TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(x.targets, tp, func(t *fetchTarget, tp model.TopicPartition) int {
		return t.tp.Compare(tp)
	})
}
