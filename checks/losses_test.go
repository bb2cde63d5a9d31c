package checks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// withValues gives a replica the values of its records, from offset 0 on.
func withValues(r kafka.ReplicaView, texts ...string) kafka.ReplicaView {
	r.Values = func(from, to kafka.Offset, yield func(kafka.Offset, []byte) bool) {
		for i := from; i < min(to, kafka.Offset(len(texts))); i++ {
			if !yield(i, []byte(texts[i])) {
				return
			}
		}
	}
	return r
}

// What was read is looked for wherever nothing was lost, below the loss and behind it, although one
// offset of the partition is excused.
func TestALossExcusesNoOtherRecordThatWasRead(t *testing.T) {
	for name, c := range map[string]struct {
		held []string // by the leader afterwards
		sums []uint64 // its batches
		want []kafka.Anomaly
	}{
		"the lost one is another": {[]string{"a", "x", "c"}, []uint64{10, 99, 12}, nil},
		"one below it":            {[]string{"z", "x", "c"}, []uint64{98, 99, 12}, []kafka.Anomaly{kafka.ConsistentRead}},
		"one behind it":           {[]string{"a", "x", "z"}, []uint64{10, 99, 98}, []kafka.Anomaly{kafka.ConsistentRead}},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWatcher()
			w.Observe(noteLine(1, kafka.LogEnd, 2))
			w.Observe(faultLine(model.FaultPowerLoss, "broker-1"))
			w.Observe(noteLine(1, kafka.LogRecovered, 1)) // offset 1 is gone
			for offset, text := range []string{"a", "b", "c"} {
				w.ObserveOp(&kafka.Op{Type: kafka.OK, F: kafka.FPoll, Client: "c", Value: []kafka.Mop{{
					F: kafka.FPoll, Polled: []kafka.PolledRecords{{Key: orders(), Records: []kafka.PolledRecord{
						{Offset: kafka.Offset(offset), Value: text},
					}}},
				}}})
			}
			leader := withValues(leading(replicaWith(1, 3, c.sums...), 1), c.held...)
			w.Inspect(cluster(1, ledBy(1, 1, 1), leader))
			require.Equal(t, c.want, anomalies(w.Findings()))
		})
	}
}

// A replica that was seen with its leader's log after an unclean election is compared from then on,
// also when it falls behind; another unclean election ends that.
func TestWhoRejoinedIsComparedAgain(t *testing.T) {
	unclean := &kafka.TraceLine{Note: kafka.Note{Kind: kafka.UncleanElected, Topic: "orders"}}
	leader := func(isr ...kafka.BrokerID) kafka.ReplicaView {
		r := leading(replicaWith(2, 2, 10, 11), 1)
		r.ISR = isr
		return r
	}
	for _, again := range []bool{false, true} {
		w := NewWatcher()
		w.Observe(unclean)
		w.Inspect(cluster(1, ledBy(2, 1, 1, 2), replicaWith(1, 2, 10, 11), leader(1, 2)))
		require.Empty(t, w.Findings())
		if again {
			w.Observe(unclean)
		}
		w.Inspect(cluster(2, ledBy(2, 1, 2), replicaWith(1, 2, 10, 99), leader(2)))
		require.Equal(t, again, len(w.Findings()) == 0)
	}
}
