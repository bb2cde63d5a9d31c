package log

import (
	"fmt"

	"sandcastle/model/kafka"
)

// Recovery is what opening a log found.
type Recovery struct {
	Scanned kafka.Offset   // from where on every batch was checked
	Damages []kafka.Damage // and what was done about each
}

func (r *Recovery) add(d kafka.Damage) { r.Damages = append(r.Damages, d) }

// Bytes is how many bytes of the log files are in no segment any more because of damages of a kind.
func (r *Recovery) Bytes(kind kafka.DamageKind) (bytes int64) {
	for _, d := range r.Damages {
		if d.Kind == kind {
			bytes += d.Bytes
		}
	}
	return bytes
}

// first is the first damage of a kind, nil when there is none.
func (r *Recovery) first(kind kafka.DamageKind) *kafka.Damage {
	for i := range r.Damages {
		if r.Damages[i].Kind == kind {
			return &r.Damages[i]
		}
	}
	return nil
}

// String prints the outcome in a few words.
func (r Recovery) String() string {
	text := ""
	add := func(format string, args ...any) {
		if text != "" {
			text += "; "
		}
		text += fmt.Sprintf(format, args...)
	}
	if d := r.first(kafka.DamageCut); d != nil {
		add("%d bytes cut: %s", r.Bytes(kafka.DamageCut), d.Reason)
	}
	if d := r.first(kafka.DamageAside); d != nil {
		add("%d bytes set aside: %s", r.Bytes(kafka.DamageAside), d.Reason)
	}
	if d := r.first(kafka.DamageHole); d != nil {
		add("%s", d.Reason)
	}
	if text == "" {
		add("every batch from offset %d on is sound", r.Scanned)
	}
	return text
}

// noteShort says where the log ends below what was written down of it. There records are missing
// that were flushed, or that others were told of.
func (r *Recovery) noteShort(l *Log, at *Checkpoint) {
	for _, written := range []struct {
		what   string
		offset kafka.Offset
	}{
		{"high watermark", at.HighWatermark}, {"recovery point", at.flushed()},
		{"log start offset", at.LogStart},
	} {
		if written.offset > l.LogEnd() {
			r.add(kafka.Damage{Kind: kafka.DamageShort, File: l.dir, Offset: l.LogEnd(),
				End: written.offset, Reason: fmt.Sprintf("the log ends at offset %d, its %s was %d",
					l.LogEnd(), written.what, written.offset)})
		}
	}
}

// noteFirst says when the log begins behind where its epochs do: the segments before are missing.
func (r *Recovery) noteFirst(l *Log, begins, logStart kafka.Offset) {
	base := l.segments[0].base
	if begins = max(begins, logStart); begins < base {
		r.add(kafka.Damage{Kind: kafka.DamageHole, File: l.dir, Offset: begins, End: base,
			Reason: fmt.Sprintf("the log began at offset %d, the first segment begins at %d", begins, base)})
	}
}
