package log

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// reason is why something was cut or set aside, or where a hole is; "" when nothing was.
func (r *Recovery) reason() string {
	for _, kind := range []kafka.DamageKind{
		kafka.DamageCut, kafka.DamageAside, kafka.DamageHole,
	} {
		if d := r.first(kind); d != nil {
			return d.Reason
		}
	}
	return ""
}

// What a start finds is said, each thing once, with the place and what was done.
func TestEveryDamageIsSaid(t *testing.T) {
	const second = "orders-0/00000000000000000044"
	for name, row := range map[string]struct {
		damage func(disk *memoryDisk)
		at     Checkpoint
		says   []string
	}{
		"nothing": {func(*memoryDisk) {}, Checkpoint{RecoveryPoint: CleanShutdown, HighWatermark: 120}, nil},
		"garbage behind a middle segment": {
			func(disk *memoryDisk) {
				f := disk.files[firstSegment+".log"]
				f.data = append(f.data, make([]byte, 77)...)
			}, clean, []string{
				"rebuilt " + firstSegment + " offset=0: ",
				"set-aside " + firstSegment + ".log position=1992 bytes=77 offset=44 to=" + firstSegment +
					".log.1992.aside: ",
			},
		},
		"a torn tail": {
			func(disk *memoryDisk) { cut(disk, second+".log", 5) }, Checkpoint{}, []string{
				"cut " + second + ".log position=1820 bytes=86 offset=84: ",
				"cut orders-0 bytes=1567 count=1 offset=86: ",
			},
		},
		"an index is missing": {
			func(disk *memoryDisk) { delete(disk.files, second+".index") }, clean,
			[]string{"rebuilt " + second + " offset=44: "},
		},
		"a segment is missing": {
			func(disk *memoryDisk) { delete(disk.files, second+".log") }, clean, []string{
				"dropped orders-0 bytes=",
				"hole " + firstSegment + ".log offset=44 end=86: " + firstSegment +
					".log ends at offset 44, the next begins at 86",
			},
		},
		"the first segment is missing": {
			func(disk *memoryDisk) { delete(disk.files, firstSegment+".log") }, clean, []string{
				"dropped orders-0 bytes=",
				"hole orders-0 offset=0 end=44: the log began at offset 0, the first segment begins at 44",
			},
		},
		"the epochs are damaged": {
			func(disk *memoryDisk) { cut(disk, "orders-0/"+epochCheckpoint, 1) }, clean,
			[]string{"rebuilt orders-0/leader-epoch-checkpoint: it is missing or damaged"},
		},
		"the log ends below what was written down": {
			func(*memoryDisk) {}, Checkpoint{RecoveryPoint: CleanShutdown, Flushed: 121, HighWatermark: 125},
			[]string{
				"short orders-0 offset=120 end=125: the log ends at offset 120, its high watermark was 125",
				"short orders-0 offset=120 end=121: the log ends at offset 120, its recovery point was 121",
			},
		},
		"a cleaning was interrupted": {
			func(disk *memoryDisk) {
				disk.files[second+".log.cleaned"] = &memoryFile{d: disk, data: make([]byte, 9)}
			}, clean, []string{"dropped orders-0 bytes=9 count=1: files of a cleaning"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			disk, _ := built(t, 60)
			row.damage(disk)
			_, r, err := Open(disk, orders, small, row.at, 0)
			require.NoError(t, err)
			require.Len(t, r.Damages, len(row.says), "%v", r.Damages)
			for i, says := range row.says {
				require.Contains(t, r.Damages[i].String(), says)
			}
		})
	}
}

// cut takes n bytes off the end of a file.
func cut(disk *memoryDisk, name string, n int) {
	f := disk.files[name]
	f.data = f.data[:len(f.data)-n]
}

var clean = Checkpoint{RecoveryPoint: CleanShutdown, HighWatermark: 1}
