package kafka

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// jepsen is what Jepsen's Kafka workload writes, as JSON: keys are numbers or plain words, some lines
// are the nemesis's, and errors are anything.
const jepsen = `{"index":0,"process":0,"type":"invoke","f":"subscribe","time":900,"value":[9,"x"]}
{"index":1,"process":0,"type":"ok","f":"subscribe","time":950,"value":[9,"x"]}
{"index":2,"process":0,"type":"invoke","f":"txn","time":1000,"value":[["send",9,1],["poll"]]}
{"index":3,"process":"nemesis","type":"info","f":"start-partition","time":1500,"value":{"n1":["n2"]}}
{"index":4,"process":"nemesis","type":"info","f":"polls","time":1600}
{"index":5,"process":0,"type":"ok","f":"txn","time":2000,"value":[["send",9,[0,1]],["poll",{"9":[[0,1]],"x":[[null,2]]}]],"rebalance-log":[{"keys":[9,"x"]}]}
{"index":7,"process":0,"type":"invoke","f":"debug-topic-partitions","time":2600,"value":[9]}
{"index":8,"process":0,"type":"info","f":"debug-topic-partitions","time":2700,"error":["timeout",{"ms":5}]}
{"index":9,"process":1,"type":"info","f":"crash","time":2800,"error":["crashed"],"value":null}
`

func TestReadHistoryOfJepsen(t *testing.T) {
	h, unread, err := ReadAnyHistory(strings.NewReader(jepsen), "jepsen")
	require.NoError(t, err)
	require.Equal(t, []Unread{
		{`process "nemesis"`, 2}, {`f "debug-topic-partitions"`, 2},
	}, unread)
	require.Equal(t, 5, h.Len())
	nine, x := TopicPartition{"9", PlainKey}, TopicPartition{"x", PlainKey}
	require.Equal(t, []string{"9", "x"}, h.At(0).Keys)
	require.Equal(t, []Mop{
		{F: FSend, Key: nine, Value: "1", Offset: 0},
		{F: FPoll, Polled: []PolledRecords{
			{nine, []PolledRecord{{0, "1"}}}, {x, []PolledRecord{{NoOffset, "2"}}},
		}},
	}, h.At(3).Value)
	require.Equal(t, []string{"9", "x"}, h.At(3).Rebalance.Assigned)
	require.Equal(t, `["crashed"]`, h.At(4).Error)
	var b bytes.Buffer
	require.NoError(t, WriteHistory(&b, h))
	again, err := ReadHistory(&b, "again")
	require.NoError(t, err)
	require.Equal(t, unpacked(h), again)
}

// A word that is nearly a known one is a mistake of who wrote it, unless nobody's client wrote it.
func TestReadHistoryTellsMistakesFromOthersWords(t *testing.T) {
	_, _, err := ReadAnyHistory(strings.NewReader(`{"process":0,"type":"ok","f":"polll"}`), "h")
	require.ErrorContains(t, err, `did you mean "poll"?`)
	_, unread, err := ReadAnyHistory(strings.NewReader(`{"f":"polll","process":"nemesis","type":"info"}`), "h")
	require.NoError(t, err)
	require.Len(t, unread, 1)
	_, _, err = ReadAnyHistory(strings.NewReader(`{"process":0,"type":"invoke","f":"list-offsets"}
{"process":0,"type":"invoke","f":"poll"}`), "h")
	require.ErrorContains(t, err, "invokes a poll while its list-offsets of line 1 is open")
}
