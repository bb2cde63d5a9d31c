package log

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"sandcastle/model/kafka"
)

// A snapshot file holds the state of all producers at an offset of the log, which is its name, as
// Kafka writes it (ProducerStateManager.PID_SNAPSHOT_MAP_SCHEMA, 3.9): int16 version, uint32
// CRC-32C of what follows, int32 count, and an entry for each producer id:
//
//	int64 producer id · int16 epoch · int32 last sequence · int64 last offset · int32 offset delta
//	int64 timestamp · int32 coordinator epoch · int64 first offset of the open transaction
const (
	snapshotVersion = 1
	snapshotHeader  = 2 + 4 + 4
	snapshotEntry   = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8
)

func (l *Log) snapshotName(at kafka.Offset) string {
	return fmt.Sprintf("%s/%020d.snapshot", l.dir, int64(at))
}

// snapshots lists the offsets of the snapshot files, ascending.
func (l *Log) snapshots() ([]kafka.Offset, error) {
	names, err := l.disk.List(l.dir)
	if err != nil {
		return nil, err
	}
	var offsets []kafka.Offset
	for _, name := range names {
		if at, ok := baseOf(l.dir, name, ".snapshot"); ok {
			offsets = append(offsets, at)
		}
	}
	slices.Sort(offsets)
	return offsets, nil
}

// SnapshotProducers writes the state of the producers down at the log's end, as is done when a new
// segment begins and at a clean shutdown. A log that no idempotent producer wrote to needs none.
func (l *Log) SnapshotProducers() error {
	if len(l.producers.byID) == 0 {
		return nil
	}
	return WriteFile(l.disk, l.snapshotName(l.LogEnd()), string(l.producers.encode()))
}

func (p *producers) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, snapshotVersion)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.byID)))
	for _, id := range p.ids() {
		e := p.byID[id]
		last := producerBatch{lastSequence: -1, last: -1, timestamp: -1}
		if newest := e.last(); newest != nil {
			last = *newest
		}
		b = binary.BigEndian.AppendUint64(b, uint64(e.id))
		b = binary.BigEndian.AppendUint16(b, uint16(e.epoch))
		b = binary.BigEndian.AppendUint32(b, uint32(last.lastSequence))
		b = binary.BigEndian.AppendUint64(b, uint64(last.last))
		b = binary.BigEndian.AppendUint32(b, uint32(last.delta))
		b = binary.BigEndian.AppendUint64(b, uint64(last.timestamp))
		b = binary.BigEndian.AppendUint32(b, uint32(e.coordinatorEpoch))
		b = binary.BigEndian.AppendUint64(b, uint64(e.transaction))
	}
	binary.BigEndian.PutUint32(b[2:], crc32.Checksum(b[6:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// readSnapshot reads the snapshot at an offset; false when it is damaged.
// The error is the disk's.
func (l *Log) readSnapshot(at kafka.Offset) (producers, bool, error) {
	f, err := l.disk.Open(l.snapshotName(at))
	if err != nil {
		return producers{}, false, err
	}
	b := make([]byte, f.Size())
	if err := readFull(f, b, 0); err != nil {
		return producers{}, false, err
	}
	p, ok := decodeSnapshot(b)
	if !ok {
		return producers{}, false, nil
	}
	p.end = at
	return p, true, nil
}

func decodeSnapshot(b []byte) (producers, bool) {
	p := newProducers()
	if len(b) < snapshotHeader || binary.BigEndian.Uint16(b) != snapshotVersion ||
		binary.BigEndian.Uint32(b[2:]) != crc32.Checksum(b[6:], crc32.MakeTable(crc32.Castagnoli)) {
		return p, false
	}
	n := int64(binary.BigEndian.Uint32(b[6:]))
	b = b[snapshotHeader:]
	if int64(len(b)) != n*snapshotEntry {
		return p, false
	}
	for ; len(b) > 0; b = b[snapshotEntry:] {
		e := &producerEntry{
			id: int64(binary.BigEndian.Uint64(b)), epoch: int16(binary.BigEndian.Uint16(b[8:])),
			coordinatorEpoch: int32(binary.BigEndian.Uint32(b[34:])),
			transaction:      int64(binary.BigEndian.Uint64(b[38:])),
		}
		last := producerBatch{
			lastSequence: int32(binary.BigEndian.Uint32(b[10:])),
			last:         kafka.Offset(binary.BigEndian.Uint64(b[14:])),
			delta:        int32(binary.BigEndian.Uint32(b[22:])),
			timestamp:    int64(binary.BigEndian.Uint64(b[26:])),
		}
		if last.lastSequence >= 0 {
			e.batches[0], e.n = last, 1
		}
		p.byID[e.id] = e
	}
	return p, true
}

// removeSnapshots deletes the snapshot files whose offset gone picks: those
// of segments that are gone.
func (l *Log) removeSnapshots(gone func(at kafka.Offset) bool) error {
	offsets, err := l.snapshots()
	if err != nil {
		return err
	}
	for _, at := range offsets {
		if gone(at) {
			if err := l.disk.Remove(l.snapshotName(at)); err != nil {
				return err
			}
		}
	}
	return nil
}
