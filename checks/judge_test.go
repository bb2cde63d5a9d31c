package checks

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// readTestdata returns a history and the anomalies that its first line expects: those that follow from
// another one stand behind it, after a plus.
func readTestdata(t *testing.T, path string) (kafka.History, []kafka.Anomaly) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	words, ok := strings.CutPrefix(first, "# expect:")
	require.True(t, ok, "%s must begin with # expect:", path)
	h, err := kafka.ReadHistory(strings.NewReader(string(text)), path)
	require.NoError(t, err)
	var expected []kafka.Anomaly
	for _, w := range strings.Fields(words) {
		expected = append(expected, kafka.Anomaly(w))
	}
	return h, expected
}

func anomalies(list []kafka.Finding) (names []kafka.Anomaly) {
	for _, f := range list {
		names = append(names, f.Anomaly)
	}
	return names
}

// withFollowing names findings and, after a plus, what follows from each.
func withFollowing(list []kafka.Finding) (names []kafka.Anomaly) {
	for _, f := range list {
		name := f.Anomaly
		for _, c := range f.Follows {
			name += "+" + c.Anomaly
		}
		names = append(names, name)
	}
	return names
}

func TestJudgeTestdata(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.ndjson")
	require.NoError(t, err)
	shown := map[kafka.Anomaly]bool{}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			h, expected := readTestdata(t, path)
			bad := strings.HasPrefix(filepath.Base(path), "bad_")
			require.Equal(t, bad, len(expected) > 0, "bad_ files expect something, ok_ files nothing")
			report := Judge(h, Options{})
			require.Equal(t, expected, withFollowing(report.Findings), "%+v", report)
			require.Empty(t, report.Undecided)
			for _, f := range report.Findings {
				for _, c := range historyChecks() {
					shown[c.anomaly] = shown[c.anomaly] || f.Shows(c.anomaly)
				}
				requireWellTold(t, f, h)
			}
			_, err := Visualize(h, partitions(h, Options{})[0].key)
			require.NoError(t, err)
		})
	}
	for _, check := range historyChecks() {
		require.True(t, shown[check.anomaly], "no bad_ file shows %s", check.anomaly)
		require.Contains(t, kafka.Anomalies(), check.anomaly)
	}
}

// requireWellTold demands that a finding can be shown to a person.
func requireWellTold(t require.TestingT, f kafka.Finding, h kafka.History) {
	require.Positive(t, f.Count)
	require.NotEmpty(t, f.Explanation)
	require.NotEmpty(t, f.Witnesses)
	require.LessOrEqual(t, len(f.Witnesses), 2)
	for _, w := range f.Witnesses {
		i := slices.IndexFunc(h, func(op kafka.Op) bool { return op.Index == w.Op })
		require.GreaterOrEqual(t, i, 0, "witness %+v points nowhere", w)
		require.Equal(t, h[i].Time, w.At)
		require.NotEmpty(t, w.Who)
		require.NotEmpty(t, w.Text)
	}
	lines := Counterexample(f, h)
	require.LessOrEqual(t, len(lines), maxCounterexample)
	require.Greater(t, len(lines), len(f.Witnesses))
}

func TestJudgeTellsTheLostWrite(t *testing.T) {
	h, _ := readTestdata(t, "testdata/bad_lost_write.ndjson")
	f := Judge(h, Options{}).Findings[0]
	require.Equal(t, kafka.Finding{
		Anomaly: kafka.LostWrite, Count: 1,
		Explanation: `"b" was acknowledged at offset 1 of orders-0; readers got as far as offset 2, and ` +
			`nobody ever read it`,
		Witnesses: []kafka.Witness{
			{Op: 1, At: 20, Who: "producer-p1", Text: `send orders-0 "b" → offset 1 (acks=1)`},
			{Op: 4, At: 50, Who: "consumer-1", Text: `poll orders-0 → offset 2 "c"`},
		},
	}, f)
}

