package digest

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
	"sandcastle/reports/recorded"
)

func TestBandsBeginAndEnd(t *testing.T) {
	s := story(recorded.Network())
	require.Equal(t, []Band{
		{BandNetwork, 1000 * ms, 3000 * ms, "", "broker-1 → broker-2 cut", false},
		{BandPaused, 2000 * ms, 3500 * ms, "broker-3", "broker-3 paused", false},
		{BandNetwork, 4000 * ms, 6000 * ms, "", "broker-2 → broker-1 cut", false},
		{BandNetwork, 4001 * ms, 6000 * ms, "", "broker-3 → broker-1 slow (20 ms)", false},
		{BandDown, 7000 * ms, 10000 * ms, "broker-2", "broker-2 without power", false},
	}, s.Bands)
	require.Equal(t, []Mark{{
		At: 2500 * ms, Label: "drop Fetch reply broker-2 > broker-3", Kind: "fault", Node: "broker-2",
	}}, s.Marks)
	var headlines []string
	for _, m := range s.Moments {
		if m.Weight == prose.Headline {
			headlines = append(headlines, m.String())
		}
	}
	require.Equal(t, []string{
		"1.000 s network messages from broker-1 to broker-2 no longer pass",
		"2.000 s broker-3 stands still",
		"2.500 s network the answer to Fetch from broker-2 to broker-3 is lost",
		"3.000 s network messages from broker-1 to broker-2 pass again",
		"3.500 s broker-3 goes on",
		"4.000 s network messages from broker-2 to broker-1 no longer pass",
		"4.001 s network messages from broker-3 to broker-1 now take 20 ms",
		"6.000 s network messages from broker-2 to broker-1 pass again",
		"6.000 s network messages from broker-3 to broker-1 are as quick as before",
		"6.500 s world fault: kill leader(users-0): nobody is that now",
		"7.000 s broker-2 loses its power and what was not flushed",
	}, headlines, "to resume what never paused is no news")
}

func TestElectionsOfOneMomentAreOneMark(t *testing.T) {
	r := &recorded.Run{}
	for p := range 5 {
		r.Note(1000*ms+model.Time(p)*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "t",
			Partition: int32(p), Broker: 2, Epoch: 1})
		r.Note(1010*ms+model.Time(p)*ms, "broker-2", kafka.Note{Kind: kafka.BecameLeader, Topic: "t",
			Partition: int32(p), Broker: 2, Epoch: 1})
	}
	r.Note(2000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Epoch: 1,
		Topic: "__consumer_offsets"})
	r.Note(3000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "new", Broker: 1})
	require.Equal(t, []Mark{{At: 1000 * ms, Label: "broker-2 leads 5 partitions", Kind: "election", Node: "broker-2"}}, story(r).Marks)
}

// What befalls many messages alike is one mark and one moment, however many there are.
func TestLikeFaultsOfMessagesAreOneMark(t *testing.T) {
	r := &recorded.Run{}
	for i := range model.Time(1001) {
		r.Line(1000*ms+i*ms, "", model.TraceFault, "drop Fetch reply broker-2 > broker-3")
		r.Line(1000*ms+i*ms, "broker-1", model.TraceFault,
			"answer broker-1 Produce of producer-p1 with NOT_CONTROLLER")
	}
	r.Line(5000*ms, "", model.TraceFault, "drop Fetch broker-3 > broker-2")
	s := story(r)
	require.Equal(t, []Mark{
		{1000 * ms, "drop Fetch reply broker-2 > broker-3; and 1,000 more like it", "fault", "broker-2"},
		{1000 * ms, "answer broker-1 Produce of producer-p1 with NOT_CONTROLLER; and 1,000 more like it",
			"fault", "broker-1"},
		{5000 * ms, "drop Fetch broker-3 > broker-2", "fault", "broker-3"},
	}, s.Marks)
	require.Len(t, s.Moments, 3)
}

func TestStoryTellsTheFailover(t *testing.T) {
	var got []string
	for _, m := range story(recorded.Failover(200)).Moments {
		if m.Weight >= prose.Notable {
			got = append(got, m.String())
		}
	}
	require.Equal(t, []string{
		"4.000 s broker-2 is killed",
		"5.000 s zookeeper-1 ends the session of broker-2: no sign of life in time",
		"5.100 s broker-1 sees that broker-2 is gone",
		"5.200 s broker-1 elects broker-3 as leader of orders-0 (leader epoch 1, in sync: 3, 1)",
		"5.211 s producers have an acknowledgement again, after 1.17 s without one",
		"8.000 s broker-2 is started again",
		"8.090 s broker-2 cuts its log of orders-0 back to offset 1155: beyond the epoch's end",
		"8.400 s broker-3 widens the in-sync set of orders-0 to 3, 1, 2",
	}, got)
}

