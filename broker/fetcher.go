package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// fetchState is where a fetcher stands with one partition.
type fetchState uint8

const (
	fetching  fetchState = iota // in every request
	resetting                   // its offset is out of the leader's range: ListOffsets is out
	backedOff                   // not before retryAt
	fenced                      // the leader has a newer epoch: wait for the controller's word
)

// fetched is one partition that a fetcher copies.
type fetched struct {
	p       *Partition
	state   fetchState
	retryAt model.Time
	// asked is what the leader was last told of the partition; false in known when it knows nothing.
	asked fetchKey
	known bool
}

// fetcher copies, from one leader, every partition that this broker follows there. One request is
// out at a time, as with num.replica.fetchers=1 (AbstractFetcherThread, 3.9).
type fetcher struct {
	b      *Broker
	leader model.BrokerID
	parts  []*fetched // by topic and partition
	busy   bool       // a request is out
	// The fetch session with the leader (KIP-227): sessionEpoch is that of the next request, 0 for a
	// full one that asks for a session.
	sessionID, sessionEpoch int32
	forgotten               []model.TopicPartition // in the session, but not to be fetched any more
	// retryAt is when a leader that could not be reached is tried again.
	retryAt model.Time
	armed   model.Time
}

// follow makes the fetcher of p's leader copy p, and no other fetcher.
func (b *Broker) follow(now model.Time, out *model.Effects, p *Partition) {
	b.unfollow(p)
	if p.leader == model.NoBroker || p.leader == b.cfg.ID {
		return
	}
	f := b.fetcher(p.leader)
	at, _ := slices.BinarySearchFunc(f.parts, p.tp, func(x *fetched, tp model.TopicPartition) int {
		return x.p.tp.Compare(tp)
	})
	f.parts = slices.Insert(f.parts, at, &fetched{p: p})
	f.fetch(now, out)
}

func (b *Broker) unfollow(p *Partition) {
	for _, f := range b.fetchers {
		f.parts = slices.DeleteFunc(f.parts, func(x *fetched) bool {
			if x.p == p && x.known {
				f.forgotten = append(f.forgotten, p.tp)
			}
			return x.p == p
		})
	}
}

func (b *Broker) fetcher(leader model.BrokerID) *fetcher {
	at, found := slices.BinarySearchFunc(b.fetchers, leader, func(f *fetcher, id model.BrokerID) int {
		return int(f.leader - id)
	})
	if !found {
		b.fetchers = slices.Insert(b.fetchers, at, &fetcher{b: b, leader: leader, armed: model.Never})
	}
	return b.fetchers[at]
}

func (b *Broker) onFetcherTimer(now model.Time, out *model.Effects, leader model.BrokerID) {
	f := b.fetcher(leader)
	f.armed = model.Never
	f.fetch(now, out)
}

// fetch sends the next request, unless one is out or there is nothing to ask for yet.
func (f *fetcher) fetch(now model.Time, out *model.Effects) {
	if f.busy || len(f.parts) == 0 || f.b.flushes.holding > 0 {
		return
	}
	addr, known := f.b.metadata.address(f.leader)
	if !known || now < f.retryAt {
		f.wake(out, max(f.retryAt, now.Add(f.b.cfg.ReplicaFetchBackoff)))
		return
	}
	next, some := model.Never, false
	for _, x := range f.parts {
		if x.state == backedOff && now >= x.retryAt {
			x.state = fetching
		}
		switch x.state {
		case fetching:
			some = true
		case backedOff:
			next = min(next, x.retryAt)
		}
	}
	if !some {
		f.wake(out, next)
		return
	}
	req := f.request()
	f.busy = true
	f.b.fetchLinks.To(addr).Send(now, out, req, f.b.cfg.ReplicaSocketTimeout, f.onFetched)
}

func (f *fetcher) wake(out *model.Effects, at model.Time) {
	if at < f.armed {
		f.armed = at
		out.SetTimer(model.Timer{Kind: timerFetcher, ID: uint64(f.leader)}, at)
	}
}

// request names each partition whose state the leader does not know yet: from which offset to read,
// and the epochs that let the leader fence it and find where the logs part.
func (f *fetcher) request() *kmsg.FetchRequest {
	cfg := &f.b.cfg
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12)
	req.ReplicaID = int32(cfg.ID)
	req.MaxWaitMillis = int32(cfg.ReplicaFetchWaitMax.Milliseconds())
	req.MinBytes, req.MaxBytes = cfg.ReplicaFetchMinBytes, cfg.ReplicaFetchResponseMax
	req.SessionID, req.SessionEpoch = f.sessionID, f.sessionEpoch
	for _, x := range f.parts {
		if x.state != fetching {
			if x.known {
				x.known = false
				f.forgotten = append(f.forgotten, x.p.tp)
			}
			continue
		}
		key := x.p.fetchKey()
		if x.known && x.asked == key && f.sessionEpoch != initialEpoch {
			continue
		}
		x.asked, x.known = key, true
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition, part.CurrentLeaderEpoch = x.p.tp.Partition, key.epoch
		part.FetchOffset, part.LastFetchedEpoch, part.LogStartOffset =
			key.offset, key.lastEpoch, key.logStart
		part.PartitionMaxBytes = cfg.ReplicaFetchMaxBytes
		addFetch(req, x.p.tp.Topic, part)
	}
	f.forget(req)
	return req
}

