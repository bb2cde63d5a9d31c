package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// network is a run with faults of every sort: cuts that are healed one by one or all at once, a
// pause, a fault of a verb that nobody knows, and a power loss that nobody ends.
func network() *recording {
	r := &recording{run: kafka.Run{Engine: kafka.EngineVersion, Scenario: "faults"}}
	r.line(0, "broker-1", "started", "")
	r.line(1000*ms, "", model.TraceFault, "cut broker-1 > broker-2")
	r.line(2000*ms, "broker-3", model.TraceFault, "pause broker-3")
	r.line(2500*ms, "", model.TraceFault, "drop the second Fetch reply")
	r.line(3000*ms, "", model.TraceHeal, "heal broker-1 > broker-2")
	r.line(3500*ms, "broker-3", model.TraceFault, "resume broker-3")
	r.line(4000*ms, "", model.TraceFault, "cut broker-2 > broker-1")
	r.line(4001*ms, "", model.TraceFault, "slow broker-3 > broker-1")
	r.line(6000*ms, "", model.TraceHeal, "heal everything")
	r.line(6000*ms, "broker-2", model.TraceHeal, "resume broker-2")
	r.line(6500*ms, "", model.TraceFault, "kill leader(users-0): nobody is that now")
	r.line(7000*ms, "broker-2", model.TraceFault, "power-loss broker-2")
	for i := range 700 {
		r.note(model.Time(i)*14*ms, "broker-1", kafka.Note{Kind: kafka.LogEnd, Topic: "orders",
			Offset: kafka.Offset(i + 1)})
	}
	r.line(10000*ms, "", model.TraceEnd, "")
	return r
}

func TestBandsBeginAndEnd(t *testing.T) {
	s := network().story()
	require.Equal(t, []Band{
		{BandNetwork, 1000 * ms, 3000 * ms, "", "broker-1 → broker-2 cut"},
		{BandPaused, 2000 * ms, 3500 * ms, "broker-3", "broker-3 paused"},
		{BandNetwork, 4000 * ms, 6000 * ms, "", "broker-2 → broker-1 cut"},
		{BandNetwork, 4001 * ms, 6000 * ms, "", "broker-3 → broker-1 slow"},
		{BandDown, 7000 * ms, 10000 * ms, "broker-2", "broker-2 without power"},
	}, s.Bands)
	require.Equal(t, []Mark{{At: 2500 * ms, Label: "drop the second Fetch reply", Kind: "fault"}}, s.Marks)
	var told []string
	for _, m := range s.Moments {
		if m.Weight == Headline {
			told = append(told, m.String())
		}
	}
	require.Equal(t, []string{
		"1.000 s network messages from broker-1 to broker-2 pass no more",
		"2.000 s broker-3 stands still",
		"2.500 s world fault: drop the second Fetch reply",
		"3.000 s network messages from broker-1 to broker-2 pass again",
		"3.500 s broker-3 goes on",
		"4.000 s network messages from broker-2 to broker-1 pass no more",
		"4.001 s network messages from broker-3 to broker-1 are slow from now on",
		"6.000 s world healed: heal everything",
		"6.500 s world fault: kill leader(users-0): nobody is that now",
		"7.000 s broker-2 loses its power and what was not flushed",
	}, told, "to resume what never paused is no news")
}

func TestElectionsOfOneMomentAreOneMark(t *testing.T) {
	r := &recording{}
	for p := range 5 {
		r.note(1000*ms+model.Time(p)*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "t",
			Partition: int32(p), Broker: 2, Epoch: 1})
		r.note(1010*ms+model.Time(p)*ms, "broker-2", kafka.Note{Kind: kafka.BecameLeader, Topic: "t",
			Partition: int32(p), Broker: 2, Epoch: 1})
	}
	r.note(2000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Epoch: 1,
		Topic: "__consumer_offsets"})
	r.note(3000*ms, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "new", Broker: 1})
	require.Equal(t, []Mark{{At: 1000 * ms, Label: "broker-2 leads 5 partitions", Kind: "election", Node: "broker-2"}}, r.story().Marks)
}

