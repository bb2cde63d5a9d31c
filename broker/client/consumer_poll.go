package client

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// poll does what KafkaConsumer.poll does, as often as the application would call it now: the
// group first, then missing positions, then records. Fetches go out before the application gets
// the records of earlier ones, so that the next are on their way while it works.
func (c *Consumer) poll(out *model.Effects) {
	for {
		c.lastPoll = out.Now
		if c.commitDue {
			c.commitDue, c.handled = false, 0
			c.commitSync(out, out.Now.Add(c.cfg.APITimeout), nil)
			if c.committing != nil {
				return
			}
		}
		c.maybeAutoCommit(out)
		if c.group != nil {
			c.group.advance(out)
		}
		c.findOffsets(out)
		delivered := c.deliver(out)
		c.fetch(out)
		if delivered == 0 {
			return
		}
		c.handled += delivered
		c.commitDue = c.cfg.CommitAfterPoll || c.cfg.CommitEvery > 0 && c.handled >= c.cfg.CommitEvery
		c.beginProcessing(out, delivered)
		if out.Now < c.busyUntil || c.committing != nil || c.paused {
			return // the application works, is waiting, or takes no more
		}
	}
}

// maybeAutoCommit commits what earlier polls returned: the application has come back for more, so
// it is done with that.
func (c *Consumer) maybeAutoCommit(out *model.Effects) {
	if !c.cfg.AutoCommit || c.cfg.Group == "" || c.autoAt == model.Never {
		return
	}
	if out.Now >= c.autoAt {
		c.commitAsync(out)
		c.autoAt = out.Now.Add(c.cfg.AutoCommitInterval)
	}
	c.alarm.by(out, c.autoAt)
}

// deliver hands the application up to max.poll.records of the oldest answer and returns how many.
func (c *Consumer) deliver(out *model.Effects) int {
	for len(c.buffered) > 0 {
		call := c.buffered[0]
		polled, n := c.takeRecords(call)
		if call.next == len(call.got) {
			c.buffered[0] = nil
			c.buffered = c.buffered[1:]
		} else if n == 0 {
			return 0 // the application took none
		}
		if n > 0 && call.told {
			// The rest of an answer is a poll of its own, which finds its records waiting.
			call.op = c.invoke(out, kafka.Op{
				F: kafka.FPoll, Value: []kafka.Mop{{F: kafka.FPoll}}, Isolation: "read_uncommitted",
			})
			call.told = false
		}
		if !call.told {
			c.finishPoll(out, call, polled)
		}
		if n > 0 {
			c.keepForProcessing(polled)
			return n
		}
	}
	return 0
}

// takeRecords moves the positions over the next records of call, passing over partitions that
// were given up or moved since they were asked for.
func (c *Consumer) takeRecords(call *fetchCall) (polled []kafka.PolledRecords, n int) {
	for call.next < len(call.got) && n < c.cfg.MaxPollRecords && !c.paused {
		f := &call.got[call.next]
		p := f.p
		if p.gone || p.state != fetchable || p.position != f.from {
			p.inFetch = false
			call.next++
			continue
		}
		take := c.hand(f, min(len(f.records), c.cfg.MaxPollRecords-n))
		if take == 0 {
			break
		}
		polled = append(polled, kafka.PolledRecords{Key: p.tp, Records: f.records[:take:take]})
		n += take
		p.position = f.records[take-1].Offset + 1
		f.records = f.records[take:]
		if len(f.records) == 0 {
			p.position = f.end
			p.inFetch = false
			call.next++
		}
		f.from = p.position
		for len(f.ends) > 0 && p.position > f.ends[0].below {
			f.ends = f.ends[1:]
		}
		if len(f.ends) > 0 {
			p.epoch = f.ends[0].epoch
		}
		c.maybeReached(p)
	}
	slices.SortFunc(polled, func(a, b kafka.PolledRecords) int { return a.Key.Compare(b.Key) })
	return polled, n
}

// finishPoll completes the operation of call with what it returned, and what changed hands since
// the last one did.
func (c *Consumer) finishPoll(out *model.Effects, call *fetchCall, polled []kafka.PolledRecords) {
	if call.told {
		return
	}
	call.told = true
	op := call.op
	op.Value = []kafka.Mop{{F: kafka.FPoll, Polled: polled}}
	if len(polled) == 0 && call.err != "" {
		op.Error = call.err
		c.complete(out, kafka.Fail, op)
		return
	}
	op.Rebalance, c.rebalance = c.rebalance, nil
	c.complete(out, kafka.OK, op)
}

// maybeReached notes that a final read has what it came for, and tells the application when there
// is no more to be had.
func (c *Consumer) maybeReached(p *ownedPartition) {
	if p.highWatermark != kafka.NoOffset && p.position >= p.highWatermark {
		c.tellEnd(p)
	}
	if c.cfg.FinalRead && p.goal != kafka.NoOffset && p.position >= p.goal {
		p.reached = true
	}
}
