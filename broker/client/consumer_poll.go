package client

import (
	"sandcastle/model"
)

// poll does what KafkaConsumer.poll does, as often as the application would call it now: the
// group first, then missing positions, then records. Fetches go out before the application gets
// the records of earlier ones, so that the next are on their way while it works.
func (c *Consumer) poll(out *model.Effects) {
	for {
		c.lastPoll = out.Now
		c.commits.maybeProcessed(out)
		if c.commits.waiting != nil {
			return
		}
		c.commits.maybeAuto(out)
		if c.group.subscribed {
			c.group.advance(out)
		}
		c.offsets.run(out)
		delivered := c.fetcher.deliver(out)
		c.fetcher.run(out)
		if delivered == 0 {
			return
		}
		c.commits.onDelivered(delivered)
		c.process(out, delivered)
		if c.commits.waiting != nil || !c.processing.free(out.Now) {
			return
		}
	}
}

// process lets the application work on the n records of a poll, after they are committed if that
// comes first.
func (c *Consumer) process(out *model.Effects, n int) {
	if !c.cfg.CommitBeforeProcessing {
		c.processing.begin(out, n)
		return
	}
	c.commits.sync(out, out.Now.Add(c.cfg.APITimeout),
		func(out *model.Effects, failed string) {
			if failed != "" {
				c.processing.discard() // somebody else may be assigned them
				return
			}
			c.processing.begin(out, n)
		})
}

// polling tells whether the application is in poll: it is not while it processes records or waits
// for a commit.
func (c *Consumer) polling(now model.Time) bool {
	return c.processing.free(now) && c.commits.waiting == nil && !c.ended()
}

// pollBy is when an application that is not in poll must come back, by max.poll.interval.ms; Never
// while it is, or waits for the client.
func (c *Consumer) pollBy(now model.Time) model.Time {
	if c.polling(now) || c.commits.waiting != nil || c.closing != notClosing {
		return model.Never
	}
	return c.lastPoll.Add(c.cfg.MaxPollInterval)
}
