package kafka

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// drawNote fills exactly the fields that its kind carries.
func drawNote(t *rapid.T) Note {
	n := Note{Kind: NoteKind(rapid.IntRange(1, int(noteKinds)-1).Draw(t, "note"))}
	fields := noteTable[n.Kind].fields
	number := rapid.Int32Range(0, 1<<20)
	if fields&hasTopic != 0 {
		n.Topic, n.Partition = "orders", number.Draw(t, "partition")
	}
	if fields&hasBroker != 0 {
		n.Broker = BrokerID(number.Draw(t, "broker"))
	}
	if fields&hasEpoch != 0 {
		n.Epoch = Epoch(number.Draw(t, "epoch"))
	}
	if fields&hasOffset != 0 {
		n.Offset = Offset(number.Draw(t, "offset"))
	}
	if fields&hasGroup != 0 {
		n.Group = "billing"
	}
	if fields&hasMember != 0 {
		n.Member = rapid.String().Draw(t, "member")
	}
	if fields&hasGeneration != 0 {
		n.Generation = number.Draw(t, "generation")
	}
	if fields&hasBrokers != 0 {
		n.Brokers = rapid.SampledFrom([][]BrokerID{{}, {1}, {3, 1, 2}}).Draw(t, "brokers")
	}
	if fields&hasPartitions != 0 {
		n.Partitions = rapid.SampledFrom([][]TopicPartition{nil, {{"a-b", 0}, {"c", 7}}}).
			Draw(t, "partitions")
	}
	if fields&hasReason != 0 {
		n.Reason = rapid.SampledFrom([]Reason{"", ReasonLeft, ReasonExpired}).Draw(t, "reason")
	}
	if fields&hasReplicas != 0 {
		n.Replicas = rapid.SampledFrom([][][]BrokerID{nil, {{2, 1}}, {{1}, {3, 2}}}).Draw(t, "replicas")
	}
	n.Text = rapid.String().Draw(t, "text")
	return n
}

func TestTraceLineRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := TraceLine{TraceLine: model.TraceLine{
			At: model.Time(rapid.Int64Min(0).Draw(t, "at")), Seq: rapid.Uint64().Draw(t, "seq"),
			Node: model.NodeID(rapid.String().Draw(t, "node")), Cause: rapid.Uint64().Draw(t, "cause"),
		}}
		switch rapid.SampledFrom([]string{"note", "frame", "timer", "fault"}).Draw(t, "what") {
		case "note":
			l.Note = drawNote(t)
			l.Kind = l.Note.Kind.String()
		case "frame":
			l.Kind, l.Conn, l.Peer = model.FrameReceived.String(), 4, "producer-p1"
			l.Label = model.Label{Name: "Produce", Reply: rapid.Bool().Draw(t, "reply"),
				Correlation: rapid.Int32().Draw(t, "corr"), Versioned: rapid.Bool().Draw(t, "versioned")}
			if l.Label.Versioned {
				l.Label.Version = rapid.Int16().Draw(t, "version")
			}
			l.Bytes, l.Sent = rapid.IntRange(1, 1<<30).Draw(t, "bytes"), 77
			l.Empty, l.Note.Text = rapid.Bool().Draw(t, "empty"), rapid.String().Draw(t, "text")
			l.Note.Partitions = rapid.SampledFrom([][]TopicPartition{nil, {{"a-b", 0}, {"<c>", 7}}}).
				Draw(t, "partitions")
		case "timer":
			l.Kind = model.TimerFired.String()
			l.Timer = model.Timer{Kind: rapid.Uint32().Draw(t, "timer"), ID: rapid.Uint64().Draw(t, "id")}
		case "fault":
			l.Fault = &model.Fault{
				Verb: model.FaultDrop, Node: l.Node, Peer: "b", Message: "Fetch", Detail: "<x>",
				Failed: rapid.String().Draw(t, "failed"), By: 5, Until: model.Time(rapid.Int64().Draw(t, "until")),
			}
			l.Kind, l.Peer, l.Note.Text = model.TraceFault, l.Fault.Peer, l.Fault.Words()
		}
		text := l.AppendJSON(nil)
		require.True(t, json.Valid(text), string(text))
		read, err := ParseTraceLine(text)
		require.NoError(t, err)
		require.Equal(t, l, read)
		require.Equal(t, string(text), string(read.AppendJSON(nil)))
	})
}

func TestParseTraceLineRefuses(t *testing.T) {
	for _, bad := range []string{"", "{", `{"at":"x"}`, `{"kind":"partitions-assigned","partitions":["nodash"]}`} {
		_, err := ParseTraceLine([]byte(bad))
		require.Error(t, err, bad)
	}
}

func TestEveryNoteKindHasOneName(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range NoteKinds() {
		require.NotEmpty(t, name)
		require.False(t, seen[name], name)
		seen[name] = true
		kind, ok := ParseNoteKind(name)
		require.True(t, ok)
		require.Equal(t, name, kind.String())
	}
	_, ok := ParseNoteKind("none")
	require.False(t, ok)
	require.Equal(t, "note(250)", NoteKind(250).String())
}

func TestNotePrintsItsFields(t *testing.T) {
	n := Note{
		Kind:      LeaderElected,
		Topic:     "orders",
		Partition: 2,
		Broker:    1,
		Epoch:     5,
		Brokers:   []BrokerID{1, 2},
		Text:      "x",
	}
	require.Equal(t, "leader-elected orders-2 broker=1 epoch=5 isr=[1 2] (x)", n.String())
	n.Kind = ReassignmentStarted // a move names where the replicas shall be, in sync or not
	require.Equal(t, "reassignment-started orders-2 replicas=[1 2] (x)", n.String())
}
