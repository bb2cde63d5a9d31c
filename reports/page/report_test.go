package page

import (
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
	"sandcastle/reports/recorded"
	"sandcastle/reports/text"
)

// Nothing that a run holds may become markup.
func TestPageEscapes(t *testing.T) {
	const evil = `<script>alert("x")</script>`
	r := &recorded.Run{Run: kafka.Run{Engine: kafka.EngineVersion, Claim: evil, Scenario: evil,
		Verdict: kafka.VerdictViolated, Reason: evil, YAML: evil, TraceHash: evil,
		Findings: []kafka.Finding{{Anomaly: kafka.LostWrite, Count: 1, Explanation: evil,
			Witnesses: []kafka.Witness{{Op: 1, Who: evil, Text: evil}}}},
		Counters: map[string]int64{evil: 1}}}
	r.Line(ms, evil, model.TraceFault, "kill "+evil)
	r.Note(2*ms, evil, kafka.Note{Kind: kafka.LogEnd, Topic: evil, Offset: 7})
	r.Note(3*ms, evil, kafka.Note{Kind: kafka.PartitionsAssigned, Group: evil, Member: evil,
		Partitions: []kafka.TopicPartition{{Topic: evil}}})
	r.Line(9*ms, "", model.TraceEnd, "")
	s := story(r)
	figures := figures.All(s)
	require.Len(t, figures, 2)
	for _, f := range figures {
		require.NotContains(t, string(f.SVG), "<script")
	}
	page, err := Report(s, digest.Lesson{Why: evil, Question: evil, Answer: evil}, figures)
	require.NoError(t, err)
	require.NotContains(t, string(page), "<script>alert")
	require.Contains(t, string(page), "&lt;script&gt;")
}

func TestPageOfARunWithoutData(t *testing.T) {
	s := digest.NewCollector().Story(kafka.Run{Verdict: kafka.VerdictOK})
	page, err := Report(s, digest.Lesson{}, nil)
	require.NoError(t, err)
	require.Contains(t, string(page), "Nothing but reading and writing.")
}

// narrated is a failover with a lesson that says something of the election.
func narrated() *digest.Story {
	r := recorded.Failover(200)
	r.Sort()
	c := digest.NewCollector()
	c.Narrate(digest.Lesson{Notes: []digest.LessonNote{{Kind: kafka.LeaderElected, Say: "The next leader."}}})
	for i := range r.Trace {
		c.Observe(&r.Trace[i])
	}
	return c.Story(r.Run)
}

func TestPageSaysWhatTheLessonSays(t *testing.T) {
	page := pageOf(t, narrated())
	require.Contains(t, page, `<span class="say">The next leader.</span>`)
}

func TestPageLinksToWhatStandsBesideIt(t *testing.T) {
	r := recorded.Failover(50)
	page := pageOf(t, story(r))
	for _, name := range []string{"run.json", "history.ndjson", "trace.ndjson", "findings.json"} {
		require.Contains(t, page, `<a href="`+name+`">`)
	}
	require.NotContains(t, page, text.LinearizabilityPage)
	r.Run.Expected = []kafka.Anomaly{kafka.Nonlinearizable}
	r.Run.Findings = []kafka.Finding{{Anomaly: kafka.Nonlinearizable, Count: 1,
		Explanation: "two appends got one offset", Witnesses: []kafka.Witness{{Op: 3, Text: "send"}}}}
	page = pageOf(t, story(r))
	require.Equal(t, 2, strings.Count(page, `<a href="linearizability.html">`))
	require.Contains(t, page, "Two appends got one offset.")
	require.Contains(t, page, "this lesson expects the anomalies below, and found exactly those")
}

const ms = model.Time(1_000_000)

// story feeds a collector as a running simulation would.
func story(r *recorded.Run) *digest.Story {
	c := digest.NewCollector()
	r.Feed(c)
	return c.Story(r.Run)
}

// pageOf is the page of a story.
func pageOf(t *testing.T, s *digest.Story) string {
	t.Helper()
	page, err := Report(s, digest.Lesson{Why: "why", Question: "which?", Answer: "that"}, figures.All(s))
	require.NoError(t, err)
	return string(page)
}

// The page needs nothing from anywhere, and browsers find no stray tags in it.
func TestPageIsSelfContained(t *testing.T) {
	page := pageOf(t, story(recorded.Failover(200)))
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
	r := recorded.Failover(200)
	r.Run.Verdict, r.Run.Reason = kafka.VerdictViolated, "lost-write was found."
	r.Run.Findings = []kafka.Finding{{Anomaly: kafka.LostWrite, Count: 3,
		Explanation: "v601 is nowhere.",
		Witnesses: []kafka.Witness{{Op: 1203, At: 3998 * ms, Who: "producer-p1", Text: "send v601: ok"},
			{Op: -1, Seq: 812, At: 11800 * ms, Who: "broker-3", Text: "log ends at 601"}}}}
	page := pageOf(t, story(r))
	for _, want := range []string{"the claim did not hold", "found 3 times", "send v601: ok",
		"history, index 1203", "trace, seq 812", "v601 is nowhere."} {
		require.Contains(t, page, want)
	}
}
