package broker

import (
	"sandcastle/broker/log"
	"sandcastle/model"
)

// checkpoints are the offsets that a broker writes down, one file each for all partitions:
// replication-offset-checkpoint holds the high watermarks, recovery-point-offset-checkpoint what is
// known to be flushed. They are hints: an old value costs a longer recovery, never a record.
type checkpoints struct {
	highWatermarks map[model.TopicPartition]model.Offset
	recoveryPoints map[model.TopicPartition]model.Offset
	// forgot says that a partition was forgotten since the high watermarks were written.
	forgot bool
}

// loadCheckpoints reads what the last incarnation wrote. A file that is missing or damaged counts
// as empty.
func loadCheckpoints(disk model.Disk) checkpoints {
	read := func(name string) map[model.TopicPartition]model.Offset {
		offsets, err := log.ReadCheckpoint(disk, name)
		if err != nil {
			return map[model.TopicPartition]model.Offset{}
		}
		return offsets
	}
	return checkpoints{
		highWatermarks: read(log.ReplicationOffsetCheckpoint),
		recoveryPoints: read(log.RecoveryPointCheckpoint),
	}
}

func (c *checkpoints) highWatermark(tp model.TopicPartition) model.Offset {
	return c.highWatermarks[tp]
}
func (c *checkpoints) recoveryPoint(tp model.TopicPartition) model.Offset {
	return c.recoveryPoints[tp]
}

// forget drops what is known of a replica that was deleted: a later topic of its name begins anew.
func (c *checkpoints) forget(tp model.TopicPartition) {
	delete(c.highWatermarks, tp)
	delete(c.recoveryPoints, tp)
	c.forgot = true
}

// onCheckpointTimer writes the high watermarks down, if one has moved since the last time.
func (b *Broker) onCheckpointTimer(now model.Time, out *model.Effects) {
	changed := b.checkpoints.forgot
	b.checkpoints.forgot = false
	for _, p := range b.ordered {
		if b.checkpoints.highWatermarks[p.tp] != p.highWatermark {
			b.checkpoints.highWatermarks[p.tp] = p.highWatermark
			changed = true
		}
	}
	if changed {
		if err := log.WriteCheckpoint(b.disk, log.ReplicationOffsetCheckpoint,
			b.checkpoints.highWatermarks); err != nil {
			out.Halt("cannot write " + log.ReplicationOffsetCheckpoint + ": " + err.Error())
			return
		}
		out.Flush(log.ReplicationOffsetCheckpoint, 0)
	}
	out.SetTimer(model.Timer{Kind: timerCheckpoint}, now.Add(b.cfg.HighWatermarkCheckpoint))
}