// fetchKey is the part of a FetchRequestTopicPartition that can change.
type fetchKey struct {
	offset, logStart int64
	epoch, lastEpoch int32
}

func (p *Partition) fetchKey() fetchKey {
	return fetchKey{
		offset: int64(p.log.LogEnd()), logStart: int64(p.log.LogStart()), epoch: int32(p.leaderEpoch),
		lastEpoch: int32(p.log.LatestEpoch()),
	}
}

func addFetch(req *kmsg.FetchRequest, topic string, part kmsg.FetchRequestTopicPartition) {
	if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != topic {
		t := kmsg.NewFetchRequestTopic()
		t.Topic = topic
		req.Topics = append(req.Topics, t)
	}
	t := &req.Topics[len(req.Topics)-1]
	t.Partitions = append(t.Partitions, part)
}

// forget takes out of the session what is not fetched any more, unless the request names it again.
func (f *fetcher) forget(req *kmsg.FetchRequest) {
	for _, tp := range f.forgotten {
		if f.sessionEpoch == initialEpoch || f.find(tp) != nil && f.find(tp).known {
			continue
		}
		t := kmsg.NewFetchRequestForgottenTopic()
		t.Topic, t.Partitions = tp.Topic, []int32{tp.Partition}
		req.ForgottenTopics = append(req.ForgottenTopics, t)
	}
	f.forgotten = nil
}

func (f *fetcher) find(tp model.TopicPartition) *fetched {
	at, found := slices.BinarySearchFunc(f.parts, tp, func(x *fetched, tp model.TopicPartition) int {
		return x.p.tp.Compare(tp)
	})
	if !found {
		return nil
	}
	return f.parts[at]
}

func (f *fetcher) onFetched(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
	f.busy = false
	if err != nil {
		f.resetSession()
		f.retryAt = now.Add(f.b.cfg.ReplicaFetchBackoff)
		f.fetch(now, out)
		return
	}
	answer := resp.(*kmsg.FetchResponse)
	if answer.ErrorCode != 0 {
		f.resetSession() // the leader has forgotten the session, or lost count
		f.fetch(now, out)
		return
	}
	f.sessionID = answer.SessionID
	if f.sessionEpoch++; f.sessionID == 0 || f.sessionEpoch <= 0 {
		f.resetSession()
	}
	for i := range answer.Topics {
		t := &answer.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			x := f.find(model.TopicPartition{Topic: t.Topic, Partition: part.Partition})
			if x != nil && x.current() {
				f.take(now, out, x, part)
			}
		}
	}
	f.fetch(now, out)
}

// resetSession has the next request be a full one.
func (f *fetcher) resetSession() { f.sessionID, f.sessionEpoch = 0, initialEpoch }

// current tells whether an answer still fits: neither the epoch nor the log's end have changed
// since it was asked for (AbstractFetcherThread.processFetchRequest, 3.9).
func (x *fetched) current() bool {
	return x.state == fetching && x.known && x.asked.epoch == int32(x.p.leaderEpoch) &&
		x.asked.offset == int64(x.p.log.LogEnd())
}

// take handles the answer for one partition.
func (f *fetcher) take(now model.Time, out *model.Effects, x *fetched,
	part *kmsg.FetchResponseTopicPartition,
) {
	switch wire.Code(part.ErrorCode) {
	case wire.None:
		f.takeRecords(now, out, x, part)
	case wire.OffsetOutOfRange:
		f.resetOffset(now, out, x)
	case wire.FencedLeaderEpoch:
		x.state = fenced
	default:
		f.backOff(now, x)
	}
}

func (f *fetcher) backOff(now model.Time, x *fetched) {
	x.state, x.retryAt = backedOff, now.Add(f.b.cfg.ReplicaFetchBackoff)
}

