package page

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/reports/recorded"
)

// A term is explained by its title, where no script runs, and what stands around it is escaped.
func TestTermsAreMarked(t *testing.T) {
	require.Equal(t, `&lt;b&gt; the <abbr class="term" tabindex="0" title="Up to where all in-sync replicas have `+
		`the log. Consumers read below it only.">high watermark</abbr>`,
		string(newTermMarker().mark("<b> the high watermark")))
	page := pageOf(t, story(recorded.Failover(50)))
	require.Contains(t, page, `<dt>leader epoch</dt>`)
	require.Contains(t, page, `<abbr class="term"`)
}
