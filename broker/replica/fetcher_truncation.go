package replica

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// truncationRules are what the variants of Truncation differ in. The rest of replication asks for
// one of these, and knows no variant.
type truncationRules struct {
	// toHighWatermark has a follower of a new leader cut its log to its own high watermark.
	toHighWatermark bool
	// asksEpochEnd has it ask the leader, with OffsetForLeaderEpoch, where its newest epoch ends
	// there, and cut its log to that before it fetches (KIP-101).
	asksEpochEnd bool
	// namesEpoch has the leader's answer name the largest epoch not above the one asked for, so that
	// a follower that does not know it can ask again (KIP-279).
	namesEpoch bool
	// fetchEpochs has what a follower asks for name the leader epoch, so that the leader can fence
	// it, and the epoch of the last record, so that the leader sees whether the logs have parted
	// (KIP-320, KIP-595).
	fetchEpochs bool
	// everyEpoch has a follower look at its log in each new epoch, also if the leader is the same
	// (KIP-320). Without it nothing happens as long as "leader was 1, is 1" (KAFKA-7164).
	everyEpoch bool
	// atElection has an epoch start where the leader takes it, and lets a follower into the ISR only
	// from there on (KAFKA-7415, KAFKA-7128). Without it an epoch starts at its first record, and the
	// high watermark is enough.
	atElection bool
}

// rulesOf are the rules of a variant.
func rulesOf(variant config.Truncation) truncationRules {
	switch variant {
	case config.TruncateHW: // 0.10.2
		return truncationRules{toHighWatermark: true}
	case config.TruncateKIP101: // 0.11
		return truncationRules{asksEpochEnd: true}
	case config.TruncateKIP279: // 2.0
		return truncationRules{asksEpochEnd: true, namesEpoch: true}
	default: // 2.1 and, since the fetch itself tells of a diverging epoch, 2.7
		return truncationRules{namesEpoch: true, fetchEpochs: true, everyEpoch: true, atElection: true}
	}
}

// beginTruncation is what a follower does with its log at a new leader, before it asks it anything.
// It is true if the log may be fetched for then.
func (x *fetched) beginTruncation(out *model.Effects) bool {
	p := x.p
	rules := p.rs.rules
	switch {
	case rules.toHighWatermark:
		p.truncateToHighWatermark(out)
	case rules.asksEpochEnd && p.log.LatestEpoch() == kafka.NoEpoch:
		p.truncateToHighWatermark(out) // it has no epoch to ask for
	case rules.asksEpochEnd:
		return false
	}
	return true
}

func (p *Partition) truncateToHighWatermark(out *model.Effects) {
	_ = p.truncateTo(out, p.highWatermark, "own high watermark") // the log directory has seen it
}

// mustCompare tells whether logs are to be compared before the next fetch.
func (f *fetcher) mustCompare() bool {
	f.compares = slices.DeleteFunc(f.compares, func(x *fetched) bool { return x.f == nil })
	return len(f.compares) > 0
}

// compare asks the leader where the newest epoch of each log ends there
// (AbstractFetcherThread.maybeTruncate, 3.9).
func (f *fetcher) compare(out *model.Effects, link *wire.Link) {
	asked := f.compares
	f.compares = nil
	slices.SortFunc(asked, func(a, b *fetched) int { return a.p.tp.Compare(b.p.tp) })
	req := kmsg.NewPtrOffsetForLeaderEpochRequest()
	req.SetVersion(4)
	req.ReplicaID = int32(f.rs.cfg.ID)
	for _, x := range asked {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != x.p.tp.Topic {
			t := kmsg.NewOffsetForLeaderEpochRequestTopic()
			t.Topic = x.p.tp.Topic
			req.Topics = append(req.Topics, t)
		}
		part := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
		part.Partition, part.CurrentLeaderEpoch = x.p.tp.Partition, x.p.fetchKey().epoch
		part.LeaderEpoch = int32(x.p.log.LatestEpoch())
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, part)
	}
	f.busy = true
	link.Send(out, req, f.rs.cfg.ReplicaSocketTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			f.busy = false
			ends := map[kafka.TopicPartition]*kmsg.OffsetForLeaderEpochResponseTopicPartition{}
			if err == nil {
				ends = epochEnds(resp.(*kmsg.OffsetForLeaderEpochResponse))
			}
			for _, x := range asked {
				if x.f != nil {
					x.onCompared(out, ends[x.p.tp])
				}
			}
			f.fetch(out)
		})
}

