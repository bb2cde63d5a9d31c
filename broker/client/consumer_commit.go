package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// offsetCommits commits a consumer's positions: by itself, as enable.auto.commit and the ways of
// committing in ConsumerConfig say, and when the consumer or its membership needs it.
type offsetCommits struct {
	cfg          *ConsumerConfig
	alarm        *alarm
	backoff      retryBackoff
	coordinator  *groupCoordinator
	group        *membership
	subscription *subscriptionState
	history      *consumerHistory

	waiting *commitCall // the one that the application waits for, if any
	autoAt  model.Time  // when the next automatic commit is due
	handled int         // records processed since the last commit of CommitEvery
	due     bool        // the records of the last poll are to be committed once processed
	closed  bool        // nothing is sent again
}

// commitCall is one commit of positions, with its retries if it has any.
type commitCall struct {
	commits *offsetCommits
	op      kafka.Op
	epochs  []kafka.Epoch // by entry of op.Offsets
	// sync: the application waits, and errors that may pass are retried until the deadline.
	sync     bool
	deadline model.Time
	retryAt  model.Time
	failures int
	out      bool // a request is out
	unknown  bool // an attempt may have been stored although no success was reported
	after    afterCommit
}

// afterCommit goes on when a commit has ended. failed is why it did not work, "" when it did.
type afterCommit func(out *model.Effects, failed string)

// startAuto lets the interval of automatic commits begin.
func (o *offsetCommits) startAuto(now model.Time) { o.autoAt = now.Add(o.cfg.AutoCommitInterval) }

// maybeAuto commits what earlier polls returned: the application has come back for more, so it is
// done with that.
func (o *offsetCommits) maybeAuto(out *model.Effects) {
	if !o.cfg.AutoCommit || o.cfg.Group == "" || o.autoAt == model.Never {
		return
	}
	if out.Now >= o.autoAt {
		o.async(out)
		o.startAuto(out.Now)
	}
	o.alarm.by(out, o.autoAt)
}

// onDelivered counts the records of a poll, of which maybeProcessed knows that they are processed.
func (o *offsetCommits) onDelivered(n int) {
	o.handled += n
	o.due = o.cfg.CommitAfterPoll || o.cfg.CommitEvery > 0 && o.handled >= o.cfg.CommitEvery
}

// maybeProcessed commits at the beginning of a poll if the records of the last one call for it.
func (o *offsetCommits) maybeProcessed(out *model.Effects) {
	if o.due {
		o.due, o.handled = false, 0
		o.sync(out, out.Now.Add(o.cfg.APITimeout), nil)
	}
}

// sync commits the positions and calls after, if it is not nil, when that has ended. In between the
// application does not poll.
func (o *offsetCommits) sync(out *model.Effects, deadline model.Time,
	after afterCommit,
) {
	call := o.begin(out)
	if call == nil {
		if after != nil {
			after(out, "")
		}
		return
	}
	call.sync, call.deadline, call.after = true, deadline, after
	o.waiting = call
	o.resend(out)
}

// async commits the positions without anybody waiting for it.
func (o *offsetCommits) async(out *model.Effects) {
	if !o.coordinator.known() || o.group.subscribed && o.group.state != stable {
		return
	}
	if call := o.begin(out); call != nil {
		call.deadline = out.Now.Add(o.cfg.RequestTimeout)
		call.send(out)
	}
}

