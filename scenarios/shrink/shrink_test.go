package shrink

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// watch hears of a search and can end it.
type watch struct {
	better []string
	played int
	end    func(w *watch)
}

func (w *watch) Playing(_, _ model.Time) {}
func (w *watch) Played(plays, _ int) {
	w.played = plays
	if w.end != nil {
		w.end(w)
	}
}
func (w *watch) Better(_ Size, text string) { w.better = append(w.better, text) }

// failing is a lesson that expects nothing of what it shows.
func failing(t *testing.T, name string) *scenarios.Scenario {
	s, err := scenarios.Lesson(name)
	require.NoError(t, err)
	s, err = scenarios.Override(s, "expect.findings", "none")
	require.NoError(t, err)
	return s
}

func shrunk(t *testing.T, s *scenarios.Scenario, o Options) *Result {
	if o.Observer == nil {
		o.Observer = &watch{}
	}
	if o.Jobs == 0 {
		o.Jobs = 2
	}
	if o.Plays == 0 {
		o.Plays = 2000
	}
	r, err := Shrink(context.Background(), s, s.Seed, o)
	require.NoError(t, err)
	return r
}

// What is left of a lesson has no more entries than one writes by hand, fails by the same and plays
// again from its file alone. Those below are hand-written with that many entries:
//
//   - forgotten-producer-kip98: an answer is lost, records are deleted, and the producer has sent one.
//   - retries-in-order-no-idempotence: one of two brokers dies, two records are sent meanwhile.
//   - processing-at-least-once: records are sent, the consumer starts again meanwhile.
func TestLessonsBecomeAsSmallAsByHand(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]int{
		"forgotten-producer-kip98":        3,
		"retries-in-order-no-idempotence": 2, "processing-at-least-once": 2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := failing(t, name)
			w := &watch{}
			r := shrunk(t, s, Options{Observer: w})
			t.Logf("%d entries of %d, by hand %d; %d bytes of %d; %d plays\n%s", r.After.Entries,
				r.Before.Entries, byHand, r.After.Bytes, r.Before.Bytes, r.Plays, r.Text)
			require.LessOrEqual(t, r.After.Entries, byHand)
			require.Less(t, r.After.Bytes, 800)
			require.LessOrEqual(t, r.After.Nodes, r.Before.Nodes)
			require.Equal(t, r.Text, w.better[len(w.better)-1], "the last that was told of is the result")

			again, err := scenarios.Parse("again.yaml", []byte(r.Text))
			require.NoError(t, err)
			require.Equal(t, s.Claim, again.Claim)
			require.Contains(t, again.Why, "Shrunk from "+s.Name)
			played, err := scenarios.Play(again, scenarios.Options{})
			require.NoError(t, err)
			require.Equal(t, r.TraceHash, played.Run.TraceHash)
			require.Equal(t, r.Failure, FailureOf(again, &played.Run))
		})
	}
}

// What comes out does not depend on how many candidates are played at a time, also when the plays
// run out.
func TestJobsChangeNothing(t *testing.T) {
	t.Parallel()
	s := failing(t, "processing-at-least-once")
	for _, plays := range []int{20, 2000} {
		one, four := &watch{}, &watch{}
		a := shrunk(t, s, Options{Jobs: 1, Plays: plays, Observer: one})
		b := shrunk(t, s, Options{Jobs: 4, Plays: plays, Observer: four})
		require.Equal(t, a.Text, b.Text)
		require.Equal(t, a.Plays, b.Plays)
		require.Equal(t, one.better, four.better)
		require.Equal(t, plays == 20, a.Spent)
		require.LessOrEqual(t, a.Plays, plays)
	}
}

