package zookeeper

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
)

// txnLog is the durable order of all writes: files log.<n> of records, each a length, a CRC-32C and
// a txn, and snapshot.<n>, the whole state at the beginning of log.<n>. Recovery reads the newest
// whole snapshot and the log files from there on, and stops at the first record that is not whole.
type txnLog struct {
	disk model.Disk
	file model.File
	n    uint64 // of the file that is written to
	size int64
}

// snapshotBytes is how long a log file may get before the state is written down anew.
const snapshotBytes = 4 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (l *txnLog) name(kind string, n uint64) string { return fmt.Sprintf("%s.%016x", kind, n) }

// append writes one txn behind the others. It is durable when a flush that is asked for later
// completes.
func (l *txnLog) append(t *txn) error {
	e := encoder{b: make([]byte, 8, 256)}
	e.txn(t)
	binary.BigEndian.PutUint32(e.b, uint32(len(e.b)-8))
	binary.BigEndian.PutUint32(e.b[4:], crc32.Checksum(e.b[8:], castagnoli))
	if _, err := l.file.WriteAt(e.b, l.size); err != nil {
		return err
	}
	l.size += int64(len(e.b))
	return nil
}

// openLog recovers the state and returns the log, ready to be written to.
func openLog(disk model.Disk) (*txnLog, *state, error) {
	l := &txnLog{disk: disk}
	snapshots, err := l.numbers("snapshot")
	if err != nil {
		return nil, nil, err
	}
	s := newState()
	first := uint64(0)
	for i := len(snapshots) - 1; i >= 0; i-- {
		if recovered, ok := l.readSnapshot(snapshots[i]); ok {
			s, first = recovered, snapshots[i]
			break
		}
	}
	logs, err := l.numbers("log")
	if err != nil {
		return nil, nil, err
	}
	l.n = first
	for _, n := range logs {
		if n < first {
			continue
		}
		l.n = n
		whole, err := l.replay(n, s)
		if err != nil {
			return nil, nil, err
		}
		if !whole {
			break
		}
	}
	if l.file, err = disk.Open(l.name("log", l.n)); err != nil {
		return nil, nil, err
	}
	l.size = l.file.Size()
	return l, s, nil
}

// numbers lists the numbers of the files of one kind, ascending.
func (l *txnLog) numbers(kind string) ([]uint64, error) {
	names, err := l.disk.List("")
	if err != nil {
		return nil, err
	}
	var out []uint64
	for _, name := range names {
		if digits, ok := strings.CutPrefix(name, kind+"."); ok {
			if n, err := strconv.ParseUint(digits, 16, 64); err == nil && len(digits) == 16 {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// replay applies the records of one file. What is behind the last whole record is cut off.
func (l *txnLog) replay(n uint64, s *state) (whole bool, err error) {
	f, err := l.disk.Open(l.name("log", n))
	if err != nil {
		return false, err
	}
	b := make([]byte, f.Size())
	if _, err := f.ReadAt(b, 0); err != nil && len(b) > 0 {
		return false, err
	}
	rest := b
	for len(rest) > 0 {
		record, ok := nextRecord(rest)
		if !ok {
			return false, f.Truncate(int64(len(b) - len(rest)))
		}
		d := decoder{b: record}
		t := d.txn()
		if d.bad || t.zxid <= s.zxid && s.zxid > 0 {
			return false, f.Truncate(int64(len(b) - len(rest)))
		}
		s.apply(&t)
		rest = rest[8+len(record):]
	}
	return true, nil
}

// nextRecord is the content of the record that b begins with, if it is whole.
func nextRecord(b []byte) ([]byte, bool) {
	if len(b) < 8 {
		return nil, false
	}
	size := int(binary.BigEndian.Uint32(b))
	if size > len(b)-8 || size == 0 {
		return nil, false
	}
	record := b[8 : 8+size]
	return record, crc32.Checksum(record, castagnoli) == binary.BigEndian.Uint32(b[4:])
}

// maybeSnapshot writes the state down and begins a new log file when the present one is long.
func (l *txnLog) maybeSnapshot(s *state) error {
	if l.size < snapshotBytes {
		return nil
	}
	l.n++
	if err := l.writeSnapshot(s); err != nil {
		return err
	}
	var err error
	if l.file, err = l.disk.Open(l.name("log", l.n)); err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil { // what a recovery that stopped earlier has passed over
		return err
	}
	l.size = 0
	return l.prune()
}

// keptSnapshots is how many snapshots stay, with the logs from the oldest of them on
// (autopurge.snapRetainCount, 3.8).
const keptSnapshots = 3

// prune removes the files that no recovery will ask for.
func (l *txnLog) prune() error {
	snapshots, err := l.numbers("snapshot")
	if err != nil || len(snapshots) <= keptSnapshots {
		return err
	}
	first := snapshots[len(snapshots)-keptSnapshots]
	logs, err := l.numbers("log")
	if err != nil {
		return err
	}
	for kind, numbers := range [...][]uint64{snapshots, logs} {
		for _, n := range numbers {
			if n >= first {
				break
			}
			if err := l.disk.Rename(l.name([...]string{"snapshot", "log"}[kind], n), ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *txnLog) writeSnapshot(s *state) error {
	e := encoder{b: make([]byte, 8, 1<<16)}
	e.int64(s.zxid)
	e.int32(int32(len(s.ids)))
	for _, id := range s.ids {
		x := s.sessions[id]
		e.txn(
			&txn{
				session:  id,
				kind:     opCreateSession,
				timeout:  x.timeout,
				password: x.password,
				owner:    x.owner,
			},
		)
	}
	nodes := s.tree.dump() // sorted, so parents come before children
	e.int32(int32(len(nodes)))
	for i := range nodes {
		e.string(nodes[i].Path)
		e.bytes(nodes[i].Data)
		e.stat(&nodes[i].Stat)
		e.int32(s.tree.nodes[nodes[i].Path].sequence)
	}
	binary.BigEndian.PutUint32(e.b, uint32(len(e.b)-8))
	binary.BigEndian.PutUint32(e.b[4:], crc32.Checksum(e.b[8:], castagnoli))
	f, err := l.disk.Open("snapshot.tmp")
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt(e.b, 0); err != nil {
		return err
	}
	return l.disk.Rename("snapshot.tmp", l.name("snapshot", l.n))
}

// readSnapshot reads a snapshot, false when it is not whole.
func (l *txnLog) readSnapshot(n uint64) (*state, bool) {
	f, err := l.disk.Open(l.name("snapshot", n))
	if err != nil {
		return nil, false
	}
	b := make([]byte, f.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil, false
	}
	record, ok := nextRecord(b)
	if !ok {
		return nil, false
	}
	s := newState()
	d := decoder{b: record}
	zxid := d.int64()
	for range d.count(40) {
		t := d.txn()
		s.apply(&t)
	}
	for range d.count(80) {
		path, data, stat, sequence := d.string(), d.bytes(), d.stat(), d.int32()
		if d.bad {
			return nil, false
		}
		node := &znode{data: data, stat: stat, sequence: sequence}
		if path == "/" {
			s.tree.nodes["/"] = node
			continue
		}
		s.tree.link(path, node)
	}
	s.zxid = zxid
	s.tree.orderEphemerals()
	return s, !d.bad
}
