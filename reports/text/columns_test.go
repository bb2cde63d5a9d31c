package text

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded"
)

// frame records a message that left 1 ms before it arrived.
func frame(r *recorded.Run, at model.Time, from, to model.NodeID, api string, reply bool, text string) {
	r.Trace = append(r.Trace, kafka.TraceLine{
		TraceLine: model.TraceLine{
			At: at, Seq: uint64(len(r.Trace) + 1), Node: to, Kind: model.FrameReceived.String(), Cause: uint64(len(r.Trace)),
			Conn: 1, Peer: from, Bytes: 10, Sent: at - ms,
			Label: model.Label{Name: api, Reply: reply, Versioned: true, Version: 9, Correlation: 7}},
		Note: kafka.Note{Text: text, Partitions: []kafka.TopicPartition{{Topic: "orders"}}},
	})
}

// death is a short run with everything that columns show: messages that arrive, one that is lost,
// a death, an election, a return, and a node of which nothing is told.
func death() (*recorded.Run, digest.Lesson) {
	r := &recorded.Run{Run: kafka.Run{Engine: kafka.EngineVersion, Scenario: "replication/death", Seed: 7,
		Claim: "Killing the leader loses nothing.", Verdict: kafka.VerdictOK}}
	for _, node := range []model.NodeID{"zookeeper-1", "broker-1", "broker-2", "producer-p1", "admin-1"} {
		r.Line(0, node, "started", "")
	}
	r.Note(100*ms, "broker-1", kafka.Note{Kind: kafka.ControllerElected, Broker: 1, Epoch: 1})
	r.Note(110*ms, "broker-2", kafka.Note{Kind: kafka.BecameLeader, Topic: "orders", Broker: 2, Epoch: 1})
	for i := range 60 {
		at := 1000*ms + model.Time(i)*10*ms
		frame(r, at, "producer-p1", "broker-2", "Produce", false, "acks=all orders-0: 1 record")
		frame(r, at+1*ms, "broker-1", "broker-2", "Fetch", false, "replica=1 session=1/2 orders-0@7")
		frame(r, at+2*ms, "broker-2", "broker-1", "Fetch", true, "orders-0: 1 record")
		frame(r, at+3*ms, "broker-2", "producer-p1", "Produce", true, "orders-0: offset 7")
	}
	r.Line(2000*ms, "broker-2", model.TraceFault, "kill broker-2")
	frame(r, 2005*ms, "producer-p1", "broker-2", "Produce", false, "acks=all orders-0: 1 record \"\x1b[31m\"")
	r.Trace[len(r.Trace)-1].Kind = model.TraceLost
	r.Note(8000*ms, "zookeeper-1", kafka.Note{Kind: kafka.SessionExpired, Text: "broker-2"})
	frame(r, 8001*ms, "zookeeper-1", "broker-1", "zk.event", true, "/brokers/ids children")
	r.Note(8002*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "orders", Broker: 1, Epoch: 2,
		Brokers: []kafka.BrokerID{1}})
	r.Note(8003*ms, "broker-1", kafka.Note{Kind: kafka.BecameLeader, Topic: "orders", Broker: 1, Epoch: 2})
	r.Line(9000*ms, "broker-2", model.TraceFault, "start broker-2")
	r.Line(9000*ms, "broker-2", "started", "")
	r.Line(12000*ms, "", model.TraceEnd, "")
	return r, digest.Lesson{
		Why:      "A partition has one leader; the others copy it.\n\nZooKeeper notices the death.",
		Question: "Who leads next, and when?", Answer: "broker-1, after the session has expired.",
		Notes: []digest.LessonNote{{Kind: kafka.SessionExpired, Say: "ZooKeeper gives the dead broker up."}},
	}
}

func storyWith(r *recorded.Run, lesson digest.Lesson) *digest.Story {
	c := digest.NewCollector()
	c.Narrate(lesson)
	for i := range r.Trace {
		c.Observe(&r.Trace[i])
	}
	return c.Story(r.Run)
}

// The plain story is kept as it is read. After a change: go test ./reports/text -rewrite.
func TestColumnsAreAsKept(t *testing.T) {
	r, lesson := death()
	s := storyWith(r, lesson)
	for _, size := range []struct {
		name  string
		width int
	}{{"80", 80}, {"120", 120}, {"50", 50}} {
		text := strings.Join(append(Story(s, lesson, size.width), VerdictLines(s, size.width)...), "\n") + "\n"
		path := filepath.Join("testdata", "columns", "death-"+size.name+".txt")
		if *rewrite {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		}
		kept, err := os.ReadFile(path)
		require.NoError(t, err, "go test ./reports/text -rewrite makes it")
		require.Equal(t, string(kept), text)
	}
}