// begin begins the operation; nil when there is no position to commit.
func (o *offsetCommits) begin(out *model.Effects) *commitCall {
	if o.cfg.Group == "" {
		return nil
	}
	call := &commitCall{commits: o}
	var offsets []kafka.PartitionOffset
	for _, p := range o.subscription.owned {
		if p.state == fetchable {
			offsets = append(offsets, kafka.PartitionOffset{Key: p.tp, Offset: p.position})
			epoch := p.epoch
			if o.cfg.NoEpochs {
				epoch = kafka.NoEpoch
			}
			call.epochs = append(call.epochs, epoch)
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	call.op = o.history.invoke(out, kafka.Op{F: kafka.FCommit, Offsets: offsets})
	return call
}

// resend sends the commit that the application waits for, when it can, or gives it up.
func (o *offsetCommits) resend(out *model.Effects) {
	call := o.waiting
	if call == nil || call.out {
		return
	}
	switch {
	case out.Now >= call.deadline:
		call.end(out, wire.RequestTimedOut.String())
	case o.group.subscribed && (o.group.state == unjoined || o.group.state == joining):
		// The generation in which the records were read is over (CommitFailedException).
		call.end(out, wire.UnknownMemberID.String())
	case !o.coordinator.known():
		o.alarm.by(out, call.deadline)
	case out.Now < call.retryAt:
		o.alarm.by(out, min(call.retryAt, call.deadline))
	default:
		call.send(out)
	}
}

func (call *commitCall) send(out *model.Effects) {
	o := call.commits
	req := kmsg.NewPtrOffsetCommitRequest()
	req.SetVersion(9)
	req.Group, req.RetentionTimeMillis = o.cfg.Group, -1
	req.Generation, req.MemberID = o.group.generation, o.group.id
	req.InstanceID = o.cfg.instance()
	for i, at := range call.op.Offsets {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != at.Key.Topic {
			topic := kmsg.NewOffsetCommitRequestTopic()
			topic.Topic = at.Key.Topic
			req.Topics = append(req.Topics, topic)
		}
		part := kmsg.NewOffsetCommitRequestTopicPartition()
		part.Partition, part.Offset = at.Key.Partition, int64(at.Offset)
		part.LeaderEpoch = int32(call.epochs[i])
		topic := &req.Topics[len(req.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	call.out = true
	timeout := min(o.cfg.RequestTimeout, max(call.deadline.Sub(out.Now), 1))
	round := o.group.round
	o.coordinator.link.Send(out, req, timeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			call.onAnswer(out, resp, err, o.group.subscribed && o.group.round == round)
		})
}

// onAnswer ends the commit, or waits before the next attempt. current is true while the
// membership is the one under which it was sent.
func (call *commitCall) onAnswer(out *model.Effects, resp kmsg.Response, err error,
	current bool,
) {
	call.out = false
	o := call.commits
	if err != nil {
		name, sent := transportError(err)
		call.unknown = call.unknown || sent
		o.coordinator.markUnknown(out)
		call.retry(out, name)
		return
	}
	code := firstCommitError(resp.(*kmsg.OffsetCommitResponse))
	coordinator := o.coordinator.handleError(out, code)
	switch {
	case code == wire.None:
		call.end(out, "")
		return
	case coordinator, code == wire.UnknownTopicOrPartition, code == wire.RequestTimedOut:
		// A coordinator that lost its partition, or saw no quorum in time, had written the commit
		// already.
		call.unknown = call.unknown || code != wire.CoordinatorLoadInProgress
		call.retry(out, code.String())
		return
	case !current:
	case code == wire.FencedInstanceID && o.cfg.Instance != "":
		o.group.owner.die(out, code)
	case code == wire.UnknownMemberID, code == wire.IllegalGeneration, code == wire.FencedInstanceID:
		o.group.reset()
	case code == wire.RebalanceInProgress:
		o.group.rejoin = true
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
	if !call.sync || call.commits.closed {
		call.end(out, why)
		return
	}
	call.failures++
	call.retryAt = call.commits.backoff.after(out.Now, call.failures)
}

// end completes the operation; why is "" when it went well.
func (call *commitCall) end(out *model.Effects, why string) {
	o, op := call.commits, call.op
	op.Error = why
	switch {
	case why == "":
		o.history.complete(out, kafka.OK, op)
	case call.unknown:
		o.history.complete(out, kafka.Info, op)
	default:
		o.history.complete(out, kafka.Fail, op)
	}
	if o.waiting == call {
		o.waiting = nil
		if call.after != nil {
			call.after(out, why)
		}
	}
}
