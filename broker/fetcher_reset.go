package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// resetOffset handles a log end that the leader does not have. If the leader ends before it, an
// unclean election happened and the log is cut to the leader's end; if the leader starts after it,
// everything is dropped (AbstractFetcherThread.fetchOffsetAndTruncate, 3.9).
func (f *fetcher) resetOffset(now model.Time, out *model.Effects, x *fetched) {
	x.set(resetting)
	f.listOffset(now, out, x, -1, func(now model.Time, out *model.Effects, end model.Offset) {
		if end < x.p.log.LogEnd() {
			f.resume(now, out, x, x.p.truncateTo(out, end, "leader's log is shorter"))
			return
		}
		f.listOffset(now, out, x, -2, func(now model.Time, out *model.Effects, start model.Offset) {
			var err error
			if start > x.p.log.LogEnd() {
				err = x.p.restartAt(out, start, "leader's log starts later")
			}
			f.resume(now, out, x, err)
		})
	})
}

func (f *fetcher) resume(now model.Time, out *model.Effects, x *fetched, err error) {
	if err != nil {
		x.backOff(now)
	} else {
		x.set(fetching)
	}
	f.fetch(now, out)
}

// restartAt empties the log, which goes on at start.
func (p *Partition) restartAt(out *model.Effects, start model.Offset, why string) error {
	if err := p.log.TruncateFullyAndStartAt(start); err != nil {
		return err
	}
	p.onTruncated(out)
	out.Note(model.Note{
		Kind: model.LogTruncated, Topic: p.tp.Topic, Partition: p.tp.Partition, Epoch: p.leaderEpoch,
		Offset: start, Text: why,
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
	part.Partition, part.CurrentLeaderEpoch = x.p.tp.Partition, x.p.fetchKey().epoch
	part.Timestamp = timestamp
	t.Partitions = append(t.Partitions, part)
	req.Topics = append(req.Topics, t)
	epoch := x.p.leaderEpoch
	addr, _ := f.b.metadata.address(f.leader)
	f.b.fetchLinks.To(addr).Send(now, out, req, f.b.cfg.ReplicaSocketTimeout,
		func(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
			if x.f == nil || x.state != resetting || x.p.leaderEpoch != epoch {
				return // it follows another, or is deleted
			}
			offset, ok := listedOffset(resp, err)
			if !ok {
				x.backOff(now)
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