// An interrupt keeps the best so far, which plays again.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := failing(t, "processing-at-least-once")
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{end: func(w *watch) {
		if w.played == 15 {
			cancel()
		}
	}}
	r, err := Shrink(ctx, s, s.Seed, Options{Plays: 2000, Jobs: 2, Observer: w})
	require.NoError(t, err)
	require.True(t, r.Interrupted)
	require.Equal(t, 15, r.Plays)
	require.Equal(t, w.better[len(w.better)-1], r.Text)
	require.Less(t, r.After.Bytes, r.Before.Bytes)
}

// Where nothing fails there is nothing to shrink, and it is said what to do.
func TestNothingToShrink(t *testing.T) {
	t.Parallel()
	lesson, err := scenarios.Lesson("processing-at-least-once")
	require.NoError(t, err)
	void, err := scenarios.Override(lesson, "producers[0].acks", "1")
	require.NoError(t, err)
	missing, err := scenarios.Override(lesson, "expect", "{sometimes: [member-joined(nowhere)], findings: [processed-twice]}")
	require.NoError(t, err)
	for want, s := range map[string]*scenarios.Scenario{
		"does not fail under seed 25: it is ok; what it expects is no failure unless --set expect.findings=none": lesson,
		"it is unjudged; say what to expect": void,
		"has no finding under seed 25 that could be shrunk: member-joined(nowhere) never happened": missing,
	} {
		_, err := Shrink(context.Background(), s, s.Seed, Options{Plays: 1, Jobs: 1, Observer: &watch{}})
		var holds *HoldsError
		require.ErrorAs(t, err, &holds)
		require.ErrorContains(t, err, want)
	}
}

// planted plays a scenario and then breaks what the run says, as a bug of the program would.
func planted(breakIt func(s *scenarios.Scenario, r *scenarios.Result)) Options {
	return Options{play: func(s *scenarios.Scenario, o scenarios.Options) (*scenarios.Result, error) {
		r, err := scenarios.Play(s, o)
		if err == nil {
			breakIt(s, r)
		}
		return r, err
	}}
}

// does tells whether the timeline has such an entry.
func does(s *scenarios.Scenario, verb string) bool {
	return slices.ContainsFunc(s.Timeline, func(a scenarios.Action) bool { return a.Verb == verb })
}

const crowded = `claim: Nothing is wrong.
seed: 7
duration: 8s
cluster: {brokers: 4, config: {replica.lag.time.max.ms: 4387}}
topics:
  - {name: orders, partitions: 3, replicas: 3, config: {min.insync.replicas: 2}}
  - {name: bills, replicas: 2}
producers:
  - {name: a, topic: orders, rate: 20/s, until: 3387ms}
  - {name: b, topic: bills, rate: 20/s, until: 4s}
consumers:
  - {group: one, members: 2, topics: [orders, bills]}
  - {group: two, members: 2, topics: [bills], commit: after}
timeline:
  - {at: 1387ms, pause: consumer-3, for: 1s}
  - {at: 2s, cut: broker-4, to: broker-1, for: 500ms}
  - {then: 300ms, pause: leader(bills-0), for: 1s}
  - {then: 1s, slow: brokers, to: brokers, by: 1ms}
  - {at: 6s, kill: [broker-2, consumer-2, consumer-4], for: 1s}
expect: {findings: none}
`

// A panic is shrunk as a finding is: only what brings it about is left.
func TestPanicsAreShrunk(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("crowded.yaml", []byte(crowded))
	require.NoError(t, err)
	r := shrunk(t, s, planted(func(s *scenarios.Scenario, _ *scenarios.Result) {
		if does(s, "kill") && len(s.Consumers) > 0 {
			panic(fmt.Sprintf("session %d of broker %d", len(s.Timeline), s.Cluster.Brokers))
		}
	}))
	require.Equal(t, Panic, r.Failure.Kind)
	require.Equal(t, "session # of broker # in scenarios/shrink.TestPanicsAreShrunk.func1", r.Failure.Reason)
	require.Equal(t, 1, r.After.Entries)
	require.Empty(t, r.Scenario.Producers)
	require.Equal(t, 1, r.Scenario.Cluster.Brokers)
	require.Len(t, r.Scenario.Consumers, 1)
	require.Len(t, r.Scenario.Timeline[0].Targets, 1)
	require.Zero(t, r.Scenario.Timeline[0].For)
}

