package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// maybeValidate looks at who leads the partition now. A position behind a record whose epoch is
// known may have been cut off by another leader; nothing is fetched until that leader has been
// asked (KIP-320; SubscriptionState.maybeValidatePosition, 3.9).
func (f *offsetFetcher) maybeValidate(p *ownedPartition) {
	if f.cfg.NoEpochs || p.state != fetchable && p.state != awaitingValidation {
		return
	}
	known, _, ok := f.meta.leader(p.tp)
	if !ok || known == p.validFor {
		return
	}
	p.moves++ // an answer of the previous leader is ignored
	p.validFor, p.asking, p.preferred, p.retryAt = known, false, kafka.NoBroker, 0
	p.state = fetchable
	if p.epoch >= 0 && known.epoch >= 0 {
		p.state = awaitingValidation
	}
}

// askEpochEnds asks a leader where the epochs of what was read last end in its log.
func (f *offsetFetcher) askEpochEnds(out *model.Effects, addr string,
	q *offsetQuery,
) {
	req := kmsg.NewPtrOffsetForLeaderEpochRequest()
	req.SetVersion(4)
	req.ReplicaID = -1
	for _, p := range q.parts {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != p.tp.Topic {
			topic := kmsg.NewOffsetForLeaderEpochRequestTopic()
			topic.Topic = p.tp.Topic
			req.Topics = append(req.Topics, topic)
		}
		part := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
		part.Partition, part.LeaderEpoch = p.tp.Partition, int32(p.epoch)
		part.CurrentLeaderEpoch = int32(p.validFor.epoch)
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	f.links.To(addr).Send(out, req, f.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			f.onEpochEnds(out, q, resp, err)
		})
}

func (f *offsetFetcher) onEpochEnds(out *model.Effects, q *offsetQuery,
	resp kmsg.Response, err error,
) {
	answers := map[kafka.TopicPartition]knownOffset{}
	unsupported := false
	if err == nil {
		for _, t := range resp.(*kmsg.OffsetForLeaderEpochResponse).Topics {
			for _, p := range t.Partitions {
				answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = knownOffset{
					wire.Code(p.ErrorCode), kafka.Offset(p.EndOffset), kafka.Epoch(p.LeaderEpoch),
				}
			}
		}
	} else {
		name, _ := transportError(err)
		unsupported = name == wire.UnsupportedVersion.String()
	}
	q.each(func(p *ownedPartition) {
		p.asking = false
		a, ok := answers[p.tp]
		switch {
		case unsupported:
			p.state = fetchable // a leader too old to be asked
		case !ok || a.code != wire.None:
			f.meta.refresh()
			p.retryLater(out.Now, f.backoff)
		default:
			p.failures = 0
			f.completeValidation(out, p, a)
		}
	})
}

// completeValidation compares the position with the end of its epoch in the leader's log. Behind
// that end, records that the consumer saw are gone: with a reset policy it goes on from where the
// logs part, without one the application must decide (SubscriptionState.maybeCompleteValidation,
// 3.9: LogTruncationException).
func (f *offsetFetcher) completeValidation(out *model.Effects, p *ownedPartition, end knownOffset) {
	unknown := end.offset < 0 || end.epoch < 0 // the leader has nothing of this epoch or before
	if !unknown && end.offset >= p.position {
		p.state = fetchable
		return
	}
	note := kafka.Note{
		Kind: kafka.TruncationDetected, Topic: p.tp.Topic, Partition: p.tp.Partition,
		Offset: end.offset,
	}
	if unknown {
		note.Offset, note.Text = p.position, "the leader does not know where"
	}
	kafka.AddNote(out, note)
	switch {
	case unknown || f.cfg.AutoOffsetReset == resetNone:
		f.subscription.reset(out, p, logTruncation)
	default:
		p.position, p.epoch, p.state = end.offset, end.epoch, fetchable
		f.subscription.history.moved(out, kafka.FReset, p, logTruncation)
	}
}
