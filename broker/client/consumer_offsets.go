package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// offsetFetcher finds out where to begin with partitions, and whether positions still hold
// (OffsetFetcher, 3.9).
type offsetFetcher struct {
	cfg          *ConsumerConfig
	links        *wire.Links
	meta         *clusterMetadata
	alarm        *alarm
	backoff      retryBackoff
	coordinator  *groupCoordinator
	subscription *subscriptionState
}

// offsetQuery is a request that asks where to begin with some partitions.
type offsetQuery struct {
	parts []*ownedPartition
	moves []int // of each partition when it was asked about
}

func (q *offsetQuery) add(p *ownedPartition) {
	p.asking = true
	q.parts = append(q.parts, p)
	q.moves = append(q.moves, p.moves)
}

// each calls do for the partitions that are still owned and have not moved since they were asked
// about.
func (q *offsetQuery) each(do func(p *ownedPartition)) {
	for i, p := range q.parts {
		if !p.dropped && p.moves == q.moves[i] {
			do(p)
		}
	}
}

// leaderQueries are the questions of one kind, by leader.
type leaderQueries map[kafka.BrokerID]*offsetQuery

func (l leaderQueries) add(leader kafka.BrokerID, p *ownedPartition) {
	if l[leader] == nil {
		l[leader] = &offsetQuery{}
	}
	l[leader].add(p)
}

// run asks for the positions that are missing or in doubt: committed offsets from the
// coordinator, ends of logs and of epochs from the leaders.
func (f *offsetFetcher) run(out *model.Effects) {
	var committed *offsetQuery
	var ends, epochs leaderQueries
	for _, p := range f.subscription.owned {
		f.maybeValidate(p)
		if p.asking || p.state == fetchable || p.state == stopped {
			continue
		}
		if out.Now < p.retryAt {
			f.alarm.by(out, p.retryAt)
			continue
		}
		if p.state == awaitingCommitted {
			if f.coordinator.known() {
				if committed == nil {
					committed = &offsetQuery{}
				}
				committed.add(p)
			}
			continue
		}
		known, _, ok := f.meta.leader(p.tp)
		if !ok || p.state == awaitingValidation && f.stale(p, known) {
			f.meta.refresh()
			continue
		}
		if p.state == awaitingValidation {
			if epochs == nil {
				epochs = leaderQueries{}
			}
			epochs.add(known.leader, p)
			continue
		}
		if ends == nil {
			ends = leaderQueries{}
		}
		ends.add(known.leader, p)
	}
	if committed != nil {
		f.askCommitted(out, committed)
	}
	for _, b := range f.meta.brokers {
		if q := ends[b.id]; q != nil {
			f.askEnds(out, b.addr, q)
		}
		if q := epochs[b.id]; q != nil {
			f.askEpochEnds(out, b.addr, q)
		}
	}
}

// stale reports whether a leader is older than the committed offset and so no longer one, unless
// the topic was created anew (Metadata.currentLeader, 3.9).
func (f *offsetFetcher) stale(p *ownedPartition, known partitionMetadata) bool {
	return known.epoch < p.epoch && p.committedIn == f.meta.track(p.tp.Topic).id
}

func (f *offsetFetcher) askCommitted(out *model.Effects, q *offsetQuery) {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.SetVersion(8)
	req.Group = f.cfg.Group
	group := kmsg.NewOffsetFetchRequestGroup() // from v8
	group.Group = f.cfg.Group
	for _, p := range q.parts {
		if n := len(req.Topics); n > 0 && req.Topics[n-1].Topic == p.tp.Topic {
			req.Topics[n-1].Partitions = append(req.Topics[n-1].Partitions, p.tp.Partition)
			group.Topics[n-1].Partitions = append(group.Topics[n-1].Partitions, p.tp.Partition)
			continue
		}
		req.Topics = append(req.Topics, kmsg.OffsetFetchRequestTopic{
			Topic: p.tp.Topic, Partitions: []int32{p.tp.Partition},
		})
		group.Topics = append(group.Topics, kmsg.OffsetFetchRequestGroupTopic{
			Topic: p.tp.Topic, Partitions: []int32{p.tp.Partition},
		})
	}
	req.Groups = append(req.Groups, group)
	f.coordinator.link.Send(out, req, f.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			f.onCommittedOffsets(out, q, resp, err)
		})
}

