package log

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// removeOrphans removes indexes without a segment: a power loss came while one was deleted, or the
// segment's file was lost. It returns of which segments both indexes are there.
func (l *Log) removeOrphans(bases []kafka.Offset, r *Recovery) (map[kafka.Offset]bool, error) {
	names, err := l.disk.List(l.dir)
	if err != nil {
		return nil, err
	}
	indexes, orphans := map[kafka.Offset]int{}, leftovers{dir: l.dir}
	for _, name := range names {
		base, ok := baseOf(l.dir, name, ".index")
		if !ok {
			base, ok = baseOf(l.dir, name, ".timeindex")
		}
		if !ok {
			continue
		}
		if _, found := slices.BinarySearch(bases, base); found {
			indexes[base]++
		} else if err := orphans.remove(l.disk, name); err != nil {
			return nil, err
		}
	}
	orphans.report("indexes without a segment", r)
	complete := map[kafka.Offset]bool{}
	for _, base := range bases {
		complete[base] = indexes[base] == 2
	}
	return complete, nil
}

// leftovers are files of a log's directory that nobody needs, and which are removed.
type leftovers struct {
	dir          string
	files, bytes int64
}

func (x *leftovers) remove(disk model.Disk, name string) error {
	f, err := disk.Open(name)
	if err != nil {
		return err
	}
	x.files++
	x.bytes += f.Size()
	return disk.Remove(name)
}

func (x *leftovers) report(what string, r *Recovery) {
	if x.files > 0 {
		r.add(kafka.Damage{Kind: kafka.DamageDropped, File: x.dir, Bytes: x.bytes, Count: x.files,
			Offset: kafka.NoOffset, End: kafka.NoOffset, Reason: what})
	}
}
