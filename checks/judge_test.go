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

// readTestdata returns a history, the anomalies that its first line expects, and those that its
// second one expects to be allowed: those that follow from another one stand behind it, after a
// plus.
func readTestdata(t *testing.T, path string) (h kafka.History, expected, allowed []kafka.Anomaly) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	first, rest, _ := strings.Cut(string(text), "\n")
	words, ok := strings.CutPrefix(first, "# expect:")
	require.True(t, ok, "%s must begin with # expect:", path)
	h, err = kafka.ReadHistory(strings.NewReader(string(text)), path)
	require.NoError(t, err)
	for _, w := range strings.Fields(words) {
		expected = append(expected, kafka.Anomaly(w))
	}
	second, _, _ := strings.Cut(rest, "\n")
	if words, ok := strings.CutPrefix(second, "# allowed:"); ok {
		for _, w := range strings.Fields(words) {
			allowed = append(allowed, kafka.Anomaly(w))
		}
	}
	return h, expected, allowed
}

// findingsOf are what is allowed, as findings.
func findingsOf(list []kafka.Allowed) (findings []kafka.Finding) {
	for i := range list {
		findings = append(findings, list[i].Finding)
	}
	return findings
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
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			h, expected, allowed := readTestdata(t, path)
			bad := strings.HasPrefix(filepath.Base(path), "bad_")
			require.Equal(t, bad, len(expected)+len(allowed) > 0, "bad_ files expect something, ok_ files nothing")
			report := Judge(h, Options{})
			require.Equal(t, expected, withFollowing(report.Findings), "%+v", report)
			require.Equal(t, allowed, withFollowing(findingsOf(report.Allowed)), "%+v", report)
			require.Empty(t, report.Undecided)
			for _, f := range slices.Concat(report.Findings, findingsOf(report.Allowed)) {
				requireWellTold(t, f, h)
			}
			for _, a := range report.Allowed {
				require.NotEmpty(t, a.Why)
			}
			_, err := Visualize(h, partitions(h, Options{})[0].key)
			require.NoError(t, err)
		})
	}
}

// twins are the testdata that show each anomaly of Jepsen's (jepsen.tests.kafka and Elle, by their
// exact names), and the twin of each that does not.
func twins() map[kafka.Anomaly]string {
	return map[kafka.Anomaly]string{
		"inconsistent-offsets": "inconsistent_offsets", "duplicate": "duplicate", "lost-write": "lost_write",
		"unseen": "unseen", "G1a": "g1a", "precommitted-read": "precommitted_read",
		"poll-skip": "poll_skip_by_versions", "nonmonotonic-poll": "nonmonotonic_poll",
		"int-poll-skip": "int_poll_skip", "int-nonmonotonic-poll": "int_nonmonotonic_poll",
		"nonmonotonic-send": "nonmonotonic_send", "int-send-skip": "int_send_skip",
		"int-nonmonotonic-send": "int_nonmonotonic_send",
		"G0":                    "g0", "G0-process": "g0_process", "G0-realtime": "g0_realtime",
		"G1c": "g1c", "G1c-process": "g1c_process", "G1c-realtime": "g1c_realtime",
		"PL-1-cycle-exists": "g0", "strong-PL-1-cycle-exists": "g0_realtime",
		"PL-2-cycle-exists": "g1c", "strong-PL-2-cycle-exists": "g1c_realtime",
	}
}

