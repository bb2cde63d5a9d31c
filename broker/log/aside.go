package log

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// asideSuffix ends the names of files that hold what damage has taken out of a log below its
// recovery point: the end of a segment's file, from the byte in the name on, or a whole segment.
// Kafka deletes such bytes (LogSegment.recover, LogLoader.recoverLog, 3.9). They were flushed, so a
// client may have been told of them, and much of them may be intact. Nobody reads these files
// again, and neither Kafka's loader nor this one takes them for a log's; they go when the partition
// is deleted.
const asideSuffix = ".aside"

// asideName is a name for what is set aside of file, from the byte pos on, that is not taken.
func (l *Log) asideName(file string, pos int64) (string, error) {
	names, err := l.disk.List(l.dir)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.%d%s", file, pos, asideSuffix)
		if n > 1 {
			name = fmt.Sprintf("%s.%d-%d%s", file, pos, n, asideSuffix)
		}
		if _, taken := slices.BinarySearch(names, name); !taken {
			return name, nil
		}
	}
}

// setTailAside moves what a segment's file of whole bytes has behind what counts into a file of its
// own.
func (l *Log) setTailAside(s *segment, whole int64, reason string, r *Recovery) error {
	name, err := l.asideName(s.name+".log", s.size)
	if err != nil {
		return err
	}
	to, err := l.disk.Open(name)
	if err != nil {
		return err
	}
	if err := copyBytes(to, s.file, s.size, whole); err != nil {
		return err
	}
	r.add(kafka.Damage{Kind: kafka.DamageAside, File: s.name + ".log", Position: s.size,
		Bytes: whole - s.size, Offset: s.end, End: kafka.NoOffset, To: name, Reason: reason})
	return s.file.Truncate(s.size)
}

// copyBytes copies the bytes from start to end of a file to the beginning of another.
func copyBytes(to, from model.File, start, end int64) error {
	const most = 1 << 20
	b := make([]byte, min(most, end-start))
	for pos := start; pos < end; pos += int64(len(b)) {
		b = b[:min(int64(len(b)), end-pos)]
		if err := readFull(from, b, pos); err != nil {
			return err
		}
		if _, err := to.WriteAt(b, pos-start); err != nil {
			return err
		}
	}
	return nil
}

// setAllAside moves the files of all segments out of a log that is begun anew elsewhere.
func (l *Log) setAllAside(reason string, r *Recovery) error {
	for _, s := range l.segments {
		if s.size == 0 {
			continue
		}
		name, err := l.asideName(s.name+".log", 0)
		if err != nil {
			return err
		}
		if err := l.disk.Rename(s.name+".log", name); err != nil {
			return err
		}
		r.add(kafka.Damage{Kind: kafka.DamageAside, File: s.name + ".log", Bytes: s.size,
			Offset: s.base, End: s.end, To: name, Reason: reason})
		if s.file, err = l.disk.Open(s.name + ".log"); err != nil {
			return err
		}
		s.size = 0
	}
	return nil
}
