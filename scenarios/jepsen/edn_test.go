package jepsen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

const asEDN = `; of a test with two partitions
{:index 0, :time 1000, :type :invoke, :process 0, :f :txn, :value [[:send 9 1] [:poll]]}
{:type :info, :f :start-partition, :process :nemesis, :time 1500, :index 1, :value {"n1" #{"n2" "n3"}}}
{:type :info, :f :odd, :process :nemesis, :time 1501, :index 2, :value {[1 2] 3, #{[1]} 2}}

#jepsen.history.Op{:index 5, :time 2000, :type :ok, :process 0, :f :txn, :value [[:send 9 [0 1]] [:poll {9 [[0 1] [nil 2]], "x" []}]], :rebalance-log [{:keys [9]}]}
{:index 6, :time 2600, :type :invoke, :process 0, :f :assign, :value [9 10], :seek-to-beginning? true}
{:index 7, :time 2700, :type :info, :process 0, :f :assign, :value [9 10], :error [:timeout "slow"]}
`

const asJSON = `{"index":0,"time":1000,"type":"invoke","process":0,"f":"txn","value":[["send","9",1],["poll"]]}
{"index":5,"time":2000,"type":"ok","process":0,"f":"txn","value":[["send","9",[0,1]],["poll",{"9":[[0,1],[null,2]],"x":[]}]],"rebalance_log":{"assigned":["9"]}}
{"index":6,"time":2600,"type":"invoke","process":0,"f":"assign","value":["9","10"],"seek-to-beginning?":true}
{"index":7,"time":2700,"type":"info","process":0,"f":"assign","value":["9","10"],"error":"[\"timeout\",\"slow\"]"}
`

// The same history in EDN and in JSON is the same history, in a vector too.
func TestEDNIsReadAsJSONIs(t *testing.T) {
	want, err := kafka.ReadHistory(strings.NewReader(asJSON), "json")
	require.NoError(t, err)
	for name, text := range map[string]string{
		"lines": asEDN, "a vector": "[" + strings.TrimPrefix(asEDN, "; of a test with two partitions\n") + "]",
	} {
		require.True(t, IsEDN([]byte(text)), name)
		lines, err := Lines(strings.NewReader(text), "h.edn")
		require.NoError(t, err, name)
		require.Equal(t, strings.Count(text, "\n"), bytes.Count(bytes.TrimRight(lines, "\n"), []byte("\n"))+1, name)
		got, unread, err := kafka.ReadAnyHistory(bytes.NewReader(lines), "h.edn")
		require.NoError(t, err, string(lines))
		require.Equal(t, len(want), got.Len(), name)
		for i := range want {
			require.Equal(t, want[i], *got.At(i), name)
		}
		require.Equal(t, []kafka.Unread{{What: `process "nemesis"`, Lines: 2}}, unread, name)
	}
}

// What Jepsen writes beside operations is read over: times and indexes that it does not know, errors
// with tags, values of every kind.
func TestOddThingsInEDN(t *testing.T) {
	const odd = `
{:time -1, :process 0, :type :invoke, :f :send, :value [[:send :k true] [:send "k" nil] [:send k 1.5] [:send 7 \a]]}
{:process 0, :type :info, :f :send, :value nil, :error #error {:via [{:type java.lang.Error}]}, :time -1, :index -1}
{:process 1, :type :info, :f :crash, :value nil, :error [:exception #object[java.util.Date 0x6b6c5d "soon"]]}
{:process 2, :type :invoke, :f :poll, :value ([:poll]), :poll-ms 1000, :at #inst "2020-01-01T00:00:00Z"}
{:process 2, :type :ok, :f :poll, :value ([:poll {:k ([0 true])}]), :rebalance-log [{:keys (7 :k), :type :assign}]}
{:process :nemesis, :type :info, :f :kill, :value {"n1" :killed, nil #{1}}}
{:process 3, :type :info, :f :debug-topic-partitions, :value {9 {:leader nil}}}
{:process 4, :type :invoke, :f :assign, :value #{7 9}}
`
	lines, err := Lines(strings.NewReader(odd), "h.edn")
	require.NoError(t, err)
	h, unread, err := kafka.ReadAnyHistory(bytes.NewReader(lines), "h.edn")
	require.NoError(t, err, string(lines))
	require.Equal(t, 6, h.Len())
	require.Equal(t, []kafka.Unread{
		{What: `process "nemesis"`, Lines: 1}, {What: `f "debug-topic-partitions"`, Lines: 1},
	}, unread)
	key := kafka.ParseKey("k")
	require.Equal(t, []kafka.Mop{
		{F: kafka.FSend, Key: key, Value: "true", Offset: kafka.NoOffset},
		{F: kafka.FSend, Key: key, Value: "null", Offset: kafka.NoOffset},
		{F: kafka.FSend, Key: key, Value: "1.5", Offset: kafka.NoOffset},
		{F: kafka.FSend, Key: kafka.ParseKey("7"), Value: "a", Offset: kafka.NoOffset},
	}, h.At(0).Value)
	require.Equal(t, []kafka.PolledRecords{
		{Key: key, Records: []kafka.PolledRecord{{Offset: 0, Value: "true"}}},
	}, h.At(4).Value[0].Polled)
	require.Equal(t, []string{"7", "k"}, h.At(4).Rebalance.Assigned)
	require.Equal(t, []string{"7", "9"}, h.At(5).Keys)
	require.Equal(t, kafka.Invoke, h.At(5).Type)
}

func TestWhatIsNoEDN(t *testing.T) {
	for _, text := range []string{"", "# a comment\n" + asJSON, asJSON, "not json", `{"a":1}`, "[1 2]"} {
		require.False(t, IsEDN([]byte(text)), text)
	}
	for _, c := range []struct{ text, want string }{
		{"\n{:index 0", "h.edn:2: no operation in EDN: "}, {"{:a 1}\n42", "h.edn:2"},
		{"{:a " + strings.Repeat("[", 1<<20), "more than 100 values inside each other"},
	} {
		_, err := Lines(strings.NewReader(c.text), "h.edn")
		var input *model.InputError
		require.ErrorAs(t, err, &input, c.text)
		require.Contains(t, err.Error(), c.want)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(asEDN))
	f.Add([]byte(`{:a #b [1] :c #{1 1.5M \a} :d #inst "2020-01-01T00:00:00Z" :e 1N}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, err := Lines(bytes.NewReader(text), "h.edn")
		if err == nil {
			require.LessOrEqual(t, bytes.Count(lines, []byte("\n")), bytes.Count(text, []byte("\n"))+1)
		}
	})
}