// Whatever the size: no line is too wide, there are not too many, and what the stop is about is the
// last row.
func TestColumnsFitEverySize(t *testing.T) {
	r, lesson := death()
	for i := range 40 { // many lanes
		frame(r, 11000*ms+model.Time(i)*ms, model.NodeID("consumer-"+strings.Repeat("x", i%30)+string(rune('a'+i%26))),
			"broker-1", "Heartbeat", false, "group=世界の終わり"+strings.Repeat("長い", i))
	}
	s := storyWith(r, lesson)
	c := NewColumns(s, lesson)
	require.NotEmpty(t, c.Hidden(80))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(ColumnsLeast, 300).Draw(t, "width")
		height := rapid.IntRange(4, 70).Draw(t, "height")
		stop := rapid.IntRange(1, len(c.Stops())-1).Draw(t, "stop")
		ahead := rapid.IntRange(0, c.Ahead(stop)).Draw(t, "ahead")
		lines := c.Draw(Place{stop, ahead}, width, height)
		require.LessOrEqual(t, len(lines), height)
		for _, l := range lines {
			require.LessOrEqual(t, TextWidth(l.String()), width, l.String())
			require.NotContains(t, l.String(), "\x1b")
		}
		if c.Stops()[stop].Kind == StopStep {
			require.True(t, strings.HasPrefix(lines[len(lines)-1].String(), "▶"), "%q", lines)
		}
	})
}

func TestWrapKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab  cé世́👍\n\x1b"))).Draw(t, "text")
		width := rapid.IntRange(2, 40).Draw(t, "width")
		lines := Wrap(text, width)
		for _, l := range lines {
			require.LessOrEqual(t, TextWidth(l), width)
		}
		whole := strings.Join(strings.Fields(visible(text)), "")
		require.Equal(t, whole, strings.ReplaceAll(strings.Join(lines, ""), " ", ""))
	})
}

// A walk stops at the question just before the deciding step, and knows what changed there.
func TestColumnsStops(t *testing.T) {
	r, lesson := death()
	c := NewColumns(storyWith(r, lesson), lesson)
	var kinds []StopKind
	for _, stop := range c.Stops() {
		kinds = append(kinds, stop.Kind)
	}
	require.Equal(t, []StopKind{StopIntroduction, StopPrediction, StopStep, StopStep, StopStep, StopStep,
		StopVerdict}, kinds)
	require.Equal(t, []Fact{{"process", "dead", true}}, c.Changes(Place{Stop: 2}))
	require.Equal(t, "broker-2 down", c.Faults(Place{Stop: 2}))
	require.Empty(t, c.Faults(Place{Stop: len(kinds) - 1}))
	facts := c.Facts(Place{Stop: len(kinds) - 1})
	require.Equal(t, model.NodeID("broker-1"), facts[0].Node)
	require.Contains(t, facts[0].Facts, Fact{"orders-0 role", "leader, epoch 2", false})
	require.Equal(t, 4, c.Steps())
	require.Contains(t, c.Words(Place{2, 1}), "2.005000 s: broker-2 ← producer-p1 (1 ms under way) Produce v9 is lost")
	require.Contains(t, c.Words(Place{2, 3}), "broker-1 ← zookeeper-1")
	require.Zero(t, c.Ahead(len(kinds)-1))
	require.Equal(t, c.Words(Place{2, c.Ahead(2)}), c.Words(Place{2, c.Ahead(2) + 9}), "at the end")

	c = NewColumns(storyWith(&recorded.Run{}, digest.Lesson{}), digest.Lesson{Question: "Is anything here?"})
	require.Len(t, c.Stops(), 2, "a run without a moment")
	require.Empty(t, c.Draw(Place{Stop: 1}, 80, 20)[1:])
}

// Of the elections of one moment a step tells of its own partition's.
func TestStepsFindTheEventOfTheirPartition(t *testing.T) {
	r := &recorded.Run{}
	r.Line(0, "broker-1", "started", "")
	for p := range 3 {
		r.Note(1000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "orders", Partition: int32(p), Epoch: 1})
	}
	d := story(r).Diagram
	event := d.EventOf(&digest.Moment{At: 1000 * ms, Where: "broker-1", Kind: kafka.LeaderElected.String(),
		What: d.Events[2].Text})
	require.Equal(t, 2, event)
	event = d.EventOf(&digest.Moment{At: 1000 * ms, Where: "broker-1", Kind: kafka.LeaderElected.String(), What: "other words"})
	require.Equal(t, 1, event, "the first of its kind if none says the same")
}

var rewrite = flag.Bool("rewrite", false, "write the files under testdata anew")

const ms = model.Time(1_000_000)

// story feeds a collector as a running simulation would.
func story(r *recorded.Run) *digest.Story {
	c := digest.NewCollector()
	r.Feed(c)
	return c.Story(r.Run)
}
