package checks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// keyed is a history of acknowledged sends of keyed records to orders-0, at the offsets 0, 1, 2, …, and one
// final poll that returns some of them.
func keyed(keysAndValues [][2]string, read ...int) model.History {
	var h model.History
	add := func(op model.Op) {
		op.Index, op.Time = len(h), model.Time(len(h))
		h = append(h, op)
	}
	for i, kv := range keysAndValues {
		mop := model.Mop{F: model.FSend, Key: orders(), Value: kv[1], Offset: model.NoOffset}
		add(model.Op{Type: model.Invoke, F: model.FSend, Client: "p1", RecordKey: kv[0], Value: []model.Mop{mop}})
		mop.Offset = model.Offset(i)
		add(model.Op{Type: model.OK, F: model.FSend, Client: "p1", Acks: "all", Value: []model.Mop{mop}})
	}
	polled := model.PolledRecords{Key: orders()}
	for _, i := range read {
		polled.Records = append(polled.Records, model.PolledRecord{Offset: model.Offset(i), Value: keysAndValues[i][1]})
	}
	add(model.Op{Type: model.OK, F: model.FPoll, Process: 9, Client: "reader", Final: true,
		Value: []model.Mop{{F: model.FPoll, Polled: []model.PolledRecords{polled}}}})
	return h
}

func judged(h model.History, o Options) []model.Anomaly { return anomalies(Judge(h, o).Findings) }

func TestCompactionMayRemoveAllButTheLast(t *testing.T) {
	sent := [][2]string{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}}
	compacted := Options{Compacted: []string{"orders"}}
	require.Empty(t, judged(keyed(sent, 1, 2, 3), compacted))
	require.Equal(t, []model.Anomaly{model.LostWrite, model.Nonlinearizable},
		judged(keyed(sent, 0, 1, 3), compacted), "the last a is gone")
	require.Equal(t, []model.Anomaly{model.Unseen}, judged(keyed(sent, 1, 2), compacted), "c is gone")
	require.Empty(t, judged(keyed(sent, 1, 2), Options{Compacted: []string{"orders"}, Deleted: []string{"c"}}))
	require.NotEmpty(t, judged(keyed(sent, 1, 2, 3), Options{}), "in a topic that is not compacted, 1 is lost")
}

func TestWhatRetentionTookIsNotLost(t *testing.T) {
	sent := [][2]string{{"", "1"}, {"", "2"}, {"", "3"}, {"", "4"}}
	starts := Options{Starts: map[model.TopicPartition]model.Offset{orders(): 2}}
	require.Empty(t, judged(keyed(sent, 2, 3), starts))
	require.NotEmpty(t, judged(keyed(sent, 2, 3), Options{}))
	require.NotEmpty(t, judged(keyed(sent, 3), starts), "2 is below the start, but 3 is not")
}
