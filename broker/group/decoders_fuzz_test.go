package group

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// Whatever a record of __consumer_offsets holds, the coordinator is there after it, and describes
// its groups.
func FuzzReplay(f *testing.F) {
	w := newWorld(f, Config{})
	ids := w.stable(2)
	w.commit(ids[0], 1, 5)
	for _, r := range w.logs[PartitionFor("billing", 50)] {
		f.Add(r.Key, r.Value)
		f.Add(r.Key, []byte(nil))
		f.Add(r.Value, r.Key)
	}
	f.Fuzz(func(t *testing.T, key, value []byte) {
		w := newWorld(t, Config{})
		p := PartitionFor("billing", 50)
		w.unload(p)
		w.logs[p] = []Record{{key, value}, {groupKey("billing"), value}, {
			offsetKey("billing", kafka.TopicPartition{Topic: "orders"}), value}}
		w.load(p)
		require.Len(t, w.describe(5, true, "billing"), 1)
		w.deleteOffset("billing", kafka.TopicPartition{Topic: "orders"})
		w.delete("billing")
		w.advance(100 * second)
	})
}

// Whatever a member says of itself, what it reads is known or not.
func FuzzSubscription(f *testing.F) {
	f.Add(consumerMetadata("orders", "returns"))
	f.Add([]byte{0xff, 0xff, 0, 0, 0, 0})
	f.Add([]byte{0, 1, 0x7f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, metadata []byte) {
		topics, ok := subscribedTopics(metadata)
		require.True(t, ok || topics == nil)
	})
}
