package wire

import (
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Fetch is half of all messages between brokers, and kmsg finds out by reflection which of its
// tagged fields to write: 2 µs and a dozen allocations a message. These two functions write the
// same bytes for messages without the rare fields, and leave the others to kmsg; a test compares
// them.

// The versions that they write: one that has names of topics, and one that has ids (KIP-516).
const (
	namedFetch = 12
	idFetch    = 13
	// lastPlainFetch is the last version whose responses look like those of idFetch but for the rare
	// fields.
	lastPlainFetch = 17
)

// appendTopic appends what the version of a Fetch knows a topic by.
func appendTopic(b []byte, version int16, name string, id [16]byte) []byte {
	if version == namedFetch {
		return appendName(b, name)
	}
	return append(b, id[:]...)
}

// appendFetchRequest appends the body of r, false when it is not plain.
func appendFetchRequest(b []byte, r *kmsg.FetchRequest) ([]byte, bool) {
	if r.Version != namedFetch && r.Version != idFetch || r.ClusterID != nil {
		return b, false
	}
	start := len(b)
	for _, v := range [...]int32{r.ReplicaID, r.MaxWaitMillis, r.MinBytes, r.MaxBytes} {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	b = append(b, byte(r.IsolationLevel))
	b = binary.BigEndian.AppendUint32(b, uint32(r.SessionID))
	b = binary.BigEndian.AppendUint32(b, uint32(r.SessionEpoch))
	b = appendLen(b, len(r.Topics))
	for i := range r.Topics {
		t := &r.Topics[i]
		b = appendTopic(b, r.Version, t.Topic, t.TopicID)
		b = appendLen(b, len(t.Partitions))
		for j := range t.Partitions {
			p := &t.Partitions[j]
			if p.HighWatermark != 1<<63-1 || p.ReplicaDirectoryID != [16]byte{} {
				return b[:start], false
			}
			b = binary.BigEndian.AppendUint32(b, uint32(p.Partition))
			b = binary.BigEndian.AppendUint32(b, uint32(p.CurrentLeaderEpoch))
			b = binary.BigEndian.AppendUint64(b, uint64(p.FetchOffset))
			b = binary.BigEndian.AppendUint32(b, uint32(p.LastFetchedEpoch))
			b = binary.BigEndian.AppendUint64(b, uint64(p.LogStartOffset))
			b = binary.BigEndian.AppendUint32(b, uint32(p.PartitionMaxBytes))
			b = append(b, 0)
		}
		b = append(b, 0)
	}
	b = appendLen(b, len(r.ForgottenTopics))
	for i := range r.ForgottenTopics {
		t := &r.ForgottenTopics[i]
		b = appendTopic(b, r.Version, t.Topic, t.TopicID)
		b = appendLen(b, len(t.Partitions))
		for _, p := range t.Partitions {
			b = binary.BigEndian.AppendUint32(b, uint32(p))
		}
		b = append(b, 0)
	}
	b = appendName(b, r.Rack)
	return append(b, 0), true
}

// appendFetchResponse appends the body of r, false when it is not plain.
func appendFetchResponse(b []byte, r *kmsg.FetchResponse) ([]byte, bool) {
	if r.Version < namedFetch || r.Version > lastPlainFetch || len(r.Brokers) > 0 {
		return b, false
	}
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(r.ThrottleMillis))
	b = binary.BigEndian.AppendUint16(b, uint16(r.ErrorCode))
	b = binary.BigEndian.AppendUint32(b, uint32(r.SessionID))
	b = appendLen(b, len(r.Topics))
	for i := range r.Topics {
		t := &r.Topics[i]
		b = appendTopic(b, r.Version, t.Topic, t.TopicID)
		b = appendLen(b, len(t.Partitions))
		for j := range t.Partitions {
			p := &t.Partitions[j]
			if !isPlain(p) {
				return b[:start], false
			}
			b = binary.BigEndian.AppendUint32(b, uint32(p.Partition))
			b = binary.BigEndian.AppendUint16(b, uint16(p.ErrorCode))
			b = binary.BigEndian.AppendUint64(b, uint64(p.HighWatermark))
			b = binary.BigEndian.AppendUint64(b, uint64(p.LastStableOffset))
			b = binary.BigEndian.AppendUint64(b, uint64(p.LogStartOffset))
			b = append(b, 0) // no list of aborted transactions
			b = binary.BigEndian.AppendUint32(b, uint32(p.PreferredReadReplica))
			b = appendLen(b, len(p.RecordBatches))
			b = append(b, p.RecordBatches...)
			b = append(b, 0)
		}
		b = append(b, 0)
	}
	return append(b, 0), true
}

// isPlain is true of a partition none of whose tagged or nullable fields is set.
func isPlain(p *kmsg.FetchResponseTopicPartition) bool {
	return p.AbortedTransactions == nil && p.RecordBatches != nil && p.DivergingEpoch.Epoch == -1 &&
		p.DivergingEpoch.EndOffset == -1 && p.CurrentLeader.LeaderID == -1 &&
		p.CurrentLeader.LeaderEpoch == -1 && p.SnapshotID.Epoch == -1 && p.SnapshotID.EndOffset == -1
}

// appendLen appends the length of a compact array or string.
func appendLen(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)+1) }

func appendName(b []byte, s string) []byte { return append(appendLen(b, len(s)), s...) }