func epochEnds(resp *kmsg.OffsetForLeaderEpochResponse,
) map[kafka.TopicPartition]*kmsg.OffsetForLeaderEpochResponseTopicPartition {
	ends := map[kafka.TopicPartition]*kmsg.OffsetForLeaderEpochResponseTopicPartition{}
	for i := range resp.Topics {
		t := &resp.Topics[i]
		for j := range t.Partitions {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: t.Partitions[j].Partition}
			ends[tp] = &t.Partitions[j]
		}
	}
	return ends
}

// onCompared cuts the log to what the leader's answer allows, nil for no answer, and goes on with
// the next question or with fetching (AbstractFetcherThread.getOffsetTruncationState, 3.9).
func (x *fetched) onCompared(out *model.Effects,
	answer *kmsg.OffsetForLeaderEpochResponseTopicPartition,
) {
	if answer == nil || wire.Code(answer.ErrorCode) != wire.None {
		x.backOff(out.Now)
		return
	}
	p := x.p
	leaders := epochEnd{kafka.Epoch(answer.LeaderEpoch), kafka.Offset(answer.EndOffset)}
	var err error
	switch {
	case leaders.EndOffset < 0:
		p.truncateToHighWatermark(out)
		x.compared = true
	case leaders.Epoch < 0:
		end := max(min(leaders.EndOffset, p.log.LogEnd()), p.log.LogStart())
		err = p.truncateTo(out, end, "end of its epoch on the leader")
		x.compared = true
	default:
		x.compared, err = p.truncateOnDivergence(out, leaders)
	}
	if err != nil {
		x.backOff(out.Now)
		return
	}
	x.resume()
}

// truncateOnDivergence cuts the log back to where it may agree with the leader's, whose largest
// epoch not above ours ends at leaders. Where this log does not know that epoch either, it cuts to
// the end of the largest below it, and agrees is false: the leader is to be asked again (KIP-279).
func (p *Partition) truncateOnDivergence(out *model.Effects, leaders epochEnd,
) (agrees bool, err error) {
	epoch, ours := p.log.EndOffsetFor(leaders.Epoch)
	end := min(leaders.EndOffset, p.log.LogEnd())
	agrees = true
	switch {
	case ours < 0:
		// Nothing here is as old as that epoch: the leader's word stands.
	case epoch != leaders.Epoch:
		end = min(ours, p.log.LogEnd())
		agrees = false
	default:
		end = min(end, ours)
	}
	return agrees, p.truncateTo(out, max(end, p.log.LogStart()), "diverging epoch")
}

// epochEndFor answers OffsetForLeaderEpoch: the largest epoch of the log that is not above the one
// asked for, and where it ends; before KIP-279 the offset alone, and none where nothing of the log
// is as old (LeaderEpochFileCache.endOffsetFor, 0.11).
func (p *Partition) epochEndFor(asked kafka.Epoch) epochEnd {
	epoch, end := p.log.EndOffsetFor(asked)
	switch {
	case p.rs.rules.namesEpoch:
		return epochEnd{epoch, end}
	case end < 0 || epoch != p.log.LatestEpoch() && p.log.EpochAt(end-1) == kafka.NoEpoch:
		return epochEnd{kafka.NoEpoch, kafka.NoOffset}
	default:
		return epochEnd{kafka.NoEpoch, end}
	}
}
