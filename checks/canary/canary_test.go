package canary

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// Every check has a canary or a reason why not, and none has both.
func TestEveryCheckHasACanaryOrAReason(t *testing.T) {
	for _, name := range checks.Names() {
		require.NotEqual(t, slices.Contains(Names(), name), Without()[name] != "", name)
	}
	for name, why := range Without() {
		require.Contains(t, checks.Names(), name)
		require.NotEmpty(t, why)
	}
}

// In a history that has something for each canary, each is planted, each is found, and a judge that finds nothing
// is blind in all of them.
func TestHistoryCanaries(t *testing.T) {
	h := soundHistory()
	require.Empty(t, checks.Judge(h, checks.Options{}).Findings)
	require.Empty(t, History(h, checks.Options{}))
	var named []string
	blindJudge := func(kafka.Operations, checks.Options) kafka.Report { return kafka.Report{} }
	for _, b := range inHistory(h, checks.Options{}, blindJudge) {
		named = append(named, b.Check)
		require.NotEmpty(t, b.Planted)
	}
	var all []string
	for _, c := range historyCanaries() {
		all = append(all, string(c.check))
	}
	require.Equal(t, all, named)
	require.Equal(t, soundHistory(), h, "what was judged is as it was")
}

// One check that is blind to its anomaly is named, and no other.
func TestABlindCheckIsNamed(t *testing.T) {
	for _, c := range historyCanaries() {
		blind := inHistory(soundHistory(), checks.Options{}, func(h kafka.Operations, o checks.Options) kafka.Report {
			if o.Only == c.check {
				return kafka.Report{}
			}
			return checks.Judge(h, o)
		})
		require.Len(t, blind, 1)
		require.Equal(t, string(c.check), blind[0].Check)
	}
}

// A sound view has something for each canary, and the watcher finds it.
func TestViewCanaries(t *testing.T) {
	w := checks.NewWatcher()
	w.Inspect(soundView())
	require.Empty(t, w.Findings())
	require.Empty(t, Views(soundView(), nil))
	for _, c := range viewCanaries() {
		s := &scene{view: soundView(), watcher: checks.NewWatcher()}
		require.NotEmpty(t, c.plant(s), c.check)
		require.Equal(t, soundView().Replicas[0].Batches, s.view.Replicas[0].Batches, "what was looked at is as it was")
	}
}

// Every script and every example is judged as it has to be, and by a watcher that finds nothing, and one that
// always finds something, each script is found out.
func TestScripts(t *testing.T) {
	require.Empty(t, Scripts())
	require.Empty(t, Examples())
	blind := inScripts(func(*checks.Watcher) kafka.Report { return kafka.Report{} })
	require.Len(t, blind, len(scripts()))
	all := kafka.Report{}
	for _, a := range kafka.Anomalies() {
		all.Findings = append(all.Findings, kafka.Finding{Anomaly: a})
	}
	vain := inScripts(func(*checks.Watcher) kafka.Report { return all })
	require.Len(t, vain, len(scripts()))
	for _, b := range vain {
		require.True(t, b.Vain)
	}
}
