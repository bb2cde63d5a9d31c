package frametext

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// describeLog says what is written to logs and read from them.
func describeLog(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.ProduceRequest:
		produce(t, m)
	case *kmsg.ProduceResponse:
		produced(t, m)
	case *kmsg.FetchRequest:
		fetch(t, m)
	case *kmsg.FetchResponse:
		fetched(t, m)
	case *kmsg.ListOffsetsRequest:
		listOffsets(t, m)
	case *kmsg.ListOffsetsResponse:
		listedOffsets(t, m)
	case *kmsg.OffsetForLeaderEpochRequest:
		offsetForEpoch(t, m)
	case *kmsg.OffsetForLeaderEpochResponse:
		offsetOfEpoch(t, m)
	case *kmsg.DeleteRecordsRequest:
		for _, topic := range m.Topics {
			for _, p := range topic.Partitions {
				t.partition(topic.Topic, p.Partition).raw(" before ").int(p.Offset)
			}
		}
	case *kmsg.DeleteRecordsResponse:
		for _, topic := range m.Topics {
			for _, p := range topic.Partitions {
				if !t.partition(topic.Topic, p.Partition).problem(p.ErrorCode) {
					t.field("low_watermark", p.LowWatermark)
				}
			}
		}
	default:
		return false
	}
	return true
}

func produce(t *line, m *kmsg.ProduceRequest) {
	if m.Acks == -1 {
		t.word("acks=all")
	} else {
		t.field("acks", int64(m.Acks))
	}
	t.millis("timeout", m.TimeoutMillis)
	for i := range m.Topics {
		topic := &m.Topics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			t.partition(name, p.Partition).raw(": ")
			batches(t, p.Records, true)
		}
	}
}

// batches says what record batches hold. What a producer sends has no offsets yet, but may have
// sequence numbers.
func batches(t *line, b []byte, produced bool) {
	if magic, ok := wire.MessageMagic(b); ok {
		messages(t, b, magic, produced)
		return
	}
	var first wire.Batch
	records, found := int64(0), 0
	for batch, err := range wire.Batches(b) {
		if err != nil {
			break
		}
		if found == 0 {
			first = batch
		}
		found++
		records += int64(max(0, batch.Count))
	}
	if found == 0 {
		t.count(0, "record")
		return
	}
	t.count(records, "record")
	if records == 1 && first.Codec() == wire.Uncompressed {
		value(t, &first)
	}
	if !produced {
		t.raw(" from ").int(int64(first.BaseOffset))
		return
	}
	if first.ProducerID >= 0 {
		t.field("producer", first.ProducerID).raw("/").int(int64(first.ProducerEpoch))
		t.field("sequence", int64(first.BaseSequence))
	}
}

// messages says what a message set holds, as far as it can be read.
func messages(t *line, set []byte, magic int8, produced bool) {
	records, first := int64(0), int64(0)
	for r, err := range wire.Messages(set) {
		if err != nil {
			break
		}
		if records == 0 {
			first = int64(r.Offset)
		}
		records++
	}
	t.count(records, "record").raw(" of magic ").int(int64(magic))
	if records > 0 && !produced {
		t.raw(" from ").int(first)
	}
}

// value adds the value of a batch's only record when it is short and plain text.
func value(t *line, batch *wire.Batch) {
	const most = 12
	for r, err := range batch.Records() {
		value := strings.TrimRight(string(r.Value), " ")
		if err == nil && len(value) > 0 && len(value) <= most && utf8.ValidString(value) {
			t.raw(" ")
			t.b = strconv.AppendQuote(t.b, value)
		}
		return
	}
}

func produced(t *line, m *kmsg.ProduceResponse) {
	for i := range m.Topics {
		topic := &m.Topics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			t.partition(name, p.Partition)
			if t.problem(p.ErrorCode) {
				t.message(p.ErrorMessage)
			} else {
				t.raw(": offset ").int(p.BaseOffset)
			}
		}
	}
}

