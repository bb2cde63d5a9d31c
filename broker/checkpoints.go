package broker

import (
	"sandcastle/broker/log"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// checkpoints are the offsets that a broker writes down, one file each for all partitions. They are
// hints: an old value costs a longer recovery or shows deleted records again, never loses one.
type checkpoints struct {
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

// loadCheckpoints reads what the last incarnation wrote. A file that is missing or damaged counts
// as empty.
func loadCheckpoints(disk model.Disk) checkpoints {
	return checkpoints{
		highWatermarks: loadCheckpoint(disk, log.ReplicationOffsetCheckpoint),
		recoveryPoints: loadCheckpoint(disk, log.RecoveryPointCheckpoint),
		logStarts:      loadCheckpoint(disk, log.LogStartCheckpoint),
	}
}

func loadCheckpoint(disk model.Disk, name string) checkpointFile {
	offsets, err := log.ReadCheckpoint(disk, name)
	if err != nil {
		offsets = map[kafka.TopicPartition]kafka.Offset{}
	}
	return checkpointFile{name: name, offsets: offsets}
}

func (c *checkpoints) highWatermark(tp kafka.TopicPartition) kafka.Offset {
	return c.highWatermarks.offsets[tp]
}

// log is what the files say of one log.
func (c *checkpoints) log(tp kafka.TopicPartition) log.Checkpoint {
	return log.Checkpoint{
		RecoveryPoint: c.recoveryPoints.offsets[tp], LogStart: c.logStarts.offsets[tp],
	}
}

// forget drops what is known of a replica that was deleted: a later topic of its name begins anew.
func (c *checkpoints) forget(tp kafka.TopicPartition) {
	for _, f := range []*checkpointFile{&c.highWatermarks, &c.recoveryPoints, &c.logStarts} {
		delete(f.offsets, tp)
		f.forgot = true
	}
}

// take sets the offset of a partition; 0 is what a partition without an entry has.
func (f *checkpointFile) take(tp kafka.TopicPartition, offset kafka.Offset) (changed bool) {
	if f.offsets[tp] == offset {
		return false
	}
	f.offsets[tp] = offset
	return true
}

// writeCheckpoint writes down what offset says of every partition, if that differs from the file,
// and calls done when it is durable. It returns false when nothing differed. Partitions that were
// not opened yet keep what they had.
func (b *Broker) writeCheckpoint(out *model.Effects, f *checkpointFile,
	offset func(*Partition) kafka.Offset, done func(*model.Effects),
) bool {
	changed := f.forgot
	for _, p := range b.ordered {
		changed = f.take(p.tp, offset(p)) || changed
	}
	if !changed {
		return false
	}
	f.forgot = false
	if log.WriteCheckpoint(b.dir, f.name, f.offsets) == nil {
		b.flush(out, f.name, done)
	}
	return true
}

// nothing is what is to be done after a flush that nobody waits for.
func nothing(*model.Effects) {}

func (b *Broker) checkpointHighWatermarks(out *model.Effects) {
	b.writeCheckpoint(out, &b.checkpoints.highWatermarks,
		func(p *Partition) kafka.Offset { return p.highWatermark }, nothing)
}

func (b *Broker) checkpointRecoveryPoints(out *model.Effects) {
	b.writeCheckpoint(out, &b.checkpoints.recoveryPoints,
		func(p *Partition) kafka.Offset { return p.log.RecoveryPoint() }, nothing)
}

// checkpointLogStarts writes down the log starts that the segments do not tell
// (LogManager.checkpointLogStartOffsetsInDir, 3.9).
func (b *Broker) checkpointLogStarts(out *model.Effects) {
	b.writeCheckpoint(out, &b.checkpoints.logStarts, (*Partition).untoldLogStart, nothing)
}

// untoldLogStart is the log start if it lies within the oldest segment, else 0.
func (p *Partition) untoldLogStart() kafka.Offset {
	if p.log.LogStart() > p.log.FirstBase() {
		return p.log.LogStart()
	}
	return 0
}

// onCheckpointTimer writes the high watermarks down.
func (b *Broker) onCheckpointTimer(out *model.Effects) {
	b.checkpointHighWatermarks(out)
	out.SetTimer(model.Timer{Kind: timerCheckpoint}, out.Now.Add(b.cfg.HighWatermarkCheckpoint))
}

// onTruncated writes the recovery points down if the log of p was flushed further than it now
// reaches, and holds the fetchers up until that is durable: a recovery after new records would
// believe what it should check (LogManager.truncateTo, 3.9).
func (p *Partition) onTruncated(out *model.Effects) {
	b := p.b
	p.flush.rolledAt = min(p.flush.rolledAt, p.log.ActiveBase())
	p.onUncleaned(out)
	if b.checkpoints.recoveryPoints.offsets[p.tp] <= p.log.RecoveryPoint() {
		return
	}
	b.flushes.holding++
	b.writeCheckpoint(out, &b.checkpoints.recoveryPoints,
		func(p *Partition) kafka.Offset { return p.log.RecoveryPoint() }, b.release)
}
