package client

import (
	"time"

	"sandcastle/model"
)

// work is what the application has been handed and is not done with: its records one by one, when
// that is to be told, and otherwise nothing.
type work struct {
	records     []model.PartitionOffset
	begun       bool       // the application works on the first of them
	op          model.Op   // that work
	doneAt      model.Time // when it ends
	uncommitted bool       // the last commit that the application waited for has failed
}

// beginProcessing lets the application work on the n records of a poll, after they are committed if
// that comes first.
func (c *Consumer) beginProcessing(now model.Time, out *model.Effects, n int) {
	if !c.cfg.CommitBeforeProcessing {
		c.process(now, out, n)
		return
	}
	c.work.uncommitted = false
	c.commitSync(now, out, now.Add(c.cfg.APITimeout), func(now model.Time, out *model.Effects) {
		if c.work.uncommitted {
			c.work.records = nil // somebody else may be given them
			return
		}
		c.process(now, out, n)
	})
}

// process has the application work on n records from now on.
func (c *Consumer) process(now model.Time, out *model.Effects, n int) {
	c.busyUntil = now.Add(time.Duration(n) * c.cfg.ProcessTime)
	if now < c.busyUntil {
		c.alarm.by(out, c.busyUntil)
	}
	if len(c.work.records) > 0 {
		c.beginRecord(now, out)
	}
	c.processRecords(now, out)
}

// keepForProcessing remembers what the application was handed.
func (c *Consumer) keepForProcessing(polled []model.PolledRecords) {
	if !c.cfg.TellProcessing {
		return
	}
	for i := range polled {
		for _, r := range polled[i].Records {
			at := model.PartitionOffset{Key: polled[i].Key, Offset: r.Offset}
			c.work.records = append(c.work.records, at)
		}
	}
}

// processRecords ends the work on the records that are done by now, and begins the next.
func (c *Consumer) processRecords(now model.Time, out *model.Effects) {
	for c.work.begun {
		if now < c.work.doneAt {
			c.alarm.by(out, c.work.doneAt)
			return
		}
		c.complete(out, model.OK, c.work.op)
		done := c.work.records[0]
		out.Note(model.Note{
			Kind: model.RecordProcessed, Topic: done.Key.Topic, Partition: done.Key.Partition,
			Group: c.cfg.Group, Offset: done.Offset + 1,
		})
		c.work.begun, c.work.records = false, c.work.records[1:]
		if len(c.work.records) > 0 {
			c.beginRecord(now, out)
		}
	}
}

func (c *Consumer) beginRecord(now model.Time, out *model.Effects) {
	op := model.Op{F: model.FProcess, Offsets: c.work.records[:1:1]}
	c.work.begun, c.work.op, c.work.doneAt = true, c.invoke(out, op), now.Add(c.cfg.ProcessTime)
}
