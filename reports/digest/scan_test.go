package digest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// drawLine draws the line of an event.
func drawLine(t *rapid.T) kafka.TraceLine {
	odd := rapid.SampledFrom([]string{"", "plain", `"quoted" \ back`, "<script>&</script>", "tab\tnew\n", "ä€😀",
		"bad \xff\xfe", "\u2028"})
	kind := rapid.SampledFrom([]string{"frame", "timer", "command", "conn-opened", "lost", "held", "fault",
		"log-end", "leader-elected"}).Draw(t, "kind")
	l := kafka.TraceLine{
		TraceLine: model.TraceLine{At: model.Time(rapid.Int64Range(0, 1e14).Draw(t, "at")), Seq: rapid.Uint64Range(0, 1e9).Draw(t, "seq"),
			Node: "broker-1", Kind: kind, Cause: rapid.Uint64Range(0, 3).Draw(t, "cause"),
			Conn: model.ConnID(rapid.IntRange(0, 2).Draw(t, "conn")), Empty: rapid.Bool().Draw(t, "empty"),
			Peer:  model.NodeID(odd.Draw(t, "peer")),
			Timer: model.Timer{Kind: rapid.Uint32Range(0, 2).Draw(t, "timer"), ID: rapid.Uint64Range(0, 2).Draw(t, "id")}},
		Note: kafka.Note{Text: odd.Draw(t, "text")},
	}
	l.Note.Kind, _ = kafka.ParseNoteKind(kind)
	if rapid.Bool().Draw(t, "is a frame") {
		l.Label = model.Label{Name: "Fetch", Reply: rapid.Bool().Draw(t, "reply"), Versioned: true,
			Version: int16(rapid.IntRange(0, 12).Draw(t, "version")), Correlation: rapid.Int32().Draw(t, "corr")}
		l.Bytes, l.Sent = rapid.IntRange(0, 9).Draw(t, "bytes"), 5
		for i := range rapid.IntRange(0, 3).Draw(t, "partitions") {
			l.Note.Partitions = append(l.Note.Partitions,
				kafka.TopicPartition{Topic: "orders", Partition: int32(i)})
		}
	}
	return l
}

// The quick way reads a line as the slow one does, or leaves it alone.
func TestEventLinesAreReadAlike(t *testing.T) {
	quick := 0
	rapid.Check(t, func(t *rapid.T) {
		l := drawLine(t)
		line := l.AppendJSON(nil)
		want, err := kafka.ParseTraceLine(line)
		require.NoError(t, err)
		got, ok := newTraceReader(strings.NewReader("")).eventLine(line)
		if ok {
			require.Equal(t, want, got, string(line))
			quick++
		}
	})
	require.Positive(t, quick)
}

// The usual lines of a trace do not go the slow way.
func TestEventLinesAreReadQuickly(t *testing.T) {
	r := newTraceReader(strings.NewReader(""))
	for _, line := range []string{
		`{"at":0,"seq":1,"node":"broker-1","kind":"started"}`,
		`{"at":1,"seq":2,"node":"p","kind":"command","text":"send orders/-1 key=\"\" value=\"\u003cb\u003e\""}`,
		`{"at":3,"seq":4,"node":"b","kind":"timer","timer":1,"timer_id":7}`,
		`{"at":3,"seq":4,"node":"b","kind":"frame","cause":2,"conn":8,"peer":"p","api":"Produce","reply":true,` +
			`"version":11,"corr":-7,"bytes":2,"sent":1,"empty":true,"partitions":["orders-0","a-b-12"],"text":"x"}`,
	} {
		_, ok := r.eventLine([]byte(line))
		require.True(t, ok, line)
	}
	for _, line := range []string{
		`{"at":0,"seq":1,"node":"broker-1","kind":"started"`, `{"at":0}`, "", `{`,
		`{"at":1,"seq":2,"node":"p","kind":"command","text":"\`,
		`{"at":1,"seq":2,"node":"p","kind":"command","text":"\u00"}`,
		`{"at":1,"seq":2,"node":"p","kind":"frame","partitions":["orders"]}`,
		`{"at":1,"seq":2,"node":"p","kind":"frame","partitions":["orders-0"}`,
		`{"at":1,"seq":2,"node":"p","kind":"frame","more":1}`,
		`{"at":1,"seq":2,"node":"p","kind":"log-end"}`,
	} {
		_, ok := r.eventLine([]byte(line))
		require.False(t, ok, line)
	}
}