func TestStoryTellsTheFailover(t *testing.T) {
	var got []string
	for _, m := range failover(200).story().Moments {
		if m.Weight >= Notable {
			got = append(got, m.String())
		}
	}
	require.Equal(t, []string{
		"4.000 s broker-2 is killed",
		"4.040 s producers get no acknowledgement for 1.17 s",
		"5.000 s zookeeper-1 ends the session of broker-2: no sign of life in time",
		"5.100 s broker-1 sees that broker-2 is gone",
		"5.200 s broker-1 elects broker-3 as leader of orders-0 (leader epoch 1, in sync: 3, 1)",
		"8.000 s broker-2 is started again",
		"8.090 s broker-2 cuts its log of orders-0 back to offset 1155: beyond the epoch's end",
		"8.400 s broker-3 widens the in-sync set of orders-0 to 3, 1, 2",
	}, got)
}

// Every kind of note is told or left out on purpose.
func TestEveryNoteHasItsSentence(t *testing.T) {
	silent := []string{"log-end", "high-watermark", "offset-committed", "records-acked"}
	for _, name := range kafka.NoteKinds() {
		kind, ok := kafka.ParseNoteKind(name)
		require.True(t, ok)
		what, _, _ := sentence(&kafka.Note{Kind: kind, Topic: "t", Group: "g", Member: "m",
			Text: "because", Partitions: []kafka.TopicPartition{{Topic: "t"}}})
		if strings.Contains(strings.Join(silent, " "), name) {
			require.Empty(t, what, name)
			continue
		}
		require.NotEmpty(t, what, name)
		require.NotContains(t, what, "%!", name)
	}
}

func TestLikeMomentsFold(t *testing.T) {
	r := &recording{}
	for p := range 50 {
		r.note(1000*ms+model.Time(p)*ms, "broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded,
			Topic: "__consumer_offsets", Partition: int32(p)})
		r.note(1000*ms+model.Time(p)*ms, "producer-1", kafka.Note{Kind: kafka.ProduceRetried, Topic: "t",
			Text: "NOT_LEADER_OR_FOLLOWER"})
	}
	r.note(9000*ms, "producer-1", kafka.Note{Kind: kafka.ProduceRetried, Topic: "t", Text: "again"})
	s := r.story()
	require.Len(t, s.Moments, 3)
	require.Equal(t, "sends a batch for t-0 again: NOT_LEADER_OR_FOLLOWER; and 49 more like it",
		s.Moments[1].Sentence())
	require.Equal(t, 0, s.Moments[2].More)
}

func TestStoryLinesFit(t *testing.T) {
	s := failover(200).story()
	for _, limit := range []int{0, 1, 2, 5, 15, 100} {
		lines := StoryLines(s, limit)
		require.LessOrEqual(t, len(lines), max(limit, 1))
		for _, line := range lines {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 100)
		}
	}
	require.Contains(t, strings.Join(StoryLines(s, 5), "\n"), "4.000 s  broker-2     is killed")
}

// A directory that was written and one that is being written tell the same story.
func TestLoadAgreesWithTheLiveCollector(t *testing.T) {
	for _, r := range []*recording{failover(200), takeover(), network()} {
		loaded, err := Load(r.dir())
		require.NoError(t, err)
		live := r.story()
		require.Equal(t, files(t, live), files(t, loaded))
	}
}

// pageOf is the page of a story.
func pageOf(t *testing.T, s *Story) string {
	t.Helper()
	page, err := Page(s, Lesson{Why: "why", Question: "which?", Answer: "that"}, Figures(s))
	require.NoError(t, err)
	return string(page)
}

func files(t *testing.T, s *Story) map[string]string {
	t.Helper()
	out := map[string]string{}
	lesson := Lesson{Why: "why", Question: "which?", Answer: "that"}
	require.NoError(t, Write(s, lesson, func(name string, data []byte) error {
		out[name] = string(data)
		return nil
	}))
	return out
}