// knownOffset is the answer for one partition.
type knownOffset struct {
	code   wire.Code
	offset kafka.Offset
	epoch  kafka.Epoch
}

func (f *offsetFetcher) onCommittedOffsets(out *model.Effects, q *offsetQuery,
	resp kmsg.Response, err error,
) {
	code := wire.NetworkException
	var answers map[kafka.TopicPartition]knownOffset
	if err == nil {
		code, answers = committedOffsets(resp.(*kmsg.OffsetFetchResponse))
		f.coordinator.handleError(out, code)
	} else {
		f.coordinator.markUnknown(out)
	}
	q.each(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		switch {
		case code != wire.None, !ok, a.code != wire.None:
			p.retryLater(out.Now, f.backoff)
		case a.offset >= 0:
			p.state, p.position, p.epoch, p.failures = fetchable, a.offset, a.epoch, 0
			p.committedIn = f.meta.track(p.tp.Topic).id
		default:
			f.subscription.reset(out, p, nothingCommitted)
		}
	})
}

// committedOffsets reads both forms of the answer: up to v7, and from v8 by group.
func committedOffsets(resp *kmsg.OffsetFetchResponse) (
	wire.Code, map[kafka.TopicPartition]knownOffset,
) {
	answers := map[kafka.TopicPartition]knownOffset{}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
				wire.Code(p.ErrorCode), kafka.Offset(p.Offset), kafka.Epoch(p.LeaderEpoch),
			}
		}
	}
	code := wire.Code(resp.ErrorCode)
	for _, g := range resp.Groups {
		code = wire.Code(g.ErrorCode)
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
					wire.Code(p.ErrorCode), kafka.Offset(p.Offset), kafka.Epoch(p.LeaderEpoch),
				}
			}
		}
	}
	return code, answers
}

func (f *offsetFetcher) askEnds(out *model.Effects, addr string, q *offsetQuery) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.SetVersion(7)
	req.ReplicaID = -1
	for _, p := range q.parts {
		known, _, _ := f.meta.leader(p.tp)
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.tp.Topic {
			topic := kmsg.NewListOffsetsRequestTopic()
			topic.Topic = p.tp.Topic
			req.Topics = append(req.Topics, topic)
		}
		part := kmsg.NewListOffsetsRequestTopicPartition()
		part.Partition, part.CurrentLeaderEpoch = p.tp.Partition, f.cfg.currentEpoch(known)
		part.Timestamp = p.resetTo
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	f.links.To(addr).Send(out, req, f.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			f.onEnds(out, q, resp, err)
		})
}

func (f *offsetFetcher) onEnds(out *model.Effects, q *offsetQuery,
	resp kmsg.Response, err error,
) {
	answers := map[kafka.TopicPartition]knownOffset{}
	if err == nil {
		for _, t := range resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
					wire.Code(p.ErrorCode), kafka.Offset(p.Offset), kafka.Epoch(p.LeaderEpoch),
				}
			}
		}
	}
	q.each(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		switch {
		case ok && a.code == wire.None && a.offset < 0 && p.resetTo >= 0:
			sought := p.sought
			p.seek(LatestOffset) // no record is so new
			p.sought = sought
			return
		case !ok || a.code != wire.None || a.offset < 0:
			f.meta.refresh()
			p.retryLater(out.Now, f.backoff)
			return
		}
		// The epoch that comes along is that of the next record, not of one that was read.
		p.state, p.position, p.epoch, p.failures = fetchable, a.offset, kafka.NoEpoch, 0
		f.found(out, p)
	})
}

// found tells where a partition goes on whose position had to be asked for.
func (f *offsetFetcher) found(out *model.Effects, p *ownedPartition) {
	switch {
	case p.resetWhy != "":
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.PositionReset, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: p.position,
			Text: p.resetWhy + ", auto.offset.reset=" + f.cfg.AutoOffsetReset,
		})
		f.subscription.history.moved(out, kafka.FReset, p, p.resetWhy)
	case p.sought:
		f.subscription.history.moved(out, kafka.FSeek, p, "")
	}
	p.resetWhy, p.sought = "", false
}
