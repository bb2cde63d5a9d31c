package zookeeper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// writeLog makes a log of n creations behind a session's, and says where each record ends.
func writeLog(t *testing.T, n int) (*memDisk, []int) {
	disk := newMemDisk()
	l, s, err := openLog(disk, 1<<20)
	require.NoError(t, err)
	var ends []int
	for i := range n {
		x := txn{zxid: int64(i + 1), session: 7, kind: opCreate}
		if i == 0 {
			x.kind, x.timeout = opCreateSession, 6000
		} else {
			x.ops = []Op{CreateOp(fmt.Sprintf("/%d", i), []byte("data"), Persistent)}
		}
		require.NoError(t, l.append(&x))
		s.apply(&x)
		ends = append(ends, int(l.size))
	}
	return disk, ends
}

const firstLog = "log.0000000000000000"

// Wherever a power loss cuts the log, the records before it are recovered, and the log goes on
// behind them.
func TestATornTailIsCutOff(t *testing.T) {
	whole, ends := writeLog(t, 5)
	for cut := range ends[4] {
		disk := whole.copied()
		f := disk.files[firstLog]
		f.b = f.b[:cut]
		for i := ends[3]; i < cut; i++ {
			f.b[i] ^= 0xa5 // what was being written may hold anything
		}
		l, s, err := openLog(disk, 1<<20)
		require.NoError(t, err, "cut at byte %d", cut)
		records := 0
		for records < len(ends) && ends[records] <= cut {
			records++
		}
		require.EqualValues(t, records, s.zxid, "cut at byte %d", cut)
		said := fmt.Sprintf("cut %s position=%d bytes=%d count=1: ", firstLog, l.size, cut-int(l.size))
		require.Equal(t, int64(cut) > l.size, len(l.damages) == 1)
		require.True(t, len(l.damages) == 0 || strings.HasPrefix(l.damages[0].String(),
			strings.Replace(said, " position=0", "", 1)), "%v, not %s", l.damages, said)
		next := txn{zxid: s.zxid + 1, kind: opCreateSession, session: 8}
		require.NoError(t, l.append(&next))
		_, s, err = openLog(disk, 1<<20)
		require.NoError(t, err)
		require.Equal(t, next.zxid, s.zxid, "what is written behind the cut is found")
	}
}

// One altered byte in a record that others follow is damage, and no reason to drop what follows.
func TestDamageIsNotATornTail(t *testing.T) {
	whole, ends := writeLog(t, 5)
	for at := range ends[4] {
		disk := whole.copied()
		disk.files[firstLog].b[at] ^= 0x40
		_, s, err := openLog(disk, 1<<20)
		if at < ends[3] {
			require.ErrorContains(t, err, "refused "+firstLog+": damaged at byte", "byte %d", at)
			continue
		}
		require.NoError(t, err, "byte %d", at)
		require.EqualValues(t, 4, s.zxid, "byte %d", at)
	}
}

// A record that is whole but not the next in order is not of this log.
func TestTxnsHaveNoGap(t *testing.T) {
	for _, zxid := range []int64{2, 4} {
		disk, _ := writeLog(t, 2)
		l, s, err := openLog(disk, 1<<20)
		require.NoError(t, err)
		require.EqualValues(t, 2, s.zxid)
		require.NoError(t, l.append(&txn{zxid: zxid, kind: opCloseSession, session: 7}))
		_, _, err = openLog(disk, 1<<20)
		require.ErrorContains(t, err, "behind zxid 2", "zxid %d", zxid)
	}
}

// A server halts rather than run without the log that it has promised to keep.
func TestAServerWithADamagedLogHalts(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	for i := range int32(3) {
		b.ask(2, i, CreateOp("/x", nil, PersistentSequential))
		b.settle()
	}
	b.disk.durable[firstLog][20] ^= 1
	b.disk.powerLoss()
	b.start()
	require.Contains(t, b.halt, "refused "+firstLog+": damaged at byte 0")
	require.Len(t, b.s.Dump(), 1)
}

// The log is rolled when it is long, and what no recovery asks for goes. Any snapshot but the
// oldest may be damaged: an older one with the logs since gives the same.
func TestSnapshotsBoundTheLog(t *testing.T) {
	b := newBench(t, ServerConfig{SnapshotBytes: 500})
	b.session(2)
	for i := range int32(60) {
		b.ask(2, i, CreateOp(fmt.Sprintf("/n%d", i%40), []byte("0123456789"), CreateMode(i%2)))
		b.ask(2, i, SetOp(fmt.Sprintf("/n%d", i/2), []byte("new"), -1))
		b.settle()
	}
	want := b.s.Dump()
	names, err := b.disk.List("")
	require.NoError(t, err)
	require.Len(t, names, 2*keptSnapshots, "as many logs as snapshots: %v", names)
	require.Greater(t, b.s.log.n, uint64(10))
	snapshot := func(i int) string { return names[len(names)-i] }
	for damaged := range keptSnapshots {
		disk := b.disk.copied()
		for i := 1; i <= damaged; i++ {
			disk.files[snapshot(i)].b[30] ^= 1
		}
		s := NewServer(model.Boot{Disk: disk, Rand: model.NewRand(2, "again")}, ServerConfig{})
		require.Empty(t, s.unreadable)
		require.Equal(t, want, s.Dump(), "with %d damaged snapshots", damaged)
		require.Len(t, s.log.damages, damaged, "each is said")
		require.Equal(t, b.s.next, s.next)
	}
	disk := b.disk.copied()
	for i := 1; i <= keptSnapshots; i++ {
		disk.files[snapshot(i)].b[30] ^= 1
	}
	_, _, err = openLog(disk, 1<<20)
	require.ErrorContains(t, err, firstLog+": it is missing", "without any snapshot")
	disk = b.disk.copied()
	delete(disk.files, fmt.Sprintf("log.%016x", b.s.log.n-1))
	disk.files[snapshot(1)].b[30] ^= 1
	_, _, err = openLog(disk, 1<<20)
	require.ErrorContains(t, err, "is missing", "with a gap between the logs")
}
