package replica

import (
	"sandcastle/broker/log"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// noteDamages says what a start found damaged: of the log of tp, or of the broker's own files with
// the empty one. What was set aside is flushed at once, for the log's file has lost it already.
func (rs *Set) noteDamages(out *model.Effects, tp kafka.TopicPartition, damages []kafka.Damage) {
	aside := false
	for _, d := range damages {
		kafka.AddNote(out, d.Note(tp))
		aside = aside || d.Kind == kafka.DamageAside
	}
	if aside {
		rs.dir.Flush(out, tp.String(), nil)
	}
}

// unreadableCheckpoint says that what a checkpoint file has written down does not count.
func unreadableCheckpoint(name string, err error) kafka.Damage {
	return kafka.Damage{Kind: kafka.DamageIgnored, File: name, Offset: kafka.NoOffset,
		End: kafka.NoOffset, Reason: err.Error()}
}

// loadCheckpoint reads a checkpoint file of the last incarnation. One that is missing counts as
// empty; so does a damaged one, which is said when the broker starts (LogManager.loadLogs and
// ReplicaManager, 3.9).
func (rs *Set) loadCheckpoint(name string) checkpointFile {
	offsets, err := log.ReadCheckpoint(rs.dir, name)
	if err != nil {
		offsets = map[kafka.TopicPartition]kafka.Offset{}
		rs.damages = append(rs.damages, unreadableCheckpoint(name, err))
	}
	return checkpointFile{name: name, offsets: offsets}
}
