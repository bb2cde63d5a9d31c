package wire

import (
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Produce and Fetch are nearly all messages of a run. Reading them with kmsg makes everything in
// them anew, each time. The functions called readPlain… read the same into a message that was used
// before and take over its memory. They know the versions that are in use, and messages without
// the rare fields; they are false for all others, good or bad, which are then for kmsg to read.

// plain reads a message in place. The first thing that is not as it is in most makes it odd for
// good.
type plain struct {
	b        []byte
	odd      bool
	elements int // of arrays, so far
}

func (p *plain) next(n int) []byte {
	if n > len(p.b) {
		p.odd, p.b = true, nil
		return nil
	}
	b := p.b[:n:n]
	p.b = p.b[n:]
	return b
}

func (p *plain) int16() int16 {
	if b := p.next(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (p *plain) int32() int32 {
	if b := p.next(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (p *plain) int64() int64 {
	if b := p.next(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (p *plain) int8() int8 {
	if b := p.next(1); b != nil {
		return int8(b[0])
	}
	return 0
}

// must reads one byte that is nearly always the same: the length of a field that is null or empty,
// or the number of tagged fields.
func (p *plain) must(want byte) {
	if b := p.next(1); b != nil && b[0] != want {
		p.odd, p.b = true, nil
	}
}

// length reads the length of a string, of bytes or of an array that is not null.
func (p *plain) length() int {
	if len(p.b) > 0 && p.b[0]-1 < 0x7f { // one byte, and not 0
		n := int(p.b[0]) - 1
		p.b = p.b[1:]
		return n
	}
	n, size := binary.Uvarint(p.b)
	if size <= 0 || size > 4 || n == 0 {
		p.odd, p.b = true, nil
		return 0
	}
	p.b = p.b[size:]
	return int(n) - 1
}

// count reads the length of an array whose elements take at least a byte each.
func (p *plain) count() int {
	n := p.length()
	if n > len(p.b) {
		p.odd, p.b = true, nil
		return 0
	}
	p.elements += n
	return n
}

func (p *plain) bytes() []byte { return p.next(p.length()) }

// text reads a string, which is nearly always what stood at its place before.
func (p *plain) text(before string) string {
	b := p.bytes()
	if string(b) == before {
		return before
	}
	return string(b)
}

// id reads a topic id.
func (p *plain) id() (id [16]byte) {
	copy(id[:], p.next(16))
	return id
}

// Again makes a list longer by one, which has what is left of an earlier use.
func Again[T any](list []T) []T {
	if n := len(list); n < cap(list) {
		return list[:n+1]
	}
	var fresh T
	return append(list, fresh)
}

// readPlainProduceRequest reads the body of a Produce into r, whose version is set, and counts the
// elements. Records point into b.
func readPlainProduceRequest(b []byte, r *kmsg.ProduceRequest) (elements int, ok bool) {
	if r.Version < firstPlainProduce || r.Version > lastPlainProduce {
		return 0, false
	}
	p := plain{b: b}
	p.must(0) // no transactional id
	r.Acks, r.TimeoutMillis = p.int16(), p.int32()
	r.Topics = r.Topics[:0]
	for n := p.count(); n > 0 && !p.odd; n-- {
		r.Topics = Again(r.Topics)
		t := &r.Topics[len(r.Topics)-1]
		t.Topic = p.text(t.Topic)
		t.Partitions = t.Partitions[:0]
		for n := p.count(); n > 0 && !p.odd; n-- {
			t.Partitions = append(t.Partitions,
				kmsg.ProduceRequestTopicPartition{Partition: p.int32(), Records: p.bytes()})
			p.must(0)
		}
		p.must(0)
	}
	p.must(0)
	return p.elements, !p.odd
}

// readPlainProduceResponse reads the body of an answer into r, whose version is set.
func readPlainProduceResponse(b []byte, r *kmsg.ProduceResponse) bool {
	if r.Version < firstPlainProduce || r.Version > lastPlainProduce {
		return false
	}
	p := plain{b: b}
	r.Topics = r.Topics[:0]
	for n := p.count(); n > 0 && !p.odd; n-- {
		r.Topics = Again(r.Topics)
		t := &r.Topics[len(r.Topics)-1]
		t.Topic = p.text(t.Topic)
		t.Partitions = t.Partitions[:0]
		for n := p.count(); n > 0 && !p.odd; n-- {
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition, part.ErrorCode = p.int32(), p.int16()
			part.BaseOffset, part.LogAppendTime, part.LogStartOffset = p.int64(), p.int64(), p.int64()
			p.must(1) // no record is to blame
			p.must(0) // and there is no message
			p.must(0)
			t.Partitions = append(t.Partitions, part)
		}
		p.must(0)
	}
	r.ThrottleMillis = p.int32()
	p.must(0)
	return !p.odd
}

// readPlainFetchRequest reads the body of a Fetch into r, whose version is set, and counts the
// elements. Nothing in r points into b.
func readPlainFetchRequest(b []byte, r *kmsg.FetchRequest) (elements int, ok bool) {
	if r.Version < namedFetch || r.Version > lastPlainFetch {
		return 0, false
	}
	p := plain{b: b}
	r.ReplicaID = -1
	if r.Version < 15 { // since then it is a tagged field (KIP-903)
		r.ReplicaID = p.int32()
	}
	r.MaxWaitMillis, r.MinBytes, r.MaxBytes = p.int32(), p.int32(), p.int32()
	r.IsolationLevel, r.SessionID, r.SessionEpoch = p.int8(), p.int32(), p.int32()
	r.Topics = r.Topics[:0]
	for n := p.count(); n > 0 && !p.odd; n-- {
		r.Topics = Again(r.Topics)
		t := &r.Topics[len(r.Topics)-1]
		t.Topic, t.TopicID = p.topic(r.Version, t.Topic)
		t.Partitions = t.Partitions[:0]
		for n := p.count(); n > 0 && !p.odd; n-- {
			part := kmsg.NewFetchRequestTopicPartition()
			part.Partition, part.CurrentLeaderEpoch, part.FetchOffset = p.int32(), p.int32(), p.int64()
			part.LastFetchedEpoch, part.LogStartOffset = p.int32(), p.int64()
			part.PartitionMaxBytes = p.int32()
			p.must(0)
			t.Partitions = append(t.Partitions, part)
		}
		p.must(0)
	}
	p.must(1) // nothing is forgotten
	r.Rack = p.text(r.Rack)
	p.must(0)
	return p.elements, !p.odd
}

// topic reads what the version of a Fetch knows a topic by.
func (p *plain) topic(version int16, before string) (name string, id [16]byte) {
	if version == namedFetch {
		return p.text(before), id
	}
	return "", p.id()
}

// readPlainFetchResponse reads the body of an answer into r, whose version is set. Records point
// into b.
func readPlainFetchResponse(b []byte, r *kmsg.FetchResponse) bool {
	if r.Version < namedFetch || r.Version > lastPlainFetch {
		return false
	}
	p := plain{b: b}
	r.ThrottleMillis, r.ErrorCode, r.SessionID = p.int32(), p.int16(), p.int32()
	r.Topics = r.Topics[:0]
	for n := p.count(); n > 0 && !p.odd; n-- {
		r.Topics = Again(r.Topics)
		t := &r.Topics[len(r.Topics)-1]
		t.Topic, t.TopicID = p.topic(r.Version, t.Topic)
		t.Partitions = t.Partitions[:0]
		for n := p.count(); n > 0 && !p.odd; n-- {
			part := kmsg.NewFetchResponseTopicPartition()
			part.Partition, part.ErrorCode, part.HighWatermark = p.int32(), p.int16(), p.int64()
			part.LastStableOffset, part.LogStartOffset = p.int64(), p.int64()
			p.must(0) // no list of aborted transactions
			part.PreferredReadReplica = p.int32()
			part.RecordBatches = p.bytes()
			p.must(0)
			t.Partitions = append(t.Partitions, part)
		}
		p.must(0)
	}
	p.must(0)
	return !p.odd
}
