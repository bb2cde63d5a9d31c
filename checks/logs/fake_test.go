package logs

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

func orders() kafka.TopicPartition { return kafka.TopicPartition{Topic: "orders"} }

// written is a batch of a test, uncompressed, of one record unless n says otherwise.
type written struct {
	base     kafka.Offset
	n        int
	epoch    kafka.Epoch
	millis   int64 // of every record
	producer int64 // 0 for none, for the tests' convenience
	pepoch   int16
	sequence int32
	flags    int16
	key      string // "" for null
	value    string // "" for null
	empty    bool   // compaction has emptied it
	horizon  int64
	maxTime  int64 // where the header is to lie
}

func (w written) last() kafka.Offset { return w.base + kafka.Offset(max(w.n, 1)) - 1 }

// bytes is the batch as it lies on a disk.
func (w written) bytes() []byte {
	b := make([]byte, atRecords)
	producer, sequence := w.producer, w.sequence
	if producer == 0 {
		producer, sequence = -1, -1
	}
	count := max(w.n, 1)
	base := w.millis
	if w.horizon != 0 {
		base, w.flags = w.horizon, w.flags|horizonBit
	}
	if w.empty {
		count = 0
	}
	for i := range count {
		field := func(b []byte, s string) []byte {
			if s == "" {
				return binary.AppendVarint(b, -1)
			}
			return append(binary.AppendVarint(b, int64(len(s))), s...)
		}
		r := binary.AppendVarint([]byte{0}, w.millis-base)
		r = binary.AppendVarint(r, int64(i))
		r = binary.AppendVarint(field(field(r, w.key), w.value), 0)
		b = append(binary.AppendVarint(b, int64(len(r))), r...)
	}
	put := binary.BigEndian
	put.PutUint64(b[atBaseOffset:], uint64(w.base))
	put.PutUint32(b[atLength:], uint32(len(b)-atLeaderEpoch))
	put.PutUint32(b[atLeaderEpoch:], uint32(w.epoch))
	b[atMagic] = 2
	put.PutUint16(b[atAttributes:], uint16(w.flags))
	put.PutUint32(b[atLastDelta:], uint32(w.last()-w.base))
	put.PutUint64(b[atBaseTime:], uint64(base))
	put.PutUint64(b[atMaxTime:], uint64(w.millis+w.maxTime))
	put.PutUint64(b[atProducerID:], uint64(producer))
	put.PutUint16(b[atProducerEpoch:], uint16(w.pepoch))
	put.PutUint32(b[atBaseSequence:], uint32(sequence))
	put.PutUint32(b[atCount:], uint32(count))
	put.PutUint32(b[atCRC:], crc32.Checksum(b[atAttributes:], castagnoli))
	return b
}

// fakeLog is a log of a test.
type fakeLog struct {
	batches []written
	state   kafka.LogState
	damage  bool // the last byte of each batch is another
	read    func(from kafka.Offset, maxBytes int, upTo kafka.Offset) ([]byte, bool)
	since   func(millis int64) (kafka.Offset, int64, bool)
}

func (l *fakeLog) EachBatch(from kafka.Offset, yield func([]byte) bool) {
	for _, w := range l.batches {
		if w.last() < from {
			continue
		}
		raw := w.bytes()
		if l.damage {
			raw[len(raw)-1]++
		}
		if !yield(raw) {
			return
		}
	}
}

func (l *fakeLog) EachRecord(from, to kafka.Offset, yield func(kafka.RecordView) bool) {
	for _, w := range l.batches {
		if w.last() < from || w.base >= to || w.empty {
			continue
		}
		r := kafka.RecordView{
			Offset:    w.base,
			Timestamp: w.millis,
			Sum:       model.SumString(1, w.key+"/"+w.value),
		}
		if w.key != "" {
			r.Key = []byte(w.key)
		}
		if w.value != "" {
			r.Value = []byte(w.value)
		}
		if !yield(r) {
			return
		}
	}
}

