package sim

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestTraceLinesParse(t *testing.T) {
	var trace bytes.Buffer
	chatter(t, 7, &trace, false)
	lines := bytes.Split(bytes.TrimSuffix(trace.Bytes(), []byte("\n")), []byte("\n"))
	var last model.TraceLine
	for _, b := range lines {
		l, err := model.ParseTraceLine(b)
		require.NoError(t, err, "%s", b)
		require.GreaterOrEqual(t, l.At, last.At)
		last = l
	}
	require.Equal(t, model.TraceEnd, last.Kind)
}
