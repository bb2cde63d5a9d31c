package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
	"sandcastle/reports/recorded"
)

// What stands in a page is let through by its hash, and nothing by a word that lets all through.
func TestPolicyNamesWhatStandsInThePage(t *testing.T) {
	html, err := WithPolicy([]byte("<html><head><style>a\r\n{}</style><script>f()</script>" +
		`<script type="application/octet-stream">data</script></head></html>`))
	require.NoError(t, err)
	require.Contains(t, string(html), "style-src "+inlineHash([]byte("a\n{}"))+";")
	require.Contains(t, string(html), "script-src "+inlineHash([]byte("f()"))+";")
	require.NotContains(t, string(html), "unsafe-inline")
	html, err = WithPolicy([]byte("<head></head>"))
	require.NoError(t, err)
	require.Contains(t, string(html), "style-src 'none';")
	require.Contains(t, string(html), "script-src 'none';")
	_, err = WithPolicy([]byte("<p>"))
	require.ErrorContains(t, err, "no <head>")
}

func TestEveryPageHasAPolicy(t *testing.T) {
	s := story(recorded.Failover(200))
	report, err := Report(s, digest.Lesson{Question: "Which?"}, figures.All(s))
	require.NoError(t, err)
	index, err := Index(courseOf(CourseLesson{Dir: "log/keys"}))
	require.NoError(t, err)
	for name, html := range map[string][]byte{"report.html": report, "index.html": index} {
		require.Equal(t, 1, bytes.Count(html, []byte("Content-Security-Policy")), name)
		require.NotContains(t, string(html), "unsafe-inline", name)
		require.NotContains(t, string(html), ` style="`, "%s: the policy lets no attribute through", name)
	}
}

// linearizability is Porcupine's page of two appends at one offset.
func linearizability(t *testing.T) []byte {
	t.Helper()
	var h kafka.History
	key := kafka.TopicPartition{Topic: "orders"}
	for i := range 2 {
		mop := kafka.Mop{F: kafka.FSend, Key: key, Value: fmt.Sprint("v", i), Offset: 0}
		at := model.Time(10 * len(h))
		h = append(h,
			kafka.Op{Index: len(h), Process: i, Type: kafka.Invoke, F: kafka.FSend, Time: at, Value: []kafka.Mop{mop}},
			kafka.Op{Index: len(h) + 1, Process: i, Type: kafka.OK, F: kafka.FSend, Time: at + 5, Value: []kafka.Mop{mop}})
	}
	drawn, err := checks.Visualize(h, key)
	require.NoError(t, err)
	return drawn
}

func TestPolicyInBrowser(t *testing.T) {
	browser := startBrowser(t)
	write := func(html []byte) string {
		path := filepath.Join(t.TempDir(), "page.html")
		require.NoError(t, os.WriteFile(path, html, 0o600))
		return "file://" + path
	}
	ready := []byte(`<script>document.documentElement.dataset.ready = "1"</script></body>`)
	sealed := func(html []byte) []byte {
		html, err := WithPolicy(bytes.Replace(html, []byte("</body>"), ready, 1))
		require.NoError(t, err)
		return html
	}
	t.Run("Porcupine's page is drawn", func(t *testing.T) {
		w := open(t, browser, write(sealed(linearizability(t))), wide)
		require.Positive(t, w.number(`document.querySelectorAll("#canvas rect").length`))
		require.Equal(t, "none", w.text(`getComputedStyle(document.querySelector(".target-rect")).stroke`))
		w.silent()
	})
	t.Run("what was smuggled in does not run", func(t *testing.T) {
		html := sealed([]byte(`<html><head><title>fine</title></head><body></body></html>`))
		html = bytes.Replace(html, []byte("</body>"), []byte(evil+
			`<script>document.title = "broken in"</script><img src="https://example.com/x.png"></body>`), 1)
		w := open(t, browser, write(html), wide)
		w.until(`document.images.length === 2 && [...document.images].every((i) => i.complete)`)
		require.Equal(t, "fine", w.text(`document.title`))
	})
}
