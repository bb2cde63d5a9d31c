package wire

import (
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Produce is written as Fetch is (fetch_encoding.go), and for the same reason.

// The versions that these functions write, and readPlain… read: the first with tagged fields, and
// the last that names topics.
const firstPlainProduce, lastPlainProduce = 9, 11

// appendProduceRequest appends the body of r, false when it is not plain.
func appendProduceRequest(b []byte, r *kmsg.ProduceRequest) ([]byte, bool) {
	if r.Version < firstPlainProduce || r.Version > lastPlainProduce || r.TransactionID != nil {
		return b, false
	}
	start := len(b)
	b = append(b, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(r.Acks))
	b = binary.BigEndian.AppendUint32(b, uint32(r.TimeoutMillis))
	b = appendLen(b, len(r.Topics))
	for i := range r.Topics {
		t := &r.Topics[i]
		b = appendName(b, t.Topic)
		b = appendLen(b, len(t.Partitions))
		for j := range t.Partitions {
			p := &t.Partitions[j]
			if p.Records == nil {
				return b[:start], false
			}
			b = binary.BigEndian.AppendUint32(b, uint32(p.Partition))
			b = appendLen(b, len(p.Records))
			b = append(b, p.Records...)
			b = append(b, 0)
		}
		b = append(b, 0)
	}
	return append(b, 0), true
}

// appendProduceResponse appends the body of r, false when it is not plain.
func appendProduceResponse(b []byte, r *kmsg.ProduceResponse) ([]byte, bool) {
	if r.Version < firstPlainProduce || r.Version > lastPlainProduce || len(r.Brokers) > 0 {
		return b, false
	}
	start := len(b)
	b = appendLen(b, len(r.Topics))
	for i := range r.Topics {
		t := &r.Topics[i]
		b = appendName(b, t.Topic)
		b = appendLen(b, len(t.Partitions))
		for j := range t.Partitions {
			p := &t.Partitions[j]
			if len(p.ErrorRecords) > 0 || p.ErrorMessage != nil || p.CurrentLeader.LeaderID != -1 ||
				p.CurrentLeader.LeaderEpoch != -1 {
				return b[:start], false
			}
			b = binary.BigEndian.AppendUint32(b, uint32(p.Partition))
			b = binary.BigEndian.AppendUint16(b, uint16(p.ErrorCode))
			b = binary.BigEndian.AppendUint64(b, uint64(p.BaseOffset))
			b = binary.BigEndian.AppendUint64(b, uint64(p.LogAppendTime))
			b = binary.BigEndian.AppendUint64(b, uint64(p.LogStartOffset))
			b = append(b, 1, 0, 0) // no record is to blame, no message, no tagged fields
		}
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(r.ThrottleMillis))
	return append(b, 0), true
}
