package host

import (
	"context"
	"log/slog"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// noteLog writes the notes of a process to its log, each at the level of its gravity. Of one kind
// it writes a few in a while and counts the others, for a start with many partitions would fill the
// log; damage is written whenever it is found.
type noteLog struct {
	log   *slog.Logger
	kinds map[kafka.NoteKind]*noteWindow
}

// noteWindow is what was written of one kind of note lately.
type noteWindow struct {
	since            model.Time
	written, leftOut int
}

const (
	notesInWindow = 20
	noteWindowFor = 10 * time.Second
	mostNote      = 500 // characters: clients choose some of them
)

func newNoteLog(log *slog.Logger) noteLog {
	return noteLog{log: log, kinds: map[kafka.NoteKind]*noteWindow{}}
}

// note writes n, or counts it.
func (x *noteLog) note(now model.Time, n *kafka.Note) {
	level := noteLevel(n)
	ctx := context.Background()
	if !x.log.Enabled(ctx, level) {
		return
	}
	if n.Kind == kafka.DamageFound {
		x.log.Log(ctx, level, model.Clip(damageText(n), mostNote))
		return
	}
	w := x.kinds[n.Kind]
	if w == nil {
		w = &noteWindow{since: now}
		x.kinds[n.Kind] = w
	}
	if now.Sub(w.since) >= noteWindowFor {
		x.sumUp(n.Kind, level, w)
		*w = noteWindow{since: now}
	}
	if w.written++; w.written > notesInWindow {
		w.leftOut++
		return
	}
	x.log.Log(ctx, level, model.Clip(n.String(), mostNote))
}

// sumUp says how many notes of a kind were left out.
func (x *noteLog) sumUp(kind kafka.NoteKind, level slog.Level, w *noteWindow) {
	if w.leftOut > 0 {
		x.log.Log(context.Background(), level, "more of the same were left out", "note", kind.String(),
			"count", w.leftOut)
		w.leftOut = 0
	}
}

// end says what was left out since.
func (x *noteLog) end() {
	for _, name := range kafka.NoteKinds() {
		kind, _ := kafka.ParseNoteKind(name)
		if w := x.kinds[kind]; w != nil {
			x.sumUp(kind, noteLevel(&kafka.Note{Kind: kind}), w)
		}
	}
}

func damageText(n *kafka.Note) string {
	if d, ok := kafka.ParseDamage(n.Text); ok {
		return "found on the disk: " + d.Words()
	}
	return n.String()
}

// noteLevel is how grave a note is: an error where something that was acknowledged may be lost, a
// warning where somebody should look. What happens with every request is for debugging.
func noteLevel(n *kafka.Note) slog.Level {
	switch n.Kind {
	case kafka.DamageFound:
		d, _ := kafka.ParseDamage(n.Text)
		switch d.Kind {
		case kafka.DamageAside, kafka.DamageHole, kafka.DamageShort:
			return slog.LevelError
		default:
			return slog.LevelWarn
		}
	case kafka.LogDirFailed, kafka.UncleanElected:
		return slog.LevelError
	case kafka.PartitionOffline, kafka.SessionExpired, kafka.LogTruncated, kafka.ControllerFenced:
		return slog.LevelWarn
	case kafka.LogEnd, kafka.HighWatermark, kafka.LogStart, kafka.SegmentRolled,
		kafka.OffsetCommitted, kafka.ProduceRetried, kafka.RecordsAcked, kafka.ProducerIDAssigned,
		kafka.TruncationDetected, kafka.PositionReset, kafka.AdminCompleted, kafka.RecordProcessed:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}