func TestWriteStopsAtTheFirstError(t *testing.T) {
	full := errors.New("no space left")
	calls := 0
	err := Write(failover(50).story(), Lesson{}, func(string, []byte) error {
		calls++
		return full
	})
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "figures/throughput.svg")
	require.Equal(t, 1, calls)
}

// The page needs nothing from anywhere, and browsers find no stray tags in it.
func TestPageIsSelfContained(t *testing.T) {
	page := pageOf(t, failover(200).story())
	require.NotRegexp(t, regexp.MustCompile(`(?i)(src|href)="https?:|@import|url\(`), page)
	require.NotContains(t, page, "<script src")
	for _, want := range []string{
		"With acks=all and min.insync.replicas=2, killing the leader loses nothing.", "the claim held",
		"sandcastle run replication/leader-failover --seed 42", "9f86d081884c7d65", "Show the answer",
		"ack.p99", "12.4 ms", "is killed",
	} {
		require.Contains(t, page, want)
	}
	require.Equal(t, 1, strings.Count(page, "<style>"))
	for _, tag := range []string{"section", "table", "details", "figure", "svg", "div", "article"} {
		require.Equal(t, strings.Count(page, "<"+tag), strings.Count(page, "</"+tag+">"), tag)
	}
	ids := regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1)
	seen := map[string]bool{}
	for _, id := range ids {
		require.False(t, seen[id[1]], "id %s twice", id[1])
		seen[id[1]] = true
	}
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	_, err := d.Token()
	require.NoError(t, err)
}

func TestPageShowsTheCounterexample(t *testing.T) {
	r := failover(200)
	r.run.Verdict, r.run.Reason = kafka.VerdictViolated, "lost-write was found."
	r.run.Findings = []kafka.Finding{{Anomaly: kafka.LostWrite, Count: 3,
		Explanation: "v601 is nowhere.",
		Witnesses: []kafka.Witness{{Op: 1203, At: 3998 * ms, Who: "producer-p1", Text: "send v601: ok"},
			{Op: -1, Seq: 812, At: 11800 * ms, Who: "broker-3", Text: "log ends at 601"}}}}
	page := pageOf(t, r.story())
	for _, want := range []string{"the claim did not hold", "found 3 times", "send v601: ok",
		"history, index 1203", "trace, seq 812", "v601 is nowhere."} {
		require.Contains(t, page, want)
	}
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
			`run.json: the run was recorded by engine "sandcastle-0", this is "sandcastle-2"`},
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
			dir := failover(20).dir()
			test.damage(dir)
			_, err := Load(dir)
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
	r := &recording{run: kafka.Run{Engine: kafka.EngineVersion}}
	r.note(ms, "broker-\"1\"", kafka.Note{Kind: kafka.LogEnd, Topic: "a", Offset: 5})
	r.trace[0].Cause = 77
	r.note(2*ms, "broker-1", kafka.Note{Kind: kafka.LogEnd, Topic: "a", Offset: 6, Epoch: -1})
	r.note(3*ms, "broker-1", kafka.Note{Kind: kafka.HighWatermark, Topic: "a", Offset: 4, Text: "why"})
	r.line(9*ms, "", model.TraceEnd, "")
	s, err := Load(r.dir())
	require.NoError(t, err)
	require.Equal(t, r.story().replicas, s.replicas)
	require.Len(t, s.replicas, 2)
}

func TestCommandIsQuoted(t *testing.T) {
	require.Equal(t, "sandcastle run log/names-by-partition --seed 3",
		Command(&kafka.Run{Scenario: "log/names-by-partition", Seed: 3}))
	require.Equal(t, `sandcastle run 'my file'\''s.yaml' --seed 3`,
		Command(&kafka.Run{Scenario: "my file's.yaml", Seed: 3}))
}