func (l *fakeLog) Describe(s *kafka.LogState) { *s = l.state }

func (l *fakeLog) Read(from kafka.Offset, maxBytes int, upTo kafka.Offset) ([]byte, bool) {
	if l.read != nil {
		return l.read(from, maxBytes, upTo)
	}
	var got []byte
	for _, w := range l.batches {
		raw := w.bytes()
		if w.last() < from {
			continue
		}
		if w.last() >= upTo || len(got) > 0 && len(got)+len(raw) > maxBytes {
			break
		}
		got = append(got, raw...)
	}
	return got, true
}

func (l *fakeLog) Since(millis int64) (kafka.Offset, int64, bool) {
	if l.since != nil {
		return l.since(millis)
	}
	for _, w := range l.batches {
		if w.millis >= millis {
			return w.base, w.millis, true
		}
	}
	return 0, 0, false
}

// view is the log as the replica that leads on broker 1, committed to its end.
func (l *fakeLog) view() kafka.ReplicaView {
	v := kafka.ReplicaView{
		Broker: 1, TP: orders(), Leading: true, LeaderEpoch: 1, Log: l, Lookups: l, MinISR: 1,
	}
	if n := len(l.batches); n > 0 {
		v.LogStart, v.LogEnd = l.batches[0].base, l.batches[n-1].last()+1
		v.HighWatermark = v.LogEnd
	}
	return v
}

// tester looks at one log again and again, and asks one check.
type tester struct {
	t     *testing.T
	book  *Book
	check func(*Book, model.Time, []kafka.ReplicaView) []Violation
	now   model.Time
}

func newTester(
	t *testing.T,
	check func(*Book, model.Time, []kafka.ReplicaView) []Violation,
) *tester {
	x := &tester{t: t, book: New(), check: check}
	x.book.SetBrokers("log.initial.task.delay.ms", "0")
	x.book.SetBrokers("log.retention.check.interval.ms", "1000")
	return x
}

func (x *tester) set(name, value string) { x.book.SetTopic("orders", name, value) }

// pass lets time go by.
func (x *tester) pass(d time.Duration) { x.now = x.now.Add(d) }

// look shows replicas and returns what the check says of them.
func (x *tester) look(views ...kafka.ReplicaView) []Violation {
	x.book.Sync(x.now, views)
	return x.check(x.book, x.now, views)
}

// ok demands that the check finds nothing.
func (x *tester) ok(views ...kafka.ReplicaView) {
	x.t.Helper()
	require.Empty(x.t, x.look(views...))
}

// bad demands that it finds one violation, and that it says so.
func (x *tester) bad(says string, views ...kafka.ReplicaView) {
	x.t.Helper()
	found := x.look(views...)
	require.Len(x.t, found, 1)
	require.Contains(x.t, found[0].Explanation, says)
	require.NotEmpty(x.t, found[0].Witnesses)
}

// note shows a note of broker 1.
func (x *tester) note(n kafka.Note) {
	n.Topic = "orders"
	x.book.Observe(&kafka.TraceLine{
		TraceLine: model.TraceLine{At: x.now, Node: "broker-1"}, Note: n,
	})
}

// start says that broker 1 was started.
func (x *tester) start() {
	x.book.Observe(&kafka.TraceLine{
		TraceLine: model.TraceLine{At: x.now, Node: "broker-1", Kind: model.Started.String()},
	})
}

// fault does something to broker 1.
func (x *tester) fault(verb string) {
	x.book.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{
		At: x.now, Node: "broker-1", Kind: model.TraceFault,
		Fault: &model.Fault{Verb: verb, Node: "broker-1"},
	}})
}

// singles are batches of one record from offset 0 on, a second apart.
func singles(n int) *fakeLog {
	l := &fakeLog{}
	for i := range n {
		l.batches = append(l.batches, written{
			base: kafka.Offset(i), epoch: 1, millis: int64(i) * 1000, value: "v",
		})
	}
	return l
}
