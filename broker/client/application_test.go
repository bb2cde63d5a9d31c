package client

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// reader is an application that takes room records and then no more.
type reader struct {
	room  int
	lines []string
}

func (a *reader) Take(tp kafka.TopicPartition, r *wire.Record) bool {
	if a.room == 0 {
		return false
	}
	a.room--
	line := fmt.Sprintf("%s@%d %s=%s", tp, r.Offset, r.Key, r.Value)
	for _, h := range r.Headers {
		line += fmt.Sprintf(" %s:%s", h.Key, h.Value)
	}
	a.lines = append(a.lines, line)
	return true
}

func (a *reader) ReachedEnd(tp kafka.TopicPartition, at kafka.Offset) {
	a.lines = append(a.lines, fmt.Sprintf("%s ends at %d", tp, at))
}

// An application gets whole records, spaces, keys and headers too.
func TestApplicationTakesWholeRecords(t *testing.T) {
	app := &reader{room: 10}
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0), orders(1)}, AutoOffsetReset: "earliest", Application: app,
	})
	log := w.cluster.topic("orders", 2)
	var b wire.BatchBuilder
	b.Append(0, []byte("k"), []byte("a  "), wire.RecordHeader{Key: "h", Value: []byte("x")})
	b.Append(0, nil, nil)
	log[0].appendBatch(b.Bytes())
	w.Run(time.Second)
	require.ElementsMatch(t, []string{
		"orders-0@0 k=a   h:x", "orders-0@1 =", "orders-0 ends at 2", "orders-1 ends at 0",
	}, app.lines, "also of a partition without records, and once")
	app.lines = nil
	log[0].append("b")
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@2 =b", "orders-0 ends at 3"}, app.lines)
	w.checkHistory()
}

// What an application refuses is not committed, and comes again when it takes more.
func TestApplicationRefusesRecords(t *testing.T) {
	app := &reader{room: 3}
	w := consumerWorld(t, ConsumerConfig{
		Group: "billing", Topics: []string{"orders"}, AutoOffsetReset: "earliest", AutoCommit: true,
		Application: app,
	})
	log := w.cluster.topic("orders", 2)
	log[0].append("a", "b", "c", "d", "e")
	log[1].append("A", "B", "C", "D", "E")
	w.Run(10 * time.Second)
	require.Len(t, app.lines, 3)
	at0, _ := w.consumer().Position(orders(0))
	at1, _ := w.consumer().Position(orders(1))
	require.Equal(t, kafka.Offset(3), at0+at1)
	require.Greater(t, len(sent[*kmsg.HeartbeatRequest](w)), 2, "it stays a member")
	fetches := len(sent[*kmsg.FetchRequest](w))
	w.Run(10 * time.Second)
	require.Len(t, sent[*kmsg.FetchRequest](w), fetches, "and asks for no more")

	app.room = 3
	w.command(&Resume{})
	w.Run(time.Second)
	require.Len(t, app.lines, 7, "a partition came to its end: %v", app.lines)
	w.command(&Close{})
	w.Run(time.Second)
	require.True(t, w.consumer().Closed())
	require.Equal(t, wire.None, w.consumer().Failed())
	require.Equal(t, int64(6), w.cluster.committed[orders(0)]+w.cluster.committed[orders(1)])
	require.Len(t, sent[*kmsg.LeaveGroupRequest](w), 1)

	require.Len(t, unique(app.lines), 7, "nothing came twice")
	w.checkHistory()
}

func unique(lines []string) map[string]bool {
	set := map[string]bool{}
	for _, l := range lines {
		set[l] = true
	}
	return set
}

func TestProducerSendsHeaders(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 1)
	headers := []wire.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "b"}}
	with := &Send{Topic: "orders", Value: []byte("v"), Headers: headers}
	w.command(with)
	w.command(&Send{Topic: "orders", Key: []byte("k")})
	w.Run(time.Second)
	var records []wire.Record
	for _, batch := range log[0].batches {
		for r, err := range wire.AllRecords(batch) {
			require.NoError(t, err)
			records = append(records, r)
		}
	}
	require.Len(t, records, 2)
	require.Equal(t, headers, records[0].Headers)
	require.Nil(t, records[1].Value)
	require.Empty(t, records[1].Headers)
	require.NotEqual(t, (&Send{Topic: "orders", Value: []byte("v")}).Sum(), with.Sum())

	// They count where a record is too large.
	w = producerWorld(t, ProducerConfig{MaxRequestSize: 1000})
	w.cluster.topic("orders", 1)
	w.command(&Send{Topic: "orders", Headers: []wire.RecordHeader{{Key: "a", Value: make([]byte, 1000)}}})
	w.Run(time.Second)
	require.Equal(t, []string{" fail MESSAGE_TOO_LARGE"}, w.outcomes(kafka.FSend))
}
