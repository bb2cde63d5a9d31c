package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// commitCall is one commit of positions, with its retries if it has any.
type commitCall struct {
	c      *Consumer
	op     kafka.Op
	epochs []kafka.Epoch // by entry of op.Offsets
	// sync: the application waits, and errors that may pass are retried until the deadline.
	sync     bool
	deadline model.Time
	retryAt  model.Time
	failures int
	out      bool // a request is out
	unknown  bool // an attempt may have been stored although no success was heard
	after    func(out *model.Effects)
}

// commitSync commits the positions and calls after, if it is not nil, when that has ended. In
// between the application does not poll.
func (c *Consumer) commitSync(out *model.Effects, deadline model.Time,
	after func(out *model.Effects),
) {
	call := c.newCommit(out)
	if call == nil {
		if after != nil {
			after(out)
		}
		return
	}
	call.sync, call.deadline, call.after = true, deadline, after
	c.committing = call
	c.resendCommit(out)
}

// commitAsync commits the positions without anybody waiting for it.
func (c *Consumer) commitAsync(out *model.Effects) {
	if c.coordinator.link == nil || c.group != nil && c.group.state != stable {
		return
	}
	if call := c.newCommit(out); call != nil {
		call.deadline = out.Now.Add(c.cfg.RequestTimeout)
		call.send(out)
	}
}

// newCommit begins the operation; nil when there is no position to commit.
func (c *Consumer) newCommit(out *model.Effects) *commitCall {
	if c.cfg.Group == "" {
		return nil
	}
	call := &commitCall{c: c}
	var offsets []kafka.PartitionOffset
	for _, p := range c.owned {
		if p.state == fetchable {
			offsets = append(offsets, kafka.PartitionOffset{Key: p.tp, Offset: p.position})
			epoch := p.epoch
			if c.cfg.NoEpochs {
				epoch = kafka.NoEpoch
			}
			call.epochs = append(call.epochs, epoch)
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	call.op = c.invoke(out, kafka.Op{F: kafka.FCommit, Offsets: offsets})
	return call
}

// resendCommit sends the commit that the application waits for, when it can, or gives it up.
func (c *Consumer) resendCommit(out *model.Effects) {
	call := c.committing
	if call == nil || call.out {
		return
	}
	switch {
	case out.Now >= call.deadline:
		call.end(out, wire.RequestTimedOut.String())
	case c.group != nil && (c.group.state == unjoined || c.group.state == joining):
		// The generation in which the records were read is over (CommitFailedException).
		call.end(out, wire.UnknownMemberID.String())
	case c.coordinator.link == nil:
		c.alarm.by(out, call.deadline)
	case out.Now < call.retryAt:
		c.alarm.by(out, min(call.retryAt, call.deadline))
	default:
		call.send(out)
	}
}

func (call *commitCall) send(out *model.Effects) {
	c := call.c
	req := kmsg.NewPtrOffsetCommitRequest()
	req.SetVersion(9)
	req.Group, req.Generation, req.RetentionTimeMillis = c.cfg.Group, -1, -1
	if c.group != nil {
		req.Generation, req.MemberID = c.group.generation, c.group.id
	}
	for i, o := range call.op.Offsets {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != o.Key.Topic {
			topic := kmsg.NewOffsetCommitRequestTopic()
			topic.Topic = o.Key.Topic
			req.Topics = append(req.Topics, topic)
		}
		part := kmsg.NewOffsetCommitRequestTopicPartition()
		part.Partition, part.Offset = o.Key.Partition, int64(o.Offset)
		part.LeaderEpoch = int32(call.epochs[i])
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	call.out = true
	timeout := min(c.cfg.RequestTimeout, max(call.deadline.Sub(out.Now), 1))
	round := 0
	if c.group != nil {
		round = c.group.round
	}
	c.coordinator.link.Send(out, req, timeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			call.onAnswer(out, resp, err, c.group != nil && c.group.round == round)
		})
}

// onAnswer ends the commit, or waits before the next attempt. current is true while the
// membership is the one under which it was sent.
func (call *commitCall) onAnswer(out *model.Effects, resp kmsg.Response, err error,
	current bool,
) {
	call.out = false
	c := call.c
	if err != nil {
		name, sent := transportError(err)
		call.unknown = call.unknown || sent
		c.coordinator.lose(out)
		call.retry(out, name)
		return
	}
	code := firstCommitError(resp.(*kmsg.OffsetCommitResponse))
	denied := c.coordinator.denied(out, code)
	switch {
	case code == wire.None:
		call.end(out, "")
		return
	case denied, code == wire.UnknownTopicOrPartition, code == wire.RequestTimedOut:
		// A coordinator that lost its partition, or saw no quorum in time, had written the commit
		// already.
		call.unknown = call.unknown || code != wire.CoordinatorLoadInProgress
		call.retry(out, code.String())
		return
	case !current:
	case code == wire.UnknownMemberID, code == wire.IllegalGeneration, code == wire.FencedInstanceID:
		c.group.reset()
	case code == wire.RebalanceInProgress:
		c.group.rejoin = true
	}
	call.end(out, code.String())
}

func firstCommitError(resp *kmsg.OffsetCommitResponse) wire.Code {
	for i := range resp.Topics {
		for j := range resp.Topics[i].Partitions {
			if code := wire.Code(resp.Topics[i].Partitions[j].ErrorCode); code != wire.None {
				return code
			}
		}
	}
	return wire.None
}

func (call *commitCall) retry(out *model.Effects, why string) {
	if !call.sync || call.c.closing == consumerClosed {
		call.end(out, why)
		return
	}
	c := call.c
	call.failures++
	wait := backoff(c.rand, c.cfg.RetryBackoff, c.cfg.RetryBackoffMax, call.failures)
	call.retryAt = out.Now.Add(wait)
}

// end tells how the commit went; why is "" when it went well.
func (call *commitCall) end(out *model.Effects, why string) {
	op := call.op
	op.Error = why
	switch {
	case why == "":
		call.c.complete(out, kafka.OK, op)
	case call.unknown:
		call.c.complete(out, kafka.Info, op)
	default:
		call.c.complete(out, kafka.Fail, op)
	}
	if call.c.committing == call {
		call.c.committing = nil
		call.c.work.uncommitted = why != ""
		if call.after != nil {
			call.after(out)
		}
	}
}