func TestJudgeOfNothing(t *testing.T) {
	require.Equal(t, kafka.Report{}, Judge(nil, Options{}))
}

func TestCrashedCheckIsUndecided(t *testing.T) {
	why := guarded(func() { panic("boom") })
	require.Equal(t, "the check crashed: boom", why)
	require.Empty(t, guarded(func() {}))

	h, _ := readTestdata(t, "testdata/bad_lost_write.ndjson")
	for _, check := range historyChecks() {
		report := Judge(h, Options{BeforeCheck: func(name string) {
			if name == string(check.anomaly) {
				panic("boom")
			}
		}})
		require.Equal(t, []string{string(check.anomaly) + ": the check crashed: boom"}, report.Undecided)
		require.False(t, report.Decided(check.anomaly))
		require.Equal(t, check.anomaly != kafka.LostWrite, len(report.Findings) == 1, check.anomaly)
	}
	report := Judge(h, Options{BeforeCheck: func(string) { panic("boom") }})
	require.Len(t, report.Undecided, 2+len(historyChecks()), "nothing can be said without the history")
}

func TestSmallBudgetIsUndecided(t *testing.T) {
	h, _ := readTestdata(t, "testdata/ok_sequential.ndjson")
	report := Judge(h, Options{MaxSteps: 2})
	require.Empty(t, report.Findings)
	require.Equal(
		t,
		[]string{"nonlinearizable: orders-0: the budget of model steps ran out"},
		report.Undecided,
	)
}

func TestPanicInTheModelIsUndecided(t *testing.T) {
	var q question
	budget := stepBudget{left: 10}
	ok, _ := q.model(&budget).Step(kafka.PartitionLog{}, "no logOp", nil)
	require.False(t, ok)
	require.Contains(t, budget.stopped(), "Porcupine: the check crashed: ")

	// Porcupine compares and hashes states on its goroutine too.
	budget = stepBudget{left: 10}
	require.False(t, q.model(&budget).Equal("no log", nil))
	require.NotEmpty(t, budget.stopped())
	budget = stepBudget{left: 10}
	require.Zero(t, q.model(&budget).Hash("no log"))
	require.NotEmpty(t, budget.stopped())
}

func TestCounterexampleTellsWhatHappenedBetween(t *testing.T) {
	h, _ := readTestdata(t, "testdata/bad_lost_write.ndjson")
	f := Judge(h, Options{}).Findings[0]
	trace := []kafka.TraceLine{
		{TraceLine: model.TraceLine{At: 5, Kind: model.TraceFault}, Note: kafka.Note{Text: "too early"}},
		{TraceLine: model.TraceLine{At: 25, Kind: model.TraceFault}, Note: kafka.Note{Text: "kill broker-1"}},
		{TraceLine: model.TraceLine{At: 26, Node: "broker-2", Kind: "frame"}},
		{TraceLine: model.TraceLine{At: 27, Seq: 9, Node: "broker-2", Kind: "leader-elected"}, Note: kafka.Note{
			Kind: kafka.LeaderElected, Topic: "orders", Broker: 2, Epoch: 1, Brokers: []kafka.BrokerID{2},
		}},
	}
	require.Equal(t, []string{
		`lost-write, once: "b" was acknowledged at offset 1 of orders-0; readers got as far as offset 2, and nobody ever read it`,
		`▶ 0.000000s producer-p1: send orders-0 "b" → offset 1 (acks=1) [op 1]`,
		`  0.000000s world: fault (kill broker-1)`,
		`  0.000000s broker-2: leader-elected orders-0 broker=2 epoch=1 isr=[2]`,
		`▶ 0.000000s consumer-1: poll orders-0 → offset 2 "c" [op 4]`,
	}, Counterexample(f, h, trace...))
	for range 20 {
		trace = append(trace, kafka.TraceLine{TraceLine: model.TraceLine{At: 30, Kind: model.TraceFault}})
	}
	require.Len(t, Counterexample(f, h, trace...), maxCounterexample)
}
