package replica

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// deleteOldSegments applies the retention of every log that is not compacted: those are the
// cleaner's business, unless it is off (LogManager.cleanupLogs, 3.9).
func (rs *Set) deleteOldSegments(out *model.Effects) {
	for _, p := range rs.ordered {
		if !p.cfg.CleanupCompact {
			p.deleteOldSegments(out)
		}
	}
}

func (p *Partition) deleteOldSegments(out *model.Effects) {
	before := p.log.LogStart()
	deleted, err := p.log.DeleteOldSegments(out.Wall, p.highWatermark)
	why := "the disk failed at a deletion"
	for _, d := range deleted {
		why = d.Reason.String()
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.SegmentDeleted, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: d.Base,
			Text: why,
		})
	}
	p.flushSealed(out)
	if p.log.LogStart() > before {
		p.onLogStart(out, why)
	}
	_ = err // the log directory has seen it
}

// onLogStart runs when the log start has moved.
func (p *Partition) onLogStart(out *model.Effects, why string) {
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.LogStart, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: p.log.LogStart(),
		Text: why,
	})
	p.touch()
	p.completeDeletes(out)
}

// followLogStart moves a follower's log start to that of its leader, as far as the high
// watermark allows (ReplicaFetcherThread.processPartitionData, 3.9).
func (p *Partition) followLogStart(out *model.Effects, leaders kafka.Offset) {
	p.incrementLogStart(out, min(leaders, p.highWatermark), "the leader's")
}

// incrementLogStart moves the log start to an offset that is not above the high watermark, if that
// is higher.
func (p *Partition) incrementLogStart(out *model.Effects, to kafka.Offset,
	why string,
) {
	if to > p.log.LogStart() && p.log.IncrementLogStart(to) == nil {
		p.onLogStart(out, why)
	}
}

// onFollowerLogStart takes note of the log start that a follower's fetch carries.
func (p *Partition) onFollowerLogStart(out *model.Effects, id kafka.BrokerID,
	start kafka.Offset,
) {
	if f := p.follower(id); f != nil && start != f.logStart {
		f.logStart = start
		p.completeDeletes(out)
	}
}

// lowWatermark is the offset below which no live replica has records any longer
// (Partition.lowWatermarkIfLeader, 3.9).
func (p *Partition) lowWatermark() kafka.Offset {
	low := p.log.LogStart()
	for _, f := range p.followers {
		if p.rs.alive(f.id) {
			low = min(low, f.logStart)
		}
	}
	return low
}
