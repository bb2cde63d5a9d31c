package scenarios

import (
	"slices"
	"strings"

	"sandcastle/broker/log"
	"sandcastle/model"
	"sandcastle/sim"
)

// damageVerbs have disks hold what nobody wrote there.
func damageVerbs() []verb {
	repair := each(func(p *player, id model.NodeID) { p.world.DiskDamage(id).Repair() })
	return []verb{
		{
			name: "rot",
			doc: "Flips `count` single bits (1 if not given) of what lies on the disks: of records of " +
				"`partition`, of `files` of a kind, or of any file. When it ends, what was not written over " +
				"since is as it was written.",
			takes: []string{"partition", "files", "count"}, of: aServer, instead: noDisk,
			do: func(p *player, f *firing) { each(f.rot)(p, f) }, undo: repair,
		},
		{
			name: "misdirect",
			doc: "Has the next `count` writes (1 if not given) to the disks land in a wrong place, of the " +
				"same file or another, which shows once the power is lost. When it ends, what was not " +
				"written over since is as it was written.",
			takes: []string{"count"}, of: aServer, instead: noDisk,
			do: func(p *player, f *firing) {
				each(func(p *player, id model.NodeID) { p.world.DiskDamage(id).Misdirect(f.Count) })(p, f)
			},
			undo: repair,
		},
		{
			name: "tear",
			doc: "Cuts the power while every write that was not flushed is on its way to the disk: it is " +
				"there, but for one sector of each.",
			of: aServer, instead: noDisk,
			do:   attempt(noPower, func(p *player, id model.NodeID) { p.world.PowerLossTorn(id) }),
			undo: each(func(p *player, id model.NodeID) { p.world.Start(id) }),
		},
	}
}

// fileKind is a kind of the files of a broker or of ZooKeeper, by the names that they have.
type fileKind struct {
	name string
	is   func(file string) bool
}

func fileKindTable() []fileKind {
	ends := func(with ...string) func(string) bool {
		return func(file string) bool {
			return slices.ContainsFunc(with, func(end string) bool { return strings.HasSuffix(file, end) })
		}
	}
	return []fileKind{
		{"log", func(file string) bool {
			return strings.HasSuffix(file, ".log") || strings.Contains("/"+file, "/log.")
		}},
		{"index", ends(".index", ".timeindex")},
		{"checkpoint", ends("-checkpoint")},
		{"snapshot", func(file string) bool {
			return strings.HasSuffix(file, ".snapshot") || strings.Contains("/"+file, "/snapshot.")
		}},
	}
}

func fileKinds() (names []string) {
	for _, k := range fileKindTable() {
		names = append(names, k.name)
	}
	return names
}

// rot flips single bits on one disk, drawn anew for each.
func (f *firing) rot(p *player, id model.NodeID) {
	disk := p.world.Disk(id)
	for range f.Count {
		path, off, why := f.rotting(p, disk)
		if p.failed(f, id, why) {
			return
		}
		p.world.DiskDamage(id).Rot(path, off, uint8(p.rand.Below(8)))
	}
}

// rotting draws the byte that is to rot, or says why none can.
func (f *firing) rotting(p *player, disk *sim.Disk) (path string, off int64, why string) {
	if f.Partition.Topic != "" {
		path, off, err := log.RottingByte(disk, f.Partition, p.rand.Below)
		if err != nil {
			return "", 0, err.Error()
		}
		return path, off, ""
	}
	names, err := disk.List("")
	if err != nil {
		return "", 0, err.Error()
	}
	sizes := map[string]int64{}
	names = slices.DeleteFunc(names, func(name string) bool {
		for _, k := range fileKindTable() {
			if k.name == f.Files && !k.is(name) {
				return true
			}
		}
		file, err := disk.Open(name)
		if err == nil {
			sizes[name] = file.Size()
		}
		return sizes[name] == 0
	})
	if len(names) == 0 {
		return "", 0, "there is no such file"
	}
	path = names[p.rand.Below(uint64(len(names)))]
	return path, int64(p.rand.Below(uint64(sizes[path]))), ""
}
