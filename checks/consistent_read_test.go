package checks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// A record that was read and stands in a batch that is damaged now is not gone: it is looked for again later.
// What is missing for another reason is.
func TestADamagedBatchHasLostNothingYet(t *testing.T) {
	look := func(damaged kafka.Offset) (w *Watcher, at func(held ...string) []kafka.Anomaly) {
		w = NewWatcher()
		for offset, text := range []string{"a", "b", "c"} {
			w.ObserveOp(&kafka.Op{Type: kafka.OK, F: kafka.FPoll, Client: "c", Value: []kafka.Mop{{
				F: kafka.FPoll, Polled: []kafka.PolledRecords{{Key: orders(), Records: []kafka.PolledRecord{
					{Offset: kafka.Offset(offset), Value: text},
				}}},
			}}})
		}
		return w, func(held ...string) []kafka.Anomaly {
			leader := leading(replicaWith(1, 3, 10, 11, 12), 1)
			leader.Values = func(from, to kafka.Offset, yield func(kafka.Offset, []byte) bool) {
				for i := from; i < min(to, kafka.Offset(len(held))); i++ {
					if held[i] != "" && !yield(i, []byte(held[i])) {
						return
					}
				}
			}
			leader.Damaged = func(from, to kafka.Offset) (kafka.Offset, kafka.Offset) {
				if int(damaged) < len(held) && held[damaged] != "" {
					return 0, 0
				}
				return max(from, damaged), min(to, damaged+1)
			}
			w.Inspect(cluster(1, ledBy(1, 1, 1), leader))
			return anomalies(w.Findings())
		}
	}
	_, at := look(1)
	require.Empty(t, at("a", "", "c"), "it cannot be read")
	require.Empty(t, at("a", "b", "c"), "it is there again")
	_, at = look(1)
	require.Empty(t, at("a", "", "c"))
	require.Equal(t, []kafka.Anomaly{kafka.ConsistentRead}, at("a", "x", "c"), "another stands there")
	_, at = look(2)
	require.Equal(t, []kafka.Anomaly{kafka.ConsistentRead}, at("a", "", "c"), "it is gone")
}
