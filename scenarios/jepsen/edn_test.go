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
{"index":6,"time":2600,"type":"invoke","process":0,"f":"assign","value":["9","10"]}
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
