package zookeeper

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// txnLog is the durable order of all writes: files log.<n> of records, each a length, a CRC-32C and
// a txn, and snapshot.<n>, the whole state at the beginning of log.<n>. Recovery reads the newest
// whole snapshot and the log files from there on. A last record that is not whole was torn by a
// power loss and is cut off, which is said; anything else that is missing or damaged is an error,
// since what was answered would be lost (FileTxnLog refuses such a log too, 3.8).
type txnLog struct {
	disk  model.Disk
	file  model.File
	n     uint64 // of the file that is written to
	size  int64
	limit int64 // of size, beyond which a snapshot is written

	damages []kafka.Damage // that recovery found and went on with
}

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

// openLog recovers the state and returns the log, ready to be written to. A file of the log gets
// about limit bytes long.
func openLog(disk model.Disk, limit int64) (*txnLog, *state, error) {
	l := &txnLog{disk: disk, limit: limit}
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
		l.damaged(kafka.Damage{Kind: kafka.DamageIgnored, File: l.name("snapshot", snapshots[i]),
			Reason: "it is damaged; an older one and the logs since give the same state"})
	}
	if err := l.replayFrom(first, s); err != nil {
		return nil, nil, err
	}
	if l.file, err = disk.Open(l.name("log", l.n)); err != nil {
		return nil, nil, err
	}
	l.size = l.file.Size()
	return l, s, nil
}

// replayFrom applies the files of the log from that number on. There must be no gap between them.
func (l *txnLog) replayFrom(first uint64, s *state) error {
	logs, err := l.numbers("log")
	if err != nil {
		return err
	}
	at, _ := slices.BinarySearch(logs, first)
	logs, l.n = logs[at:], first
	if len(logs) == 0 && first > 0 {
		l.damaged(kafka.Damage{Kind: kafka.DamageShort, File: l.name("log", first),
			Reason: "it is missing: what came behind the snapshot of this number is not known"})
	}
	for i, n := range logs {
		if n != first+uint64(i) {
			return kafka.Refused(l.name("log", first+uint64(i)), "it is missing")
		}
		l.n = n
		if err := l.replay(n, s, i == len(logs)-1); err != nil {
			return err
		}
	}
	return nil
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

// replay applies the records of one file. At the end of the last file a torn record is cut off.
func (l *txnLog) replay(n uint64, s *state, last bool) error {
	f, err := l.disk.Open(l.name("log", n))
	if err != nil {
		return err
	}
	b := make([]byte, f.Size())
	if _, err := f.ReadAt(b, 0); err != nil && len(b) > 0 {
		return err
	}
	rest := b
	for len(rest) > 0 {
		at := len(b) - len(rest)
		record, ok := nextRecord(rest)
		if !ok && last && !hasRecordBehind(rest) {
			l.damaged(kafka.Damage{Kind: kafka.DamageCut, File: l.name("log", n), Position: int64(at),
				Bytes: int64(len(rest)), Count: 1,
				Reason: fmt.Sprintf("the record behind zxid %d is not whole", s.zxid)})
			return f.Truncate(int64(at))
		}
		d := decoder{b: slices.Clone(record)} // which nodes keep
		t := d.txn()
		if !ok || d.bad || t.zxid != s.zxid+1 {
			return kafka.Refused(l.name("log", n),
				fmt.Sprintf("damaged at byte %d, behind zxid %d", at, s.zxid))
		}
		s.apply(&t)
		rest = rest[8+len(record):]
	}
	return nil
}

// damaged notes what recovery goes on with. Nothing here has an offset.
func (l *txnLog) damaged(d kafka.Damage) {
	d.Offset, d.End = kafka.NoOffset, kafka.NoOffset
	l.damages = append(l.damages, d)
}

// hasRecordBehind tells whether a whole record stands anywhere behind the damaged one that b begins
// with. Then it is not the last, and no power loss has torn it: only the last write can be torn.
func hasRecordBehind(b []byte) bool {
	for at := 1; at < len(b); at++ { // its length cannot be trusted
		if _, ok := nextRecord(b[at:]); ok {
			return true
		}
	}
	return false
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

// maybeSnapshot writes a snapshot and begins a new log file when the present one is long.
func (l *txnLog) maybeSnapshot(s *state) error {
	if l.size < l.limit {
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
			if err := l.disk.Remove(l.name([...]string{"snapshot", "log"}[kind], n)); err != nil {
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
	return s, !d.bad
}