// So are two runs of one seed that differ.
func TestNondeterminismIsShrunk(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("crowded.yaml", []byte(crowded))
	require.NoError(t, err)
	var runs atomic.Int64
	r := shrunk(t, s, planted(func(s *scenarios.Scenario, r *scenarios.Result) {
		if does(s, "cut") {
			r.Run.TraceHash = fmt.Sprint(runs.Add(1))
		}
	}))
	require.Equal(t, Nondeterminism, r.Failure.Kind)
	require.Equal(t, 1, r.After.Entries)
	require.Contains(t, r.Text, "- {at: 1s, cut: broker-2, to: broker-1}")
}

// The same anomaly for another reason is another failure, and so is one beside a graver one.
func TestAnotherReasonIsNotTaken(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("crowded.yaml", []byte(crowded))
	require.NoError(t, err)
	r := shrunk(t, s, planted(func(s *scenarios.Scenario, r *scenarios.Result) {
		found := kafka.Finding{Anomaly: kafka.Stuck, Count: 1, Explanation: "nobody leads; and so on"}
		switch {
		case len(s.Topics) < 2:
			found.Explanation = "the topic is not there"
		case len(s.Consumers) < 2:
			r.Run.Findings = append(r.Run.Findings, kafka.Finding{Anomaly: kafka.LostWrite, Count: 1})
		}
		r.Run.Findings = append(r.Run.Findings, found)
		r.Run.Verdict = kafka.VerdictUnsettled
	}))
	require.Equal(t, Failure{"stuck", "nobody leads"}, r.Failure)
	require.Len(t, r.Scenario.Topics, 2)
	require.Len(t, r.Scenario.Consumers, 2)
	require.Empty(t, r.Scenario.Timeline)
	require.Zero(t, r.Scenario.Topics[0].Config, "min.insync.replicas may go")
}

// What cannot be written to, and what a sound cluster may do, is no candidate where the scenario
// that failed was neither.
func TestNoExcusesAreMade(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("crowded.yaml", []byte(strings.NewReplacer("brokers: 4", "brokers: 3", "broker-4", "broker-3").Replace(crowded)))
	require.NoError(t, err)
	o := planted(func(s *scenarios.Scenario, r *scenarios.Result) {
		if unwritable(s) || does(s, "kill") {
			r.Run.Findings = []kafka.Finding{{Anomaly: kafka.Unseen, Count: 1, Explanation: "it is gone"}}
			r.Run.Verdict = kafka.VerdictViolated
		}
	})
	o.Admits = func(s *scenarios.Scenario) []kafka.Anomaly {
		if s.Topics[0].Replicas < 2 {
			return []kafka.Anomaly{kafka.Unseen}
		}
		return nil
	}
	r := shrunk(t, s, o)
	require.False(t, unwritable(r.Scenario))
	require.GreaterOrEqual(t, r.Scenario.Topics[0].Replicas, 2)
	require.True(t, does(r.Scenario, "kill"))
}

// A measure above its bound is shrunk; the bound stays.
func TestBoundsAreShrunk(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("bound.yaml", []byte(strings.Replace(crowded, "{findings: none}",
		`{findings: none, counts: {send.ok: "= 0", poll.ok: "<= 100000"}}`, 1)))
	require.NoError(t, err)
	r := shrunk(t, s, Options{})
	require.Equal(t, Failure{TooMany, "send.ok"}, r.Failure)
	require.Len(t, r.Scenario.Expect.Counts, 1)
	require.Len(t, r.Scenario.Producers, 1)
	require.Empty(t, r.Scenario.Timeline)
	require.Empty(t, r.Scenario.Consumers)
}
