package text

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// Every anomaly has a meaning, and what follows from a finding is told with it.
func TestFindingsInWords(t *testing.T) {
	for _, a := range kafka.Anomalies() {
		require.NotEmpty(t, AnomalyMeaning(a), a)
	}
	f := FindingOf(kafka.Finding{Anomaly: kafka.LostWrite, Count: 2, Explanation: "v is gone",
		Follows: []kafka.Consequence{
			{Anomaly: kafka.InconsistentOffsets, Count: 1}, {Anomaly: kafka.Nonlinearizable, Count: 1200},
		}}, nil)
	require.Equal(t, "V is gone. What follows from it is not counted by itself: inconsistent-offsets once "+
		"and nonlinearizable 1,200 times.", f.Explanation)
}