func fetch(t *line, m *kmsg.FetchRequest) {
	t.known("replica", int64(max(m.ReplicaID, m.ReplicaState.ID)))
	session(t, m.SessionID, m.SessionEpoch)
	t.millis("max_wait", m.MaxWaitMillis)
	if m.MinBytes > 1 {
		t.field("min_bytes", int64(m.MinBytes))
	}
	t.flag("read_committed", m.IsolationLevel == 1)
	for i := range m.Topics {
		topic := &m.Topics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			t.partition(name, p.Partition).raw("@").int(p.FetchOffset)
			t.known("epoch", int64(p.CurrentLeaderEpoch))
		}
	}
	for i := range m.ForgottenTopics {
		topic := &m.ForgottenTopics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for _, p := range topic.Partitions {
			t.partition(name, p).raw(" forgotten")
		}
	}
}

// session adds the fetch session (KIP-227): its id, 0 while there is none, and the epoch of the
// request in it, 0 to begin one and −1 for none.
func session(t *line, id, epoch int32) {
	switch {
	case epoch == 0:
		t.word("session=new")
	case epoch > 0:
		t.field("session", int64(id)).raw("/").int(int64(epoch))
	}
}

func fetched(t *line, m *kmsg.FetchResponse) {
	if m.SessionID != 0 {
		t.field("session", int64(m.SessionID))
	}
	news := t.code(m.ErrorCode)
	for i := range m.Topics {
		topic := &m.Topics[i]
		name := t.topic(topic.Topic, topic.TopicID)
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			t.partition(name, p.Partition)
			// In a session a partition is only there when something of it is new.
			news = fetchedPartition(t, p) || news || m.SessionID != 0
		}
	}
	if !news {
		t.empty = true
		t.word("nothing new")
	}
}

// fetchedPartition returns true when there is anything but a high watermark.
func fetchedPartition(t *line, p *kmsg.FetchResponseTopicPartition) bool {
	failed := t.problem(p.ErrorCode)
	if !failed {
		t.raw(": ")
		batches(t, p.RecordBatches, false)
		t.raw(",").field("hw", p.HighWatermark)
	}
	if p.LogStartOffset > 0 {
		t.field("log_start", p.LogStartOffset)
	}
	if d := p.DivergingEpoch; d.EndOffset >= 0 && d.Epoch >= 0 {
		t.word("diverging:").field("epoch", int64(d.Epoch)).raw(" ends at ").int(d.EndOffset)
		failed = true
	}
	if l := p.CurrentLeader; l.LeaderID >= 0 {
		t.field("leader", int64(l.LeaderID)).field("epoch", int64(l.LeaderEpoch))
	}
	if p.PreferredReadReplica >= 0 {
		t.field("read_from", int64(p.PreferredReadReplica))
		failed = true
	}
	return failed || len(p.RecordBatches) > 0
}

func listOffsets(t *line, m *kmsg.ListOffsetsRequest) {
	t.known("replica", int64(m.ReplicaID))
	t.flag("read_committed", m.IsolationLevel == 1)
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition)
			switch p.Timestamp {
			case -1:
				t.word("latest")
			case -2:
				t.word("earliest")
			case -3:
				t.word("max_timestamp")
			default:
				t.field("timestamp", p.Timestamp)
			}
			t.known("epoch", int64(p.CurrentLeaderEpoch))
		}
	}
}

func listedOffsets(t *line, m *kmsg.ListOffsetsResponse) {
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition)
			switch {
			case t.problem(p.ErrorCode):
			case p.Offset < 0 && len(p.OldStyleOffsets) == 0:
				t.raw(": no such offset")
			default:
				t.raw(": offset ").int(p.Offset)
				t.known("epoch", int64(p.LeaderEpoch))
			}
		}
	}
}

func offsetForEpoch(t *line, m *kmsg.OffsetForLeaderEpochRequest) {
	if m.ReplicaID >= 0 {
		t.field("replica", int64(m.ReplicaID))
	}
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition).raw(": where ends").
				field("epoch", int64(p.LeaderEpoch)).known("current_epoch", int64(p.CurrentLeaderEpoch))
		}
	}
}

func offsetOfEpoch(t *line, m *kmsg.OffsetForLeaderEpochResponse) {
	for i := range m.Topics {
		for _, p := range m.Topics[i].Partitions {
			t.partition(m.Topics[i].Topic, p.Partition)
			switch {
			case t.problem(p.ErrorCode):
			case p.EndOffset < 0:
				t.raw(": epoch is not known")
			default:
				t.raw(":").field("epoch", int64(p.LeaderEpoch)).raw(" ends at ").int(p.EndOffset)
			}
		}
	}
}
