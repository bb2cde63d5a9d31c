package client

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// work is what the application has been handed and is not done with: its records one by one, when
// that is to be told, and otherwise nothing.
type work struct {
	records     []kafka.PartitionOffset
	begun       bool       // the application works on the first of them
	op          kafka.Op   // that work
	doneAt      model.Time // when it ends
	uncommitted bool       // the last commit that the application waited for has failed
}

// beginProcessing lets the application work on the n records of a poll, after they are committed if
// that comes first.
func (c *Consumer) beginProcessing(out *model.Effects, n int) {
	if !c.cfg.CommitBeforeProcessing {
		c.process(out, n)
		return
	}
	c.work.uncommitted = false
	c.commitSync(out, out.Now.Add(c.cfg.APITimeout), func(out *model.Effects) {
		if c.work.uncommitted {
			c.work.records = nil // somebody else may be given them
			return
		}
		c.process(out, n)
	})
}

// process has the application work on n records from now on.
func (c *Consumer) process(out *model.Effects, n int) {
	c.busyUntil = out.Now.Add(time.Duration(n) * c.cfg.ProcessTime)
	if out.Now < c.busyUntil {
		c.alarm.by(out, c.busyUntil)
	}
	if len(c.work.records) > 0 {
		c.beginRecord(out)
	}
	c.processRecords(out)
}

// keepForProcessing remembers what the application was handed.
func (c *Consumer) keepForProcessing(polled []kafka.PolledRecords) {
	if !c.cfg.TellProcessing {
		return
	}
	for i := range polled {
		for _, r := range polled[i].Records {
			at := kafka.PartitionOffset{Key: polled[i].Key, Offset: r.Offset}
			c.work.records = append(c.work.records, at)
		}
	}
}

// processRecords ends the work on the records that are done by now, and begins the next.
func (c *Consumer) processRecords(out *model.Effects) {
	for c.work.begun {
		if out.Now < c.work.doneAt {
			c.alarm.by(out, c.work.doneAt)
			return
		}
		c.complete(out, kafka.OK, c.work.op)
		done := c.work.records[0]
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.RecordProcessed, Topic: done.Key.Topic, Partition: done.Key.Partition,
			Group: c.cfg.Group, Offset: done.Offset + 1,
		})
		c.work.begun, c.work.records = false, c.work.records[1:]
		if len(c.work.records) > 0 {
			c.beginRecord(out)
		}
	}
}

func (c *Consumer) beginRecord(out *model.Effects) {
	op := kafka.Op{F: kafka.FProcess, Offsets: c.work.records[:1:1]}
	c.work.begun, c.work.op, c.work.doneAt = true, c.invoke(out, op), out.Now.Add(c.cfg.ProcessTime)
}
