package replica

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fetchKey is the part of a FetchRequestTopicPartition that can change.
type fetchKey struct {
	offset, logStart int64
	epoch, lastEpoch int32
}

// fetchKey is what a fetch has to tell the leader of p: from which offset to read, and the epochs
// that let the leader fence it and find where the logs part.
func (p *Partition) fetchKey() fetchKey {
	key := fetchKey{
		offset: int64(p.log.LogEnd()), logStart: int64(p.log.LogStart()), epoch: -1, lastEpoch: -1,
	}
	if p.rs.rules.fetchEpochs {
		key.epoch, key.lastEpoch = int32(p.leaderEpoch), int32(p.log.LatestEpoch())
	}
	return key
}

// request names each partition whose state the leader does not know yet. One that is throttled is
// left out and comes back like one that the leader refused. Its memory is that of the last one.
func (f *fetcher) request(now model.Time) *kmsg.FetchRequest {
	cfg, req, topics := f.rs.cfg, &f.req, f.req.Topics[:0]
	*req = kmsg.NewFetchRequest()
	req.Topics = topics
	req.SetVersion(12)
	req.ReplicaID = int32(cfg.ID)
	req.MaxWaitMillis = int32(cfg.ReplicaFetchWaitMax.Milliseconds())
	req.MinBytes, req.MaxBytes = cfg.ReplicaFetchMinBytes, cfg.ReplicaFetchResponseMax
	if f.renew {
		f.renew = false
		f.resetSession()
	}
	req.SessionID, req.SessionEpoch = f.sessionID, f.sessionEpoch
	f.rs.followerQuota.at = now
	changed := f.takeChanged()
	for _, x := range f.changedOf(changed) {
		if x.state == fetching && x.throttled() {
			x.backOff(now)
		}
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
	clear(changed)
	f.spare = changed[:0]
	f.forget(req)
	return req
}

// takeChanged returns what has changed since the last request.
func (f *fetcher) takeChanged() []*fetched {
	changed := f.changed
	f.changed, f.spare = f.spare, nil
	for _, x := range changed {
		x.changed = false
	}
	return changed
}

// changedOf returns what the request has to look at, in order: all partitions if it is a full one.
func (f *fetcher) changedOf(changed []*fetched) []*fetched {
	if f.sessionEpoch == initialEpoch {
		return f.parts
	}
	changed = slices.DeleteFunc(changed, func(x *fetched) bool { return x.f == nil })
	slices.SortFunc(changed, func(a, b *fetched) int { return a.p.tp.Compare(b.p.tp) })
	return changed
}

func addFetch(req *kmsg.FetchRequest, topic string, part kmsg.FetchRequestTopicPartition) {
	if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != topic {
		req.Topics = wire.Again(req.Topics)
		t := &req.Topics[n]
		t.Topic, t.Partitions = topic, t.Partitions[:0]
	}
	t := &req.Topics[len(req.Topics)-1]
	t.Partitions = append(t.Partitions, part)
}

// forget takes out of the session what is no longer fetched, unless the request names it again.
func (f *fetcher) forget(req *kmsg.FetchRequest) {
	for _, tp := range f.forgotten {
		if f.sessionEpoch == initialEpoch {
			break
		}
		if x := f.find(tp); x != nil && x.known {
			continue
		}
		t := kmsg.NewFetchRequestForgottenTopic()
		t.Topic, t.Partitions = tp.Topic, []int32{tp.Partition}
		req.ForgottenTopics = append(req.ForgottenTopics, t)
	}
	f.forgotten = nil
}

func (f *fetcher) onFetched(out *model.Effects, resp kmsg.Response, err error) {
	f.busy = false
	if err != nil {
		f.resetSession()
		f.retryAt = out.Now.Add(f.rs.cfg.ReplicaFetchBackoff)
		f.fetch(out)
		return
	}
	answer := resp.(*kmsg.FetchResponse)
	if answer.ErrorCode != 0 {
		f.resetSession() // the leader has forgotten the session, or lost count
		f.fetch(out)
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
			x := f.find(kafka.TopicPartition{Topic: t.Topic, Partition: part.Partition})
			if x != nil && x.current() {
				f.onPartition(out, x, part)
			}
		}
	}
	f.fetch(out)
}

// resetSession has the next request be a full one.
func (f *fetcher) resetSession() { f.sessionID, f.sessionEpoch = 0, initialEpoch }

// current tells whether an answer still fits: neither the epoch nor the log's end have changed
// since it was asked for (AbstractFetcherThread.processFetchRequest, 3.9).
func (x *fetched) current() bool {
	now := x.p.fetchKey()
	return x.state == fetching && x.known && x.asked.epoch == now.epoch && x.asked.offset == now.offset
}

// onPartition handles the answer for one partition.
func (f *fetcher) onPartition(out *model.Effects, x *fetched,
	part *kmsg.FetchResponseTopicPartition,
) {
	x.obstacle = nil
	switch code := wire.Code(part.ErrorCode); code {
	case wire.None:
		f.onRecords(out, x, part)
	case wire.OffsetOutOfRange:
		f.resetOffset(out, x)
	case wire.FencedLeaderEpoch:
		x.set(fenced)
	default:
		x.obstacle = &RefusedFetchError{code}
		x.backOff(out.Now)
	}
}

func (f *fetcher) onRecords(out *model.Effects, x *fetched,
	part *kmsg.FetchResponseTopicPartition,
) {
	p := x.p
	if part.DivergingEpoch.EndOffset >= 0 {
		if f.rs.cfg.Variants.FollowerHW == config.FollowerHWBefore {
			p.setFollowerHighWatermark(out, kafka.Offset(part.HighWatermark))
			p.completeFetches(out)
		}
		end := epochEnd{
			kafka.Epoch(part.DivergingEpoch.Epoch),
			kafka.Offset(part.DivergingEpoch.EndOffset),
		}
		if _, err := p.truncateOnDivergence(out, end); err != nil {
			x.obstacle = err
			x.backOff(out.Now)
		}
		return
	}
	if len(part.RecordBatches) > 0 {
		if err := p.appendAsFollower(out, part.RecordBatches); err != nil {
			x.obstacle = err
			x.backOff(out.Now)
			return
		}
		if p.throttledAsFollower() {
			f.rs.followerQuota.at = out.Now
			f.rs.followerQuota.record(len(part.RecordBatches))
		}
	}
	x.inSync = part.HighWatermark <= int64(p.log.LogEnd())
	p.setFollowerHighWatermark(out, kafka.Offset(part.HighWatermark))
	p.followLogStart(out, kafka.Offset(part.LogStartOffset))
	p.completeFetches(out)
}
