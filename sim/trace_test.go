package sim

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestTraceLinesAreJSON(t *testing.T) {
	var trace bytes.Buffer
	chatter(t, 7, &trace, false)
	var last struct {
		At     model.Time
		Kind   string
		Number int
	}
	remarks := 0
	for b := range bytes.Lines(trace.Bytes()) {
		at := last.At
		last.Number = 0
		require.NoError(t, json.Unmarshal(b, &last), "%s", b)
		require.GreaterOrEqual(t, last.At, at)
		if last.Kind == "remark" {
			remarks++
			require.NotZero(t, last.Number, "a note writes its own fields: %s", b)
		}
	}
	require.NotZero(t, remarks)
	require.Equal(t, model.TraceEnd, last.Kind)
}
