package digest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/recorded"
)

// crowded is the story of a crowd.
func crowded(rounds int) (*Story, *recorded.Traffic) {
	c := NewCollector()
	w := &recorded.Traffic{To: c}
	w.Crowd(rounds)
	return c.Story(kafka.Run{}), w
}

// requireSound holds a diagram to what those who draw it rely on.
func requireSound(t *testing.T, d *Diagram) {
	t.Helper()
	require.LessOrEqual(t, len(d.Events), diagramLimit)
	for i := range d.Events {
		e := &d.Events[i]
		if e.Cause >= i || e.Cause < -1 || e.Lane >= len(d.Lanes) || e.Peer >= len(d.Lanes) ||
			i > 0 && (e.At < d.Events[i-1].At || e.Seq < d.Events[i-1].Seq) {
			require.Fail(t, "no event", "%d: %+v", i, *e)
		}
	}
	for i, s := range d.States {
		if s.Event < 0 || s.Event >= len(d.Events) || i > 0 && s.Event < d.States[i-1].Event {
			require.Fail(t, "no state", "%d: %+v", i, s)
		}
	}
}

// Of a huge trace the diagram keeps what matters, with its causes, and says what it left out.
func TestDiagramOfAHugeTrace(t *testing.T) {
	const rounds = 40_000 // 320,000 events: the recorder has to make room while it goes on
	s, w := crowded(rounds)
	d := &s.Diagram
	requireSound(t, d)
	require.Greater(t, len(d.Events), diagramLimit*9/10)
	require.Equal(t, int(w.Seq)+rounds+1, d.Lines)
	require.Equal(t, int(w.Seq)+1, len(d.Events)+d.Left, "every event is there or counted")
	election := -1
	for i := range d.Events {
		if d.Events[i].Kind == kafka.LeaderElected.String() {
			require.Negative(t, election, "one election")
			election = i
		}
	}
	require.Positive(t, election)
	var chain []string
	for i := election; i >= 0; i = d.Events[i].Cause {
		chain = append(chain, d.Events[i].Kind+d.Events[i].Label.Name)
	}
	require.Equal(t, []string{"leader-elected", "flushed", "frameUpdateMetadata", "frameUpdateMetadata",
		"timer"}, chain, "back to the root")
	folded := 0
	for i := range d.Events {
		if d.Events[i].Fold != Unfolded {
			folded++
		}
	}
	require.Less(t, folded, 100, "exchanges that repeat are left out first")
}

// A diagram that fits lacks nothing, and its exchanges are classed.
func TestDiagramFolds(t *testing.T) {
	s, w := crowded(10)
	d := &s.Diagram
	requireSound(t, d)
	require.Zero(t, d.Left)
	require.Len(t, d.Events, int(w.Seq)+1)
	classes := map[string]Fold{}
	for i := range d.Events {
		e := &d.Events[i]
		key := e.Kind + e.Label.Name
		was, known := classes[key]
		require.True(t, !known || was == e.Fold, "%s is folded or not", key)
		classes[key] = e.Fold
	}
	require.Equal(t, map[string]Fold{
		"timer": Noise, "flushed": Noise, "command": Unfolded, "frameFetch": EmptyPoll,
		"frameHeartbeat": Heartbeat, "frameProduce": Unfolded, "frameUpdateMetadata": Unfolded,
		"leader-elected": Unfolded,
	}, classes)
}

// A chain of causes that is longer than the diagram is cut.
func TestDiagramOfOneLongChain(t *testing.T) {
	c := NewCollector()
	w := &recorded.Traffic{To: c}
	cause := uint64(0)
	for range diagramLimit + 10 {
		cause = w.Event("broker-1", model.Commanded.String(), cause)
	}
	s := c.Story(kafka.Run{})
	requireSound(t, &s.Diagram)
	require.Len(t, s.Diagram.Events, diagramLimit)
}

// BenchmarkDiagram records a run of 320,000 events.
func BenchmarkDiagram(b *testing.B) {
	for b.Loop() {
		crowded(40_000)
	}
}

// known is what a node knows after the last event.
func known(d *Diagram, node model.NodeID) map[string]string {
	out := map[string]string{}
	for _, s := range d.States {
		switch {
		case d.Lanes[s.Lane].Node != node:
		case s.Value == "":
			delete(out, s.Key)
		default:
			out[s.Key] = s.Value
		}
	}
	return out
}

// What no note tells is learned from the wire: who is registered in ZooKeeper, and where consumers
// read.
func TestDiagramKnowsWhatFramesSay(t *testing.T) {
	d := registered(t, false)
	require.Equal(t, map[string]string{"/brokers/ids": "broker-1, broker-2, broker-10", "/controller": "broker-2",
		"session of broker-1": "open", "session of broker-2": "open", "session of broker-10": "open"},
		known(d, "zookeeper-1"))
	require.Equal(t, map[string]string{"a-0 position": "618", "b-1 position": "70"}, known(d, "consumer-1"))
	require.NotContains(t, known(d, "broker-2"), "a-0 position")

	d = registered(t, true)
	require.Equal(t, map[string]string{"/brokers/ids": "broker-10", "session of broker-1": "closed",
		"session of broker-2": "expired", "session of broker-10": "open"}, known(d, "zookeeper-1"))
}

// registered is a run in which brokers register and a consumer reads, and then two sessions end.
func registered(t *testing.T, ends bool) *Diagram {
	c := NewCollector()
	w := &recorded.Traffic{To: c}
	say := func(from, to model.NodeID, api string, reply bool, text string) {
		w.Seq++
		w.At += 1000
		w.To.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{
			At: w.At, Seq: w.Seq, Node: to, Kind: model.FrameReceived.String(),
			Peer: from, Label: model.Label{Name: api, Reply: reply}}, Note: kafka.Note{Text: text,
			Partitions: []kafka.TopicPartition{{Topic: "a"}, {Topic: "b", Partition: 1}}}})
	}
	const zk = "zookeeper-1"
	for _, broker := range []model.NodeID{"broker-1", "broker-2", "broker-10"} {
		say(broker, zk, "zk.connect", false, "new session timeout=6s")
		say(zk, broker, "zk.create", true, "/brokers/ids/"+string(broker[7:])+" zxid=5")
	}
	say(zk, "broker-2", "zk.create", true, "/brokers/ids/2 NODEEXISTS zxid=5")
	say(zk, "broker-2", "zk.create", true, "/brokers/ids zxid=5")
	w.Note("broker-2", kafka.Note{Kind: kafka.ControllerElected, Broker: 2, Epoch: 1})
	say("consumer-1", "broker-1", "Fetch", false, "max_wait=500ms a-0@618 epoch=0, b-1@70")
	say("broker-2", "broker-1", "Fetch", false, "replica=2 max_wait=500ms a-0@9")
	say("consumer-1", "broker-1", "Fetch", false, "session=1 b-1@7…")
	if ends {
		w.Event(zk, model.TimerFired.String(), 0)
		w.Note(zk, kafka.Note{Kind: kafka.SessionExpired, Text: "broker-2"})
		say("broker-1", zk, "zk.closeSession", false, "session ends")
	}
	s := c.Story(kafka.Run{})
	requireSound(t, &s.Diagram)
	return &s.Diagram
}
