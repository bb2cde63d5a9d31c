package kafka

import (
	"fmt"
	"strconv"
	"strings"
)

// DamageKind says what was done about what a start found on a disk.
type DamageKind uint8

const (
	NoDamage      DamageKind = iota
	DamageCut                // bytes at the end of a file, or whole segments, are gone
	DamageAside              // bytes are out of the log, and kept in the file To
	DamageHole               // the records from Offset to before End are missing, others follow
	DamageShort              // a log ends at Offset, and was written down to reach End
	DamageDropped            // files that hold nothing which is not elsewhere were removed
	DamageRebuilt            // a file was made anew from the records
	DamageIgnored            // what a file or a record says could not be read, and does not count
	DamageRefused            // what a file says could not be read: the process ends for that reason
	damageKinds
)

// damageNames are the first words of a printed Damage.
var damageNames = [damageKinds]string{
	"none", "cut", "set-aside", "hole", "short", "dropped", "rebuilt", "ignored", "refused",
}

// String is the kind's name in traces and logs.
func (k DamageKind) String() string {
	if k < damageKinds {
		return damageNames[k]
	}
	return fmt.Sprintf("damage(%d)", uint8(k))
}

// Losing tells whether records, or other things that somebody was told of, may be missing because
// of it.
func (k DamageKind) Losing() bool {
	return k == DamageCut || k == DamageAside || k == DamageHole || k == DamageShort ||
		k == DamageIgnored || k == DamageRefused
}

// Damage is one thing that a start found damaged, missing or left over on its disk, and what it did
// about it. It is the Text of a DamageFound note, and of DamageRefused the reason for a halt.
type Damage struct {
	Kind DamageKind
	File string // or the directory of a log; below the process's disk
	// Position is the byte of File from which on it was damaged, Bytes how many were cut, set aside
	// or dropped, and Count of how many segments, files or records.
	Position, Bytes, Count int64
	// Offset is the first record that it is about, End one past the last; NoOffset for none.
	Offset, End Offset
	To          string // the new name of what was set aside
	Reason      string // one line
}

// Refused is the damage of a file that a process cannot do without.
func Refused(file, reason string) Damage {
	return Damage{Kind: DamageRefused, File: file, Offset: NoOffset, End: NoOffset, Reason: reason}
}

// Error implements error.
func (d Damage) Error() string { return d.String() }

// String prints the damage in one line, which ParseDamage reads back.
func (d Damage) String() string {
	b := append(append([]byte(d.Kind.String()), ' '), d.File...)
	for _, f := range [...]struct {
		name  string
		value int64
		none  int64
	}{
		{" position=", d.Position, 0}, {" bytes=", d.Bytes, 0}, {" count=", d.Count, 0},
		{" offset=", int64(d.Offset), int64(NoOffset)}, {" end=", int64(d.End), int64(NoOffset)},
	} {
		if f.value != f.none {
			b = strconv.AppendInt(append(b, f.name...), f.value, 10)
		}
	}
	if d.To != "" {
		b = append(append(b, " to="...), d.To...)
	}
	return string(append(append(b, ": "...), d.Reason...))
}

// Words says the damage to a person, as what happened: what, where and why.
func (d Damage) Words() string {
	what := fmt.Sprintf("%d bytes of %s", d.Bytes, d.File)
	switch {
	case d.Kind == DamageCut && d.Position == 0 && d.Count > 0:
		what = fmt.Sprintf("%d segments of %s, %d bytes, are gone", d.Count, d.File, d.Bytes)
	case d.Kind == DamageCut:
		what += " are cut off"
	case d.Kind == DamageAside:
		what += " are out of the log and kept in " + d.To
	case d.Kind == DamageHole:
		what = fmt.Sprintf("offsets %d to %d of %s are missing", d.Offset, d.End-1, d.File)
	case d.Kind == DamageShort:
		what = d.File + " is shorter than it was"
	case d.Kind == DamageRebuilt:
		what = d.File + " is made anew"
	case d.Kind == DamageRefused:
		what = d.File + " cannot be read"
	case d.Kind == DamageIgnored:
		what = d.File + " is ignored"
		if d.Count > 0 {
			what = fmt.Sprintf("%d records or batches of %s are ignored", d.Count, d.File)
		}
	default:
		what = d.File + ": leftovers are removed"
	}
	if d.Offset != NoOffset && d.Kind != DamageHole && d.Kind != DamageShort {
		what += fmt.Sprintf(", from offset %d on", d.Offset)
	}
	return what + ": " + d.Reason
}

// ParseDamage reads what Damage.String printed.
func ParseDamage(text string) (Damage, bool) {
	d := Damage{Offset: NoOffset, End: NoOffset}
	head, reason, ok := strings.Cut(text, ": ")
	words := strings.Split(head, " ")
	if !ok || len(words) < 2 {
		return d, false
	}
	d.File, d.Reason = words[1], reason
	for k, name := range damageNames {
		if name == words[0] {
			d.Kind = DamageKind(k)
		}
	}
	for _, word := range words[2:] {
		name, value, _ := strings.Cut(word, "=")
		if name == "to" {
			d.To = value
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		field := map[string]*int64{"position": &d.Position, "bytes": &d.Bytes, "count": &d.Count,
			"offset": (*int64)(&d.Offset), "end": (*int64)(&d.End)}[name]
		if err != nil || field == nil {
			return d, false
		}
		*field = n
	}
	return d, d.Kind != NoDamage
}

// Note is the damage as a process reports it: of a partition's log, or of no partition with the
// empty one.
func (d Damage) Note(tp TopicPartition) Note {
	return Note{Kind: DamageFound, Topic: tp.Topic, Partition: tp.Partition, Text: d.String()}
}
