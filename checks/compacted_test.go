package checks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// keyed is a history of acknowledged sends of keyed records to orders-0, at the offsets 0, 1, 2, …, and one
// final poll that returns some of them.
func keyed(keysAndValues [][2]string, read ...int) kafka.History {
	var h kafka.History
	add := func(op kafka.Op) {
		op.Index, op.Time = len(h), model.Time(len(h))
		h = append(h, op)
	}
	for i, kv := range keysAndValues {
		mop := kafka.Mop{F: kafka.FSend, Key: orders(), Value: kv[1], Offset: kafka.NoOffset}
		add(kafka.Op{Type: kafka.Invoke, F: kafka.FSend, Client: "p1", RecordKey: kv[0], Value: []kafka.Mop{mop}})
		mop.Offset = kafka.Offset(i)
		add(kafka.Op{Type: kafka.OK, F: kafka.FSend, Client: "p1", Acks: "all", Value: []kafka.Mop{mop}})
	}
	polled := kafka.PolledRecords{Key: orders()}
	for _, i := range read {
		polled.Records = append(polled.Records, kafka.PolledRecord{Offset: kafka.Offset(i), Value: keysAndValues[i][1]})
	}
	add(kafka.Op{Type: kafka.OK, F: kafka.FPoll, Process: 9, Client: "reader", Final: true,
		Value: []kafka.Mop{{F: kafka.FPoll, Polled: []kafka.PolledRecords{polled}}}})
	return h
}

func judged(h kafka.History, o Options) []kafka.Anomaly { return anomalies(Judge(h, o).Findings) }

func TestCompactionMayRemoveAllButTheLast(t *testing.T) {
	sent := [][2]string{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}}
	compacted := Options{Compacted: []string{"orders"}}
	require.Empty(t, judged(keyed(sent, 1, 2, 3), compacted))
	require.Equal(t, []kafka.Anomaly{kafka.LostWrite},
		judged(keyed(sent, 0, 1, 3), compacted), "the last a is gone")
	require.Equal(t, []kafka.Anomaly{kafka.Unseen}, judged(keyed(sent, 1, 2), compacted), "c is gone")
	require.Empty(t, judged(keyed(sent, 1, 2), Options{Compacted: []string{"orders"}, Deleted: []string{"c"}}))
	require.NotEmpty(t, judged(keyed(sent, 1, 2, 3), Options{}), "in a topic that is not compacted, 1 is lost")
}

func TestWhatRetentionTookIsNotLost(t *testing.T) {
	sent := [][2]string{{"", "1"}, {"", "2"}, {"", "3"}, {"", "4"}}
	starts := Options{Starts: map[kafka.TopicPartition]kafka.Offset{orders(): 2}}
	require.Empty(t, judged(keyed(sent, 2, 3), starts))
	require.NotEmpty(t, judged(keyed(sent, 2, 3), Options{}))
	require.NotEmpty(t, judged(keyed(sent, 3), starts), "2 is below the start, but 3 is not")
}
