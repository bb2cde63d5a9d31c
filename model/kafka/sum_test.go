package kafka

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every field that a trace or a history could show moves the hash.
func TestSumsCoverEveryField(t *testing.T) {
	tp := TopicPartition{Topic: "t"}
	notes := []Note{
		{}, {Kind: LogEnd}, {Topic: "t"}, {Partition: 1}, {Broker: 1}, {Epoch: 1}, {Offset: 1},
		{Group: "g"}, {Member: "m"}, {Generation: 1}, {Text: "x"}, {Brokers: []BrokerID{1}},
		{Partitions: []TopicPartition{tp}},
	}
	ops := []Op{
		{}, {ID: 1}, {Type: OK}, {F: FPoll}, {Error: "X"}, {Keys: []string{"t-0"}},
		{Value: []Mop{{Key: tp}}}, {Value: []Mop{{Key: tp, Value: "v"}}}, {Value: []Mop{{Key: tp, Offset: 1}}},
		{Value: []Mop{{Polled: []PolledRecords{
			{Key: tp, Records: []PolledRecord{{Offset: 1, Value: "v"}}},
		}}}},
		{Offsets: []PartitionOffset{{Key: tp, Offset: 1}}},
	}
	seen := map[uint64]string{}
	add := func(what string, hash uint64) {
		require.NotContains(t, seen, hash, "%s hashes as %s", what, seen[hash])
		seen[hash] = what
	}
	for _, n := range notes {
		add(fmt.Sprintf("%+v", n), n.Sum(1))
	}
	for _, op := range ops {
		add(fmt.Sprintf("%+v", op), op.Sum(2))
	}
}
