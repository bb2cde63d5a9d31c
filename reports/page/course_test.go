package page

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/figures"
	"sandcastle/reports/recorded"
)

func courseOf(lessons ...CourseLesson) *Course {
	return &Course{
		Subjects: []CourseSubject{{ID: "subject-log", Title: "The log",
			Chapters: []CourseChapter{{Number: 4, Title: "Keys", Source: "KIP-1", Lessons: lessons}}}},
		Paths: []CoursePath{{Title: "Short", About: "All of it.", Numbers: []int{4, 9}}},
	}
}

// A card says what was claimed, what is otherwise in a twin, and what was found.
func TestCoursePageTellsTwinsApart(t *testing.T) {
	s := story(recorded.Failover(200))
	picture, ok := figures.DrawThumbnail(s, "offsets", "log/keys")
	require.True(t, ok)
	require.Equal(t, "offsets", picture.Name)
	good := CourseLesson{Dir: "log/keys/seed-4", Question: "Which?", Thumbnail: picture,
		Run: kafka.Run{Scenario: "log/keys", Claim: "Order is kept.", Verdict: kafka.VerdictOK}}
	bad := CourseLesson{Dir: "log/keys-more/seed-4", Of: "log/keys", OfDir: "log/keys/seed-4", Differs: []string{"topics[0].partitions: 4"},
		Silence: 6_590_000_000,
		Run: kafka.Run{Scenario: "log/keys-more", Claim: "Order is lost.", Verdict: kafka.VerdictOK,
			Expected: []kafka.Anomaly{kafka.KeyReordered},
			Findings: []kafka.Finding{{Anomaly: kafka.KeyReordered, Count: 3}}}}
	page, err := Index(courseOf(good, bad))
	require.NoError(t, err)
	text := string(page)
	for _, want := range []string{
		`<a href="log/keys/seed-4/report.html">Which?</a>`, `<p class="claim">Order is kept.</p>`, "all 2 claims held",
		`Twin of <a href="log/keys/seed-4/report.html">keys</a>`, "<code>topics[0].partitions: 4</code>", "<code>key-reordered</code> 3 times",
		"had to wait 6.59 s", `<li><a href="#log-keys">Keys</a></li>`, "<small>KIP-1</small>",
		`aria-labelledby="log/keys-s-t log/keys-s-d"`,
	} {
		require.Contains(t, text, want)
	}
	again, err := Index(courseOf(good, bad))
	require.NoError(t, err)
	require.Equal(t, text, string(again))
}

// What went wrong stands at the top, and what was found unexpectedly says so.
func TestCoursePageShowsWhatFailed(t *testing.T) {
	const evil = `<script>alert("x")</script>`
	l := CourseLesson{Dir: "log/keys/seed-4", Question: evil, Of: evil, Differs: []string{evil},
		Run: kafka.Run{Scenario: "log/keys", Claim: evil, Verdict: kafka.VerdictViolated,
			Findings: []kafka.Finding{{Anomaly: kafka.LostWrite, Count: 1}}}}
	page, err := Index(courseOf(l))
	require.NoError(t, err)
	require.Contains(t, string(page), "1 of 1 claims did not hold")
	require.Contains(t, string(page), `<li><a href="#log-keys">log/keys</a></li>`)
	require.Contains(t, string(page), "once, not expected")
	require.NotContains(t, string(page), "<script")
}
