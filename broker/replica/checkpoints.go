package replica

import (
	"sandcastle/broker/log"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// checkpoints are the offsets that a broker writes down, one file each for all partitions. They are
// hints: an old value costs a longer recovery or shows deleted records again, never loses one.
type checkpoints struct {
	rs             *Set
	highWatermarks checkpointFile
	recoveryPoints checkpointFile // what is known to be flushed
	logStarts      checkpointFile
}

// checkpointFile is what one of the files holds.
type checkpointFile struct {
	name    string
	offsets map[kafka.TopicPartition]kafka.Offset
	// forgot says that a partition was forgotten since the file was written.
	forgot bool
}

// loadCheckpoints reads what the last incarnation wrote.
func loadCheckpoints(rs *Set) checkpoints {
	return checkpoints{
		rs:             rs,
		highWatermarks: rs.loadCheckpoint(log.ReplicationOffsetCheckpoint),
		recoveryPoints: rs.loadCheckpoint(log.RecoveryPointCheckpoint),
		logStarts:      rs.loadCheckpoint(log.LogStartCheckpoint),
	}
}

func (c *checkpoints) highWatermark(tp kafka.TopicPartition) kafka.Offset {
	return c.highWatermarks.offsets[tp]
}

// log is what the files say of one log.
func (c *checkpoints) log(tp kafka.TopicPartition) log.Checkpoint {
	return log.Checkpoint{
		RecoveryPoint: c.recoveryPoints.offsets[tp], Flushed: c.recoveryPoints.offsets[tp],
		LogStart: c.logStarts.offsets[tp], HighWatermark: c.highWatermarks.offsets[tp],
	}
}

// forget drops what is known of a replica that was deleted: a later topic of its name begins anew.
func (c *checkpoints) forget(tp kafka.TopicPartition) {
	for _, f := range []*checkpointFile{&c.highWatermarks, &c.recoveryPoints, &c.logStarts} {
		delete(f.offsets, tp)
		f.forgot = true
	}
}

// set changes the offset of a partition; 0 is what a partition without an entry has.
func (f *checkpointFile) set(tp kafka.TopicPartition, offset kafka.Offset) (changed bool) {
	if f.offsets[tp] == offset {
		return false
	}
	f.offsets[tp] = offset
	return true
}

// write writes down what offset says of every partition, if that differs from the file, and calls
// done, if there is one, when it is durable. Partitions that were not opened yet keep what they
// had.
func (c *checkpoints) write(out *model.Effects, f *checkpointFile,
	offset func(*Partition) kafka.Offset, done func(*model.Effects),
) {
	changed := f.forgot
	for _, p := range c.rs.ordered {
		changed = f.set(p.tp, offset(p)) || changed
	}
	if !changed {
		return
	}
	f.forgot = false
	if log.WriteCheckpoint(c.rs.dir, f.name, f.offsets) == nil {
		c.rs.dir.Flush(out, f.name, done)
	}
}

func (c *checkpoints) writeHighWatermarks(out *model.Effects) {
	c.write(out, &c.highWatermarks,
		func(p *Partition) kafka.Offset { return p.highWatermark }, nil)
}

func (c *checkpoints) writeRecoveryPoints(out *model.Effects) {
	c.write(out, &c.recoveryPoints,
		func(p *Partition) kafka.Offset { return p.log.RecoveryPoint() }, nil)
}

// writeLogStarts writes down the log starts that the segments do not tell
// (LogManager.checkpointLogStartOffsetsInDir, 3.9).
func (c *checkpoints) writeLogStarts(out *model.Effects) {
	c.write(out, &c.logStarts, (*Partition).hiddenLogStart, nil)
}

// hiddenLogStart is the log start if it lies within the oldest segment, else 0.
func (p *Partition) hiddenLogStart() kafka.Offset {
	if p.log.LogStart() > p.log.FirstBase() {
		return p.log.LogStart()
	}
	return 0
}

// onTimer writes the high watermarks down.
func (c *checkpoints) onTimer(out *model.Effects) {
	c.writeHighWatermarks(out)
	c.arm(out)
}

func (c *checkpoints) arm(out *model.Effects) {
	out.SetTimer(model.Timer{Kind: c.rs.timers.Checkpoint},
		out.Now.Add(c.rs.cfg.HighWatermarkCheckpoint))
}

// onTruncated writes the recovery points down if the log of p was flushed further than it now
// reaches, and holds the fetchers up until that is durable: a recovery after new records would
// rely on what it should check (LogManager.truncateTo, 3.9).
func (p *Partition) onTruncated(out *model.Effects) {
	rs := p.rs
	p.flush.rolledAt = min(p.flush.rolledAt, p.log.ActiveBase())
	p.onUncleaned(out)
	if rs.checkpoints.recoveryPoints.offsets[p.tp] <= p.log.RecoveryPoint() {
		return
	}
	rs.fetchers.hold()
	rs.checkpoints.write(out, &rs.checkpoints.recoveryPoints,
		func(p *Partition) kafka.Offset { return p.log.RecoveryPoint() }, rs.fetchers.release)
}
