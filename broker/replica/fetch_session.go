package replica

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fetchSession is what a client fetches, so that its requests need to name only what has changed,
// and the answers only what is new (KIP-227). A Fetch without a session has one of its own.
//
// What a request costs depends on the partitions that it names and on those with news, not on how
// many the session has: a partition touches its targets when it changes, and only what was touched
// is looked at again.
type fetchSession struct {
	rs           *Set
	id           int32 // 0 for the targets of one request
	epoch        int32 // that the next request must carry
	usesTopicIDs bool
	open         bool // a request may still come; false for the targets of one request

	targets []*fetchTarget // in no order that matters
	// byKey is nil while there is one target: most sessions are of a consumer's one request.
	byKey  map[targetKey]*fetchTarget
	orders int64 // the last order that was handed out

	reader  fetchReader
	waiting *delayedFetch // that no answer was found for yet
	touched targetList
	hot     targetList // those with news, when last looked at
	moving  targetList // those whose progress the next fetch of the follower changes
	// Sums over the states of all targets.
	bytes, urgent, erroneous int

	// first and room are memory for a session of one target.
	first fetchTarget
	room  [3]*fetchTarget

	created, lastUsed model.Time
	// lastFetch is when its follower fetched last: the followers that piggyback on it fetched then
	// too.
	lastFetch model.Time
}

// targetList is targets to be looked at, which others join meanwhile.
type targetList struct{ list, spare []*fetchTarget }

func (l *targetList) add(t *fetchTarget) { l.list = append(l.list, t) }

// take returns what is in the list, which is empty then.
func (l *targetList) take() (taken []*fetchTarget) {
	taken, l.list, l.spare = l.list, l.spare[:0], nil
	return taken
}

// done gives back the memory of what was taken.
func (l *targetList) done(taken []*fetchTarget) {
	clear(taken)
	l.spare = taken[:0]
}

// fetchReader is whoever reads through a session; how a target stands depends on it.
type fetchReader struct {
	replica    int32 // −1 for a consumer
	anyReplica bool  // a consumer that may read from a follower
	rack       string
	// racks is the version of the cluster's metadata, where the rack matters.
	racks int64
}

func (rs *Set) fetchReader(req *kmsg.FetchRequest) fetchReader {
	reader := fetchReader{replica: max(req.ReplicaID, -1)}
	if req.Version >= 15 { // KIP-903
		reader.replica = max(req.ReplicaState.ID, -1)
	}
	if reader.replica < 0 && req.Version >= 11 {
		reader.anyReplica = true
		if rs.cfg.ReplicaSelectorClass == config.RackAwareSelector && req.Rack != "" {
			reader.rack, reader.racks = req.Rack, rs.cluster.Version()
		}
	}
	return reader
}

// update changes the session's partitions as a request says.
func (x *fetchSession) update(req *kmsg.FetchRequest) {
	for i := range req.Topics {
		t := &req.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			if old := x.find(newTargetKey(t.TopicID, t.Topic, part.Partition)); old != nil {
				old.rename(part)
			} else {
				x.add(t, part)
			}
		}
	}
	for i := range req.ForgottenTopics {
		t := &req.ForgottenTopics[i]
		for _, n := range t.Partitions {
			if old := x.find(newTargetKey(t.TopicID, t.Topic, n)); old != nil {
				x.forget(old)
			}
		}
	}
}

// find is the target of that key, nil for none.
func (x *fetchSession) find(key targetKey) *fetchTarget {
	if x.byKey != nil || len(x.targets) == 0 {
		return x.byKey[key]
	}
	if t := x.targets[0]; t.key() == key {
		return t
	}
	return nil
}

func (x *fetchSession) add(topic *kmsg.FetchRequestTopic, part *kmsg.FetchRequestTopicPartition) {
	t := new(fetchTarget)
	if x.orders == 0 { // the first one that there ever is
		t = &x.first
	}
	*t = fetchTarget{
		session: x, topicID: topic.TopicID, FetchRequestTopicPartition: *part,
		tp: kafka.TopicPartition{Topic: topic.Topic, Partition: part.Partition},
		at: len(x.targets), highWatermark: -1, logStart: -1,
	}
	x.targets = append(x.targets, t)
	switch {
	case x.byKey != nil:
		x.byKey[t.key()] = t
	case len(x.targets) > 1:
		x.byKey = make(map[targetKey]*fetchTarget, len(x.targets))
		for _, t := range x.targets {
			x.byKey[t.key()] = t
		}
	}
	x.toEnd(t)
	t.touch()
}