func (f *fetcher) takeRecords(now model.Time, out *model.Effects, x *fetched,
	part *kmsg.FetchResponseTopicPartition,
) {
	p := x.p
	if part.DivergingEpoch.EndOffset >= 0 {
		end := epochEnd{
			model.Epoch(part.DivergingEpoch.Epoch),
			model.Offset(part.DivergingEpoch.EndOffset),
		}
		if err := p.truncateOnDivergence(out, end); err != nil {
			f.backOff(now, x)
		}
		return
	}
	if len(part.RecordBatches) > 0 {
		if err := p.appendAsFollower(now, out, part.RecordBatches); err != nil {
			f.backOff(now, x)
			return
		}
	}
	p.setFollowerHighWatermark(out, model.Offset(part.HighWatermark))
	p.takeLeaderLogStart(now, out, model.Offset(part.LogStartOffset))
	p.completeFetches(now, out)
}

// truncateOnDivergence cuts the log back to where it may agree with the leader's, whose largest
// epoch not above ours ends at leaders (AbstractFetcherThread.getOffsetTruncationState, 3.9). Where
// this log does not know that epoch either, it cuts to the end of the largest below it and asks
// again (KIP-279).
func (p *Partition) truncateOnDivergence(out *model.Effects, leaders epochEnd) error {
	epoch, ours := p.log.EndOffsetFor(leaders.Epoch)
	end := min(leaders.EndOffset, p.log.LogEnd())
	switch {
	case ours < 0:
		// Nothing here is as old as that epoch: the leader's word stands.
	case epoch != leaders.Epoch:
		end = min(ours, p.log.LogEnd())
	default:
		end = min(leaders.EndOffset, ours, p.log.LogEnd())
	}
	return p.truncateTo(out, max(end, p.log.LogStart()), "diverging epoch")
}

// resetOffset handles a log end that the leader does not have. If the leader ends before it, an
// unclean election happened and the log is cut to the leader's end; if the leader starts after it,
// everything is dropped (AbstractFetcherThread.fetchOffsetAndTruncate, 3.9).
func (f *fetcher) resetOffset(now model.Time, out *model.Effects, x *fetched) {
	x.state = resetting
	f.listOffset(now, out, x, -1, func(now model.Time, out *model.Effects, end model.Offset) {
		if end < x.p.log.LogEnd() {
			f.resume(now, out, x, x.p.truncateTo(out, end, "leader's log is shorter"))
			return
		}
		f.listOffset(now, out, x, -2, func(now model.Time, out *model.Effects, start model.Offset) {
			var err error
			if start > x.p.log.LogEnd() {
				err = x.p.restartAt(out, start)
			}
			f.resume(now, out, x, err)
		})
	})
}

func (f *fetcher) resume(now model.Time, out *model.Effects, x *fetched, err error) {
	x.state = fetching
	if err != nil {
		f.backOff(now, x)
	}
	f.fetch(now, out)
}

// restartAt empties the log, which goes on at start.
func (p *Partition) restartAt(out *model.Effects, start model.Offset) error {
	if err := p.log.TruncateFullyAndStartAt(start); err != nil {
		return err
	}
	p.onTruncated(out)
	out.Note(model.Note{
		Kind: model.LogTruncated, Topic: p.tp.Topic, Partition: p.tp.Partition, Epoch: p.leaderEpoch,
		Offset: start, Text: "leader's log starts later",
	})
	p.setHighWatermark(out, start)
	return nil
}

// listOffset asks the leader for its log end (timestamp −1) or its log start (−2).
func (f *fetcher) listOffset(now model.Time, out *model.Effects, x *fetched, timestamp int64,
	done func(model.Time, *model.Effects, model.Offset),
) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.SetVersion(5)
	req.ReplicaID = int32(f.b.cfg.ID)
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = x.p.tp.Topic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.CurrentLeaderEpoch = x.p.tp.Partition, int32(x.p.leaderEpoch)
	part.Timestamp = timestamp
	t.Partitions = append(t.Partitions, part)
	req.Topics = append(req.Topics, t)
	epoch := x.p.leaderEpoch
	addr, _ := f.b.metadata.address(f.leader)
	f.b.fetchLinks.To(addr).Send(now, out, req, f.b.cfg.ReplicaSocketTimeout,
		func(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
			if f.find(x.p.tp) != x || x.state != resetting || x.p.leaderEpoch != epoch {
				return // it follows another, or is deleted
			}
			offset, ok := listedOffset(resp, err)
			if !ok {
				f.backOff(now, x)
				f.fetch(now, out)
				return
			}
			done(now, out, offset)
		})
}

func listedOffset(resp kmsg.Response, err error) (model.Offset, bool) {
	if err != nil {
		return 0, false
	}
	answer := resp.(*kmsg.ListOffsetsResponse)
	if len(answer.Topics) != 1 || len(answer.Topics[0].Partitions) != 1 {
		return 0, false
	}
	part := answer.Topics[0].Partitions[0]
	return model.Offset(part.Offset), wire.Code(part.ErrorCode) == wire.None
}