func TestLikeMomentsFold(t *testing.T) {
	r := &recorded.Run{}
	for p := range 50 {
		r.Note(1000*ms+model.Time(p)*ms, "broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded,
			Topic: "__consumer_offsets", Partition: int32(p)})
		r.Note(1000*ms+model.Time(p)*ms, "producer-1", kafka.Note{Kind: kafka.ProduceRetried, Topic: "t",
			Text: "NOT_LEADER_OR_FOLLOWER"})
	}
	r.Note(9000*ms, "producer-1", kafka.Note{Kind: kafka.ProduceRetried, Topic: "t", Text: "again"})
	s := story(r)
	require.Len(t, s.Moments, 3)
	require.Equal(t, "sends a batch for t-0 again: NOT_LEADER_OR_FOLLOWER; and 49 more like it",
		s.Moments[1].Sentence())
	require.Equal(t, 0, s.Moments[2].More)
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name   string
		damage func(fstest.MapFS)
		want   string
	}{
		{"no trace", func(d fstest.MapFS) { delete(d, "trace.ndjson") }, "trace.ndjson: is missing"},
		{"no run", func(d fstest.MapFS) { delete(d, "run.json") }, "run.json: is missing"},
		{"no history", func(d fstest.MapFS) { delete(d, "history.ndjson") },
			"history.ndjson: is missing"},
		{"run is no JSON", func(d fstest.MapFS) { d["run.json"].Data = []byte("{") },
			"run.json: not the JSON"},
		{"other engine", func(d fstest.MapFS) {
			d["run.json"].Data = []byte(`{"engine":"sandcastle-0"}`)
		},
			`run.json: the run was recorded by engine "sandcastle-0", this is "` + kafka.EngineVersion + `"`},
		{"cut", func(d fstest.MapFS) {
			lines := strings.SplitAfter(string(d["trace.ndjson"].Data), "\n")
			d["trace.ndjson"].Data = []byte(strings.Join(lines[:7], ""))
		}, "trace.ndjson:7: the trace stops here"},
		{"cut inside a line", func(d fstest.MapFS) {
			lines := strings.SplitAfter(string(d["trace.ndjson"].Data), "\n")
			d["trace.ndjson"].Data = []byte(strings.Join(lines[:7], "") + lines[7][:30])
		}, "trace.ndjson:8: no line of a trace"},
		{"rubbish", func(d fstest.MapFS) {
			d["trace.ndjson"].Data = append([]byte("hello\n"), d["trace.ndjson"].Data...)
		}, `trace.ndjson:1: no line of a trace: "hello"`},
		{"time goes back", func(d fstest.MapFS) {
			d["trace.ndjson"].Data = swapLines(d["trace.ndjson"].Data, 8, 20)
		}, "trace.ndjson:9: event 21 follows on event 8: lines were taken out"},
		{"altered time", func(d fstest.MapFS) {
			lines := strings.SplitAfter(string(d["trace.ndjson"].Data), "\n")
			lines[11] = strings.Replace(lines[11], `{"at":`, `{"at":9`, 1)
			d["trace.ndjson"].Data = []byte(strings.Join(lines, ""))
		}, "trace.ndjson:13: time goes back here"},
		{"the same line twice", func(d fstest.MapFS) {
			lines := strings.SplitAfter(string(d["trace.ndjson"].Data), "\n")
			lines[11] += lines[3]
			d["trace.ndjson"].Data = []byte(strings.Join(lines, ""))
		}, "trace.ndjson:13: time goes back"},
		{"more behind the end", func(d fstest.MapFS) {
			end := d["trace.ndjson"].Data
			end = end[bytes.LastIndexByte(end[:len(end)-1], '\n')+1:]
			d["trace.ndjson"].Data = append(d["trace.ndjson"].Data, end...)
		}, "a line behind the end of the trace"},
		{"other run", func(d fstest.MapFS) {
			d["run.json"].Data = regexp.MustCompile(`"events":\d+`).ReplaceAll(d["run.json"].Data,
				[]byte(`"events":77`))
		}, "but run.json tells of 77"},
		{"history without a line", func(d fstest.MapFS) {
			lines := strings.SplitAfter(string(d["history.ndjson"].Data), "\n")
			d["history.ndjson"].Data = []byte(strings.Join(append(lines[:4:4], lines[6:]...), ""))
		}, "history.ndjson:5: operation 6 follows here, where operation 4 was expected"},
		{"history cut", func(d fstest.MapFS) {
			d["run.json"].Data = bytes.Replace(d["run.json"].Data, []byte(`"counters":{`),
				[]byte(`"counters":{"send.invoke":40,"send.ok":39,"poll.invoke":1,`), 1)
			lines := strings.SplitAfter(string(d["history.ndjson"].Data), "\n")
			d["history.ndjson"].Data = []byte(strings.Join(lines[:70], ""))
		}, "history.ndjson:70: the history ends here, after 70 operations, but run.json counts 80"},
		{"history", func(d fstest.MapFS) {
			d["history.ndjson"].Data = append(d["history.ndjson"].Data, "{]\n"...)
		}, "history.ndjson:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := recorded.Failover(20).Dir()
			test.damage(dir)
			_, err := Load(dir, Lesson{})
			var input *model.InputError
			require.ErrorAs(t, err, &input)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// swapLines puts line b, from 0, in the place of line a.
func swapLines(data []byte, a, b int) []byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	lines[a], lines[b] = lines[b], lines[a]
	return bytes.Join(lines, nil)
}

// A line that is not as model writes it is read the slow way.
func TestOffsetsWithOddNames(t *testing.T) {
	r := &recorded.Run{Run: kafka.Run{Engine: kafka.EngineVersion}}
	r.Note(ms, "broker-\"1\"", kafka.Note{Kind: kafka.LogEnd, Topic: "a", Offset: 5})
	r.Trace[0].Cause = 77
	r.Note(2*ms, "broker-1", kafka.Note{Kind: kafka.LogEnd, Topic: "a", Offset: 6, Epoch: -1})
	r.Note(3*ms, "broker-1", kafka.Note{Kind: kafka.HighWatermark, Topic: "a", Offset: 4, Text: "why"})
	r.Line(9*ms, "", model.TraceEnd, "")
	s, err := Load(r.Dir(), Lesson{})
	require.NoError(t, err)
	require.Equal(t, story(r).Replicas, s.Replicas)
	require.Len(t, s.Replicas, 2)
}