// Every anomaly of Jepsen's has a check and twins, and so has every check of ours.
func TestEveryAnomalyHasTwins(t *testing.T) {
	list := twins()
	for _, ours := range []kafka.Anomaly{
		kafka.Unprocessed, kafka.ProcessedTwice, kafka.KeyReordered, kafka.Nonlinearizable,
	} {
		list[ours] = map[kafka.Anomaly]string{
			kafka.Unprocessed: "unprocessed", kafka.ProcessedTwice: "processed_twice",
			kafka.KeyReordered: "key_reordered", kafka.Nonlinearizable: "nonlinearizable_order",
		}[ours]
	}
	checked := map[kafka.Anomaly]bool{}
	for i, check := range historyChecks() {
		checked[check.anomaly] = true
		require.Contains(t, list, check.anomaly, "it has no twins")
		at := slices.Index(kafka.Anomalies(), check.anomaly)
		require.GreaterOrEqual(t, at, i, "checks are in the order of kafka.Anomalies")
	}
	for a, name := range list {
		require.True(t, checked[a], "%s has no check", a)
		require.Contains(t, Names(), string(a))
		h, _, _ := readTestdata(t, "testdata/bad_"+name+".ndjson")
		report := Judge(h, Options{})
		found := slices.Concat(report.Findings, findingsOf(report.Allowed))
		require.True(t, slices.ContainsFunc(found, func(f kafka.Finding) bool { return f.Shows(a) }), a)
		ok := "testdata/ok_" + name + ".ndjson"
		if _, err := os.Stat(ok); err != nil {
			require.NotContains(t, twins(), a, "it has no ok twin")
			continue
		}
		h, _, _ = readTestdata(t, ok)
		report = Judge(h, Options{})
		require.Equal(t, kafka.Report{}, report, ok)
	}
}

// requireWellTold demands that a finding can be shown to a person.
func requireWellTold(t require.TestingT, f kafka.Finding, h kafka.History) {
	require.Positive(t, f.Count)
	require.NotEmpty(t, f.Explanation)
	require.NotEmpty(t, f.Witnesses)
	require.LessOrEqual(t, len(f.Witnesses), 6)
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
	h, _, _ := readTestdata(t, "testdata/bad_lost_write.ndjson")
	f := Judge(h, Options{}).Findings[0]
	require.Equal(t, kafka.Finding{
		Anomaly: kafka.LostWrite, Count: 1,
		Explanation: `"b" was acknowledged at offset 1 of orders-0; readers got as far as offset 2, and ` +
			`nobody ever read it`,
		Witnesses: []kafka.Witness{
			{Op: 1, At: 20, Who: "producer-p1", Text: `send orders-0 "b" → offset 1 (acks=1)`},
			{Op: 4, At: 50, Who: "consumer-1", Text: `poll orders-0 → offset 2 "c"`},
		},
		Follows: []kafka.Consequence{{Anomaly: kafka.PollSkip, Count: 1}},
	}, f)
}

func TestJudgeOfNothing(t *testing.T) {
	require.Equal(t, kafka.Report{}, Judge(nil, Options{}))
}

func TestCrashedCheckIsUndecided(t *testing.T) {
	why := guarded(func() { panic("boom") })
	require.Equal(t, "the check crashed: boom", why)
	require.Empty(t, guarded(func() {}))

	h, _, _ := readTestdata(t, "testdata/bad_lost_write.ndjson")
	for _, check := range historyChecks() {
		report := Judge(h, Options{BeforeCheck: func(name string) {
			if name == string(check.anomaly) {
				panic("boom")
			}
		}})
		require.Equal(t, []string{string(check.anomaly) + ": the check crashed: boom"}, report.Undecided)
		require.False(t, report.Decided(check.anomaly))
		found := anomalies(report.Findings)
		require.Equal(t, check.anomaly != kafka.LostWrite, slices.Contains(found, kafka.LostWrite))
	}
	report := Judge(h, Options{BeforeCheck: func(string) { panic("boom") }})
	require.Len(t, report.Undecided, 2+len(historyChecks()), "nothing can be said without the history")
}

func TestSmallBudgetIsUndecided(t *testing.T) {
	h, _, _ := readTestdata(t, "testdata/ok_sequential.ndjson")
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
	h, _, _ := readTestdata(t, "testdata/bad_lost_write.ndjson")
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
		`lost-write, once: "b" was acknowledged at offset 1 of orders-0; readers got as far as offset 2, and nobody ever read it (with poll-skip ×1)`,
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
