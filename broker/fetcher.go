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
}

// fetcher copies, from one leader, every partition that this broker follows there. One request is out
// at a time, as with num.replica.fetchers=1 (AbstractFetcherThread, 3.9).
type fetcher struct {
	b      *Broker
	leader model.BrokerID
	parts  []*fetched // by topic and partition
	busy   bool       // a request is out
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
		f.parts = slices.DeleteFunc(f.parts, func(x *fetched) bool { return x.p == p })
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
	if f.busy || len(f.parts) == 0 {
		return
	}
	addr, known := f.b.metadata.address(f.leader)
	if !known || now < f.retryAt {
		f.wake(out, max(f.retryAt, now.Add(f.b.cfg.ReplicaFetchBackoff)))
		return
	}
	next := model.Never
	var asked []*fetched
	for _, x := range f.parts {
		if x.state == backedOff && now >= x.retryAt {
			x.state = fetching
		}
		switch x.state {
		case fetching:
			asked = append(asked, x)
		case backedOff:
			next = min(next, x.retryAt)
		}
	}
	if len(asked) == 0 {
		f.wake(out, next)
		return
	}
	req := f.request(asked)
	f.busy = true
	f.b.fetchLinks.To(addr).Send(now, out, req, f.b.cfg.ReplicaSocketTimeout,
		func(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
			f.onFetched(now, out, req, resp, err)
		})
}

func (f *fetcher) wake(out *model.Effects, at model.Time) {
	if at < f.armed {
		f.armed = at
		out.SetTimer(model.Timer{Kind: timerFetcher, ID: uint64(f.leader)}, at)
	}
}

// request asks for each partition from its log end on, with the epochs that let the leader fence it and
// find where the logs part.
func (f *fetcher) request(asked []*fetched) *kmsg.FetchRequest {
	cfg := &f.b.cfg
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12)
	req.ReplicaID = int32(cfg.ID)
	req.MaxWaitMillis = int32(cfg.ReplicaFetchWaitMax.Milliseconds())
	req.MinBytes, req.MaxBytes = cfg.ReplicaFetchMinBytes, cfg.ReplicaFetchResponseMax
	req.SessionEpoch = -1
	req.Topics = make([]kmsg.FetchRequestTopic, 0, 1)
	for _, x := range asked {
		p := x.p
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.tp.Topic {
			t := kmsg.NewFetchRequestTopic()
			t.Topic = p.tp.Topic
			req.Topics = append(req.Topics, t)
		}
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition = p.tp.Partition
		part.CurrentLeaderEpoch = int32(p.leaderEpoch)
		part.FetchOffset = int64(p.log.LogEnd())
		part.LastFetchedEpoch = int32(p.log.LatestEpoch())
		part.LogStartOffset = int64(p.log.LogStart())
		part.PartitionMaxBytes = cfg.ReplicaFetchMaxBytes
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, part)
	}
	return req
}

func (f *fetcher) onFetched(now model.Time, out *model.Effects, req *kmsg.FetchRequest,
	resp kmsg.Response, err error,
) {
	f.busy = false
	if err != nil {
		f.retryAt = now.Add(f.b.cfg.ReplicaFetchBackoff)
		f.fetch(now, out)
		return
	}
	answer := resp.(*kmsg.FetchResponse)
	for i := range answer.Topics {
		t := &answer.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			tp := model.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			x := f.current(tp, findFetch(req, tp))
			if x == nil {
				continue // the partition moved while the request was out
			}
			f.take(now, out, x, part)
		}
	}
	f.fetch(now, out)
}

func findFetch(req *kmsg.FetchRequest, tp model.TopicPartition) *kmsg.FetchRequestTopicPartition {
	for i := range req.Topics {
		if req.Topics[i].Topic != tp.Topic {
			continue
		}
		for j := range req.Topics[i].Partitions {
			if req.Topics[i].Partitions[j].Partition == tp.Partition {
				return &req.Topics[i].Partitions[j]
			}
		}
	}
	return nil
}

// current finds the partition that an answer is for, nil when the answer is stale: the epoch or the log
// end have changed since it was asked for (AbstractFetcherThread.processFetchRequest, 3.9).
func (f *fetcher) current(tp model.TopicPartition, asked *kmsg.FetchRequestTopicPartition) *fetched {
	i := slices.IndexFunc(f.parts, func(x *fetched) bool { return x.p.tp == tp })
	if i < 0 || asked == nil {
		return nil
	}
	x := f.parts[i]
	if x.state != fetching || int32(x.p.leaderEpoch) != asked.CurrentLeaderEpoch ||
		int64(x.p.log.LogEnd()) != asked.FetchOffset {
		return nil
	}
	return x
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
		end := epochEnd{model.Epoch(part.DivergingEpoch.Epoch), model.Offset(part.DivergingEpoch.EndOffset)}
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
}

// truncateOnDivergence cuts the log back to where it may agree with the leader's, whose largest epoch
// not above ours ends at leaders (AbstractFetcherThread.getOffsetTruncationState, 3.9). Where this log
// does not know that epoch either, it cuts to the end of the largest below it and asks again (KIP-279).
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

// resetOffset handles a log end that the leader does not have. If the leader ends before it, an unclean
// election happened and the log is cut to the leader's end; if the leader starts after it, everything is
// dropped (AbstractFetcherThread.fetchOffsetAndTruncate, 3.9).
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
			if x.state != resetting || x.p.leaderEpoch != epoch {
				return
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
