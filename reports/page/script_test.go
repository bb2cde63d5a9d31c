package page

import (
	"path/filepath"
	"testing"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/recorded"
)

// What the script does without a document is tested by script/test/*.test.js, which run here: they
// get a function test and the data of a story.
func TestScript(t *testing.T) {
	files, err := filepath.Glob("script/test/*.test.js")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	data := string(appendData(nil, scriptStory(), digest.Lesson{}))
	var inks []string
	for _, row := range palette.Table() {
		if row.Variable != "" {
			inks = append(inks, row.Variable)
		}
	}
	for _, file := range files {
		base := filepath.Base(file)
		t.Run(base, func(t *testing.T) {
			vm := goja.New()
			require.NoError(t, vm.Set("inks", inks))
			_, err := vm.RunString("const story = " + data)
			require.NoError(t, err)
			ran := 0
			require.NoError(t, vm.Set("test", func(name string, body goja.Callable) {
				ran++
				t.Run(name, func(t *testing.T) {
					_, err := body(goja.Undefined())
					require.NoError(t, err)
				})
			}))
			_, err = vm.RunScript(base, bundle(t, "test/"+base, "", api.ES2018))
			require.NoError(t, err)
			require.Positive(t, ran)
		})
	}
}

// scriptStory is a failover with messages of every family.
func scriptStory() *digest.Story {
	r := recorded.Failover(20)
	frame := func(at model.Time, from, to model.NodeID, api string, reply bool) {
		r.Trace = append(r.Trace, kafka.TraceLine{
			TraceLine: model.TraceLine{At: at, Node: to, Kind: "frame", Peer: from, Conn: 3,
				Sent: at - 400_000, Label: model.Label{Name: api, Correlation: 7, Reply: reply}},
			Note: kafka.Note{Text: "orders-0@3", Partitions: []kafka.TopicPartition{{Topic: "orders"}}},
		})
	}
	for i := range model.Time(20) {
		at := 1000*ms + 50*i*ms
		frame(at, "producer-p1", "broker-2", "Produce", false)
		frame(at+ms, "broker-3", "broker-2", "Fetch", false)
		frame(at+2*ms, "broker-2", "broker-3", "Fetch", true)
		frame(at+3*ms, "consumer-1", "broker-2", "Fetch", false)
		frame(at+4*ms, "consumer-1", "broker-2", "Heartbeat", false)
		frame(at+5*ms, "broker-1", "broker-2", "UpdateMetadata", false)
		frame(at+6*ms, "broker-1", "zookeeper-1", "zk.ping", false)
	}
	return story(r)
}
