package checks

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// lackingData are histories each of which lacks what some checks need.
func lackingData() map[string]string {
	const (
		noOffsets = `{"process":0,"type":"ok","f":"send","value":[["send","x","a"]]}
{"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[null,"a"]]}]]}`
		sentTwice = `{"process":0,"type":"ok","f":"txn","value":[["send","x","a"],["send","y",[0,"b"]]]}
{"process":1,"type":"ok","f":"send","value":[["send","x","a"]]}
{"process":2,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"],[1,"a"]],"y":[[0,"b"]]}]]}`
		failedOnce = `{"process":0,"type":"fail","f":"send","value":[["send","x","a"]]}
{"process":1,"type":"ok","f":"send","value":[["send","x","a"]]}
{"process":2,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"]]}]]}`
		noRecord = `{"process":0,"type":"ok","f":"send","value":[["send","x",[0,"a"]]]}
{"process":1,"type":"ok","f":"poll","group":"g","value":[["poll",{"x":[[0,"a"]]}]]}
{"process":1,"type":"ok","f":"process","group":"g"}`
		keyAlone = `{"process":0,"type":"ok","f":"send","record_key":"k","value":[["send","x",[0,"a"]]]}
{"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"]]}]]}`
		resetAlone = `{"process":0,"type":"ok","f":"send","value":[["send","x",[0,"a"]]]}
{"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"]]}]]}
{"process":1,"type":"ok","f":"reset"}`
	)
	list := map[string]string{
		string(kafka.Unseen): sentTwice, string(kafka.G1a): failedOnce,
		string(kafka.PrecommittedRead): sentTwice, string(kafka.G1c): sentTwice,
		string(kafka.G1cProcess): sentTwice, string(kafka.G1cRealtime): sentTwice,
		string(kafka.PL2CycleExists): sentTwice, string(kafka.StrongPL2CycleExists): sentTwice,
		string(kafka.Unprocessed): noRecord, string(kafka.ProcessedTwice): noRecord,
		string(kafka.KeyReordered): keyAlone, passingOver: resetAlone,
	}
	for _, check := range historyChecks() {
		if list[string(check.anomaly)] == "" {
			list[string(check.anomaly)] = noOffsets
		}
	}
	return list
}

// undecidedChecks are those of which a report says that they came to no end.
func undecidedChecks(r kafka.Report) (names []string) {
	for _, entry := range r.Undecided {
		name, _, _ := strings.Cut(entry, ": ")
		names = append(names, name)
	}
	return names
}

// A check that lacks data is undecided, each by a history that is well otherwise: nothing is passed
// that was not judged.
func TestChecksThatLackDataAreUndecided(t *testing.T) {
	for name, text := range lackingData() {
		h, err := kafka.ReadHistory(strings.NewReader(text), name)
		require.NoError(t, err)
		report := Judge(h, Options{})
		require.Empty(t, report.Findings, name)
		require.Contains(t, undecidedChecks(report), name)
	}
	for _, check := range historyChecks() {
		require.NotZero(t, check.needs, "%s needs nothing", check.anomaly)
	}
}

// A check that crashed is undecided, and so is what needs it.
func TestEveryCrashIsUndecided(t *testing.T) {
	h, _, _ := readTestdata(t, "testdata/ok_g1c.ndjson")
	crashed := 0
	for _, name := range Names() {
		met := false
		report := Judge(h, Options{BeforeCheck: func(check string) {
			if met = met || check == name; check == name {
				panic("boom")
			}
		}})
		if !met {
			continue // a Watcher's
		}
		crashed++
		require.Empty(t, report.Findings, name)
		require.NotEmpty(t, report.Undecided, name)
		require.Contains(t, strings.Join(report.Undecided, "\n"), "crashed: boom", name)
	}
	require.Equal(t, len(historyChecks())+3, crashed, "reading, Porcupine and what is passed over too")
}

// A budget that ran out is undecided: Porcupine's is the only one, since all other checks take time
// linear in the history but for sorting. The search for the shortest of cycles has one too, and
// what it found until then is a cycle all the same (package cycles).
func TestExhaustedBudgetIsUndecided(t *testing.T) {
	h, _, _ := readTestdata(t, "testdata/ok_sequential.ndjson")
	report := Judge(h, Options{MaxSteps: 1})
	require.Empty(t, report.Findings)
	require.Equal(t, []string{string(kafka.Nonlinearizable)}, undecidedChecks(report))
}
