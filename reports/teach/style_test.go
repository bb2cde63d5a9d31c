package teach

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/reports/text"
)

// A scenario's text commands no terminal, in whatever ink.
func TestTextIsOnlyPrinted(t *testing.T) {
	require.Equal(t, `a\u001b[2Jb\u009b`, inked(text.Line{{Text: "a\x1b[2Jb\u009b"}}))
	require.NotContains(t, inked(text.Line{{Text: "\x1b]0;x\x07", Ink: text.InkFault}}), "\x1b]0")
}
