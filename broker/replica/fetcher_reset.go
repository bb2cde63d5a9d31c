package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// resetOffset handles a log end that the leader does not have. If the leader ends before it, an
// unclean election happened and the log is cut to the leader's end; if the leader starts after it,
// everything is dropped (AbstractFetcherThread.fetchOffsetAndTruncate, 3.9).
func (f *fetcher) resetOffset(out *model.Effects, x *fetched) {
	x.set(resetting)
	f.listOffset(out, x, -1, func(out *model.Effects, end kafka.Offset) {
		if end < x.p.log.LogEnd() {
			f.endReset(out, x, x.p.truncateTo(out, end, "leader's log is shorter"))
			return
		}
		f.listOffset(out, x, -2, func(out *model.Effects, start kafka.Offset) {
			var err error
			if start > x.p.log.LogEnd() {
				err = x.p.restartAt(out, start, "leader's log starts later")
			}
			f.endReset(out, x, err)
		})
	})
}

// endReset goes on with fetching, or waits where the log could not be cut.
func (f *fetcher) endReset(out *model.Effects, x *fetched, err error) {
	if err != nil {
		x.backOff(out.Now)
	} else {
		x.set(fetching)
	}
	f.fetch(out)
}

// restartAt empties the log, which goes on at start.
func (p *Partition) restartAt(out *model.Effects, start kafka.Offset, why string) error {
	if err := p.log.TruncateFullyAndStartAt(start); err != nil {
		return err
	}
	p.onTruncated(out)
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.LogTruncated, Topic: p.tp.Topic, Partition: p.tp.Partition, Epoch: p.leaderEpoch,
		Offset: start, Text: why,
	})
	p.setHighWatermark(out, start)
	return nil
}

// listOffset asks the leader for its log end (timestamp −1) or its log start (−2).
func (f *fetcher) listOffset(out *model.Effects, x *fetched, timestamp int64,
	done func(*model.Effects, kafka.Offset),
) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.SetVersion(5)
	req.ReplicaID = int32(f.rs.cfg.ID)
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = x.p.tp.Topic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.CurrentLeaderEpoch = x.p.tp.Partition, x.p.fetchKey().epoch
	part.Timestamp = timestamp
	t.Partitions = append(t.Partitions, part)
	req.Topics = append(req.Topics, t)
	epoch := x.p.leaderEpoch
	addr, _ := f.rs.peers.Address(f.leader)
	f.rs.links.To(addr).Send(out, req, f.rs.cfg.ReplicaSocketTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			if x.f == nil || x.state != resetting || x.p.leaderEpoch != epoch {
				return // it follows another, or is deleted
			}
			offset, ok := listedOffset(resp, err)
			if !ok {
				x.backOff(out.Now)
				f.fetch(out)
				return
			}
			done(out, offset)
		})
}

func listedOffset(resp kmsg.Response, err error) (kafka.Offset, bool) {
	if err != nil {
		return 0, false
	}
	answer := resp.(*kmsg.ListOffsetsResponse)
	if len(answer.Topics) != 1 || len(answer.Topics[0].Partitions) != 1 {
		return 0, false
	}
	part := answer.Topics[0].Partitions[0]
	return kafka.Offset(part.Offset), wire.Code(part.ErrorCode) == wire.None
}
