package prose

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// marked shows what was found in a text.
func marked(text string) string {
	out := ""
	for _, p := range NewTermFinder().Pieces(text) {
		if p.Term == nil {
			out += p.Text
			continue
		}
		out += "[" + p.Text + "|" + p.Term.Name + "]"
	}
	return out
}

func TestTermsAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"The ISR and its in-sync replicas.":         "The [ISR|ISR] and its in-sync replicas.",
		"High watermark, high watermark":            "[High watermark|high watermark], high watermark",
		"with acks=all, min.insync.replicas=2":      "with [acks=all|acks], [min.insync.replicas|min.insync.replicas]=2",
		"a misread, lagging producers.acks offset":  "a misread, lagging producers.acks offset",
		"the leader epoch of the leader. Rebalance": "the [leader epoch|leader epoch] of the leader. [Rebalance|rebalance]",
		"": "",
	} {
		require.Equal(t, want, marked(text))
	}
}

// The glossary is in order, says each thing once, and in whole sentences.
func TestGlossaryIsSound(t *testing.T) {
	seen := map[string]bool{}
	terms := Glossary()
	require.True(t, slices.IsSortedFunc(terms, func(a, b Term) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	}))
	for _, term := range terms {
		for _, form := range append([]string{term.Name}, term.Forms...) {
			form = strings.ToLower(form)
			require.False(t, seen[form], form)
			seen[form] = true
		}
		require.True(t, strings.HasSuffix(term.Meaning, "."), term.Name)
		require.Less(t, len(term.Meaning), 200, term.Name)
	}
	for _, want := range []string{"isr", "high watermark", "leader epoch", "generation", "log end offset",
		"controller", "coordinator", "rebalance", "acks"} {
		require.True(t, seen[want], want)
	}
}
