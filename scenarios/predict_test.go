package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

const asked = `claim: Everything that is sent is read.
duration: 4s
cluster: {brokers: 1}
topics: [{name: orders}]
producers: [{name: p1, topic: orders, rate: 10/s, start: 1s, until: 2s}]
timeline: [{at: 3s, pause: broker-1, for: 100ms, name: nap}]
predict:
  question: How many are sent?
  answer: Exactly {send.ok}.
  at: fired(nap)
  choices:
    - {text: Ten., right: true, counts: {send.ok: "= 10"}}
    - {text: Twenty., counts: {send.ok: "= 20"}}
    - {text: The leader changes., sometimes: [partition-offline(orders)]}
expect: {findings: none}
`

// A choice is right because the run says so: one that is marked wrongly is a violation, as is one
// that is not marked and holds.
func TestTheRunShowsWhichChoiceIsRight(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"", "", ""},
		{`"= 10"`, `"= 11"`, `the choice "Ten." is said to be right, and the run shows that it is not`},
		{`"= 20"`, `">= 5"`, `the choice "Twenty." is said to be wrong, and the run shows that it is right`},
		{"partition-offline(orders)", "became-leader(orders-0)",
			`the choice "The leader changes." is said to be wrong, and the run shows that it is right`},
		{`counts: {send.ok: "= 10"}`, "sometimes: [partition-offline(orders)]",
			`the choice "Ten." is said to be right, and the run shows that it is not`},
	} {
		s, err := Parse("asked.yaml", []byte(strings.Replace(asked, row.from, row.to, 1)))
		require.NoError(t, err)
		r, err := Play(s, Options{})
		require.NoError(t, err)
		require.Equal(t, row.want, r.Run.Reason)
		require.Equal(t, row.want == "", r.Run.Verdict == kafka.VerdictOK)
		require.Equal(t, "Exactly 10.", r.Run.Fill(s.Predict.Answer))
	}
}

func TestBadQuestions(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{", right: true", "", `asked.yaml:8:3: predict has 3 choices, of which 0 are right (mark one of two or more with ` +
			"`right: true`)"},
		{"Twenty., counts", "Twenty., right: true, counts", "of which 2 are right"},
		{`, counts: {send.ok: "= 10"}`, "", "asked.yaml:12:7: nothing in the run shows that the choice \"Ten.\" is right"},
		{"Twenty.", "Ten.", `the choice "Ten." stands twice`},
		{"{send.ok}.", "{send.okay}.", `no run has a number called "send.okay" (did you mean "send.ok"?)`},
		{"fired(nap)", "fired(nip)", `no timeline entry is called "nip" (did you mean "nap"?)`},
		{"[partition-offline(orders)]", "[fired(nap)]", "only predict.at waits for fired(nap)"},
		{"{at: 3s,", "{when: fired(nap),", `"nap" waits for itself`},
		{"name: nap", "name: nap, quiet: true, say: Good night.", "is quiet and has something to say"},
	} {
		require.Contains(t, asked, row.from)
		_, err := Parse("asked.yaml", []byte(strings.Replace(asked, row.from, row.to, 1)))
		require.ErrorContains(t, err, row.want)
	}
}

// What is said, asked and kept quiet is no part of what happens: the trace is the same.
func TestWordsChangeNothing(t *testing.T) {
	play := func(text string) *kafka.Run {
		s, err := Parse("asked.yaml", []byte(text))
		require.NoError(t, err)
		r, err := Play(s, Options{})
		require.NoError(t, err)
		return &r.Run
	}
	told := play(strings.Replace(asked, "name: nap", "name: nap, say: Good night.", 1))
	quiet := play(strings.Replace(asked, "name: nap", "name: nap, quiet: true", 1))
	before, _, _ := strings.Cut(asked, "predict:")
	bare := play(strings.Replace(before, ", name: nap", "", 1) + "expect: {findings: none}\n")
	require.Equal(t, bare.TraceHash, told.TraceHash)
	require.Equal(t, bare.TraceHash, quiet.TraceHash)

	a, err := Parse("a.yaml", []byte(asked))
	require.NoError(t, err)
	b, err := Parse("b.yaml", []byte(strings.Replace(asked, "name: nap", "name: nap, say: Good night.", 1)))
	require.NoError(t, err)
	require.Empty(t, Differences(a, b), "twins do not differ in what is said")
}

// run.json says which entry of the timeline did what: its beginning, its end, the messages that met
// it, and the lines of the trace that came of each.
func TestFiredEntriesAreKept(t *testing.T) {
	lines := func(before, entry string) (fired []kafka.Fired, faults []string) {
		s, err := Parse("fired.yaml", []byte(strings.Replace(strings.Replace(verbCluster, "%s", before, 1),
			"%s", entry, 1)))
		require.NoError(t, err)
		r, err := Play(s, Options{Observe: func(l *kafka.TraceLine) {
			if l.Fault != nil {
				faults = append(faults, l.Kind+" "+l.Fault.Words())
			}
		}})
		require.NoError(t, err)
		return r.Run.Fired, faults
	}
	fired, faults := lines("  - {at: 3s, pause: broker-1, for: 2s}", "restart: consumer-1")
	require.Equal(t, []string{
		"fault pause broker-1", "fault kill consumer-1", "fault start consumer-1", "heal resume broker-1",
	}, faults)
	require.Len(t, fired, 3)
	require.Equal(t, kafka.Fired{Entry: 0, Verb: "pause", At: 3e9, Nodes: fired[0].Nodes, To: 1}, fired[0])
	require.Equal(t, kafka.Fired{Entry: 1, Verb: "restart", At: 4e9, Nodes: fired[1].Nodes, From: 1, To: 3},
		fired[1])
	require.Equal(t, kafka.FiredEnded, fired[2].Phase)
	require.Equal(t, []int{3, 4}, []int{fired[2].From, fired[2].To})

	fired, faults = lines("  - {at: 2s, pause: broker-2, for: 1s}",
		"drop: producer-p1, to: brokers, api: Produce, count: 2")
	require.Len(t, fired, 4)
	met := fired[3]
	require.Equal(t, kafka.FiredMet, met.Phase)
	for _, f := range faults[met.From:met.To] {
		require.Contains(t, f, "fault drop Produce producer-p1")
	}

	fired, faults = lines("  - {at: 2s, pause: broker-2, for: 1s}",
		"answer: producer-p1, api: Produce, error: NOT_ENOUGH_REPLICAS, count: 2")
	met = fired[len(fired)-1]
	require.Equal(t, kafka.FiredMet, met.Phase)
	require.Equal(t, 2, met.To-met.From)
	for _, f := range faults[met.From:met.To] {
		require.Contains(t, f, "Produce of producer-p1 with NOT_ENOUGH_REPLICAS")
	}
}

// Whoever was closed and has ended is not killed when it is started again.
func TestTheClosedAreNotKilled(t *testing.T) {
	for _, client := range []string{"consumer-1", "producer-p1"} {
		var said []string
		for _, l := range tried(t, "  - {at: 2s, close: "+client+"}", "restart: "+client) {
			if l.Fault != nil {
				said = append(said, l.Fault.Words())
			}
		}
		require.Equal(t, []string{"start " + client}, said)

		said = nil
		for _, l := range tried(t, "  - {at: 2s, close: "+client+"}", "kill: "+client) {
			if l.Fault != nil {
				said = append(said, l.Fault.Words())
			}
		}
		require.Equal(t, []string{"kill " + client + ": it was closed, and has ended"}, said)
	}
}