// toEnd has t be read after all others, so that a partition with much to read starves none
// (IncrementalFetchContext.PartitionIterator, 3.9).
func (x *fetchSession) toEnd(t *fetchTarget) {
	x.orders++
	t.order = x.orders
}

func (x *fetchSession) forget(t *fetchTarget) {
	t.touch() // what it was caught up with counts until now
	x.count(t.state, -1)
	t.watch(nil)
	delete(x.byKey, t.key())
	last := len(x.targets) - 1
	x.targets[t.at] = x.targets[last]
	x.targets[t.at].at = t.at
	x.targets[last] = nil
	x.targets = x.targets[:last]
	t.session = nil
}

// unwatch ends that partitions touch the session's targets.
func (x *fetchSession) unwatch() {
	for _, t := range x.targets {
		t.watch(nil)
	}
}

// close ends the session. A fetch of it that waits still gets its answer.
func (x *fetchSession) close() {
	x.open = false
	if x.waiting == nil {
		x.unwatch()
	}
}

// refresh looks at what was touched, at everything if another reads than before.
func (x *fetchSession) refresh() {
	touched := x.touched.take()
	for _, t := range touched {
		t.touched = false
		if t.session == x {
			x.evaluate(t)
		}
	}
	x.touched.done(touched)
}

// readBy sets who reads from now on.
func (x *fetchSession) readBy(reader fetchReader) {
	if x.reader != reader {
		for _, t := range x.targets {
			t.touch()
		}
		x.reader = reader
	}
}

// takeHot returns the targets that may have news, in the order in which to read them, those with an
// error that was plain from the request last. They are to be looked at again. The list is given
// back with hot.done.
func (x *fetchSession) takeHot() []*fetchTarget {
	hot := x.hot.take()
	n := 0
	for _, t := range hot {
		t.hot = false
		if t.session == x {
			hot[n] = t
			n++
			t.touch()
		}
	}
	clear(hot[n:])
	hot = hot[:n]
	slices.SortFunc(hot, func(a, b *fetchTarget) int {
		switch {
		case a.state.erroneous != b.state.erroneous && b.state.erroneous:
			return -1
		case a.state.erroneous != b.state.erroneous:
			return 1
		default:
			return int(a.order - b.order)
		}
	})
	return hot
}

// move has the next fetch of the session's follower take note of how far it is in t.
func (x *fetchSession) move(t *fetchTarget) {
	if x.reader.replica >= 0 && !t.moving {
		t.moving = true
		x.moving.add(t)
	}
}

// noteProgress takes from a replica's fetch how far its logs reach. One that is at the end of a log
// and in the ISR piggybacks on the session until something about the partition changes: each
// further fetch says the same.
func (x *fetchSession) noteProgress(out *model.Effects) {
	x.lastFetch = out.Wall
	moving := x.moving.take()
	for _, t := range moving {
		t.moving = false
		if t.session == x && !x.noteTarget(out, t) {
			x.move(t)
		}
	}
	x.moving.done(moving)
}

// noteTarget is noteProgress for one partition. A fetch that diverges or is fenced tells nothing.
// It is true when the follower piggybacks on the session from now on.
func (x *fetchSession) noteTarget(out *model.Effects, t *fetchTarget) bool {
	p, code := x.serve(t)
	from := kafka.Offset(t.FetchOffset)
	if code != wire.None || from < p.log.LogStart() || from > p.log.LogEnd() {
		return false
	}
	if _, agrees := p.divergence(t.LastFetchedEpoch, from); agrees != logsAgree {
		return false
	}
	id := kafka.BrokerID(x.reader.replica)
	p.onFollowerFetch(out, id, from)
	p.onFollowerLogStart(out, id, kafka.Offset(t.LogStartOffset))
	f := p.follower(id)
	if t.session != x || f == nil || p.role != roleLeader || f.logEnd != p.log.LogEnd() ||
		!slices.Contains(p.isr.committed, id) {
		return false
	}
	f.piggybacks, t.piggyback = x, f
	return true
}

// detach ends that the follower piggybacks on x: it fetched when x was last used.
func (f *follower) detach(x *fetchSession) {
	if f.piggybacks == x && x != nil {
		f.lastCaughtUp, f.lastFetch = f.caughtUpAt(), max(f.lastFetch, x.lastFetch)
		f.piggybacks = nil
	}
}

// caughtUpAt is the latest time at which it had everything that the leader had.
func (f *follower) caughtUpAt() model.Time {
	if f.piggybacks != nil {
		return max(f.lastCaughtUp, f.piggybacks.lastFetch)
	}
	return f.lastCaughtUp
}
