package logs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// The values of Kafka's own test (UtilsTest.testMurmur2, 3.9).
func TestKeyHash(t *testing.T) {
	for key, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "abc": 479470107,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
	} {
		require.Equal(t, want, int32(keyHash([]byte(key))), key)
	}
}

// A key is in its partition by one of the sizes that the topic has had; "abc" is 479470107.
func TestMisroutedKey(t *testing.T) {
	for _, tt := range []struct {
		grown     int32 // a partition of it got a leader
		partition int32
		wrong     bool
	}{
		{0, 479470107 % 4, false},
		{0, (479470107 + 1) % 4, true},
		{5, 479470107 % 6, false},
		{0, 479470107 % 6, 479470107%6 != 479470107%4},
	} {
		b := New()
		b.Observe(&kafka.TraceLine{Note: kafka.Note{
			Kind: kafka.TopicCreated, Topic: "t", Replicas: make([][]kafka.BrokerID, 4),
		}})
		b.Observe(&kafka.TraceLine{Note: kafka.Note{
			Kind: kafka.LeaderElected, Topic: "t", Partition: tt.grown,
		}})
		b.ObserveOp(&kafka.Op{Type: kafka.OK, F: kafka.FSend, RecordKey: "abc", Value: []kafka.Mop{{
			F: kafka.FSend, Key: kafka.TopicPartition{Topic: "t", Partition: tt.partition}, Offset: 3,
		}}}, "p")
		require.Equal(t, tt.wrong, len(b.MisroutedKeys(0, nil)) > 0, "%+v", tt)
	}
}
