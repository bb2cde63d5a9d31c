package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
)

// The table of errors is held against franz-go's, which was made from Kafka's documentation.
func TestCodesAreThoseOfKafka(t *testing.T) {
	renamed := map[Code]string{
		NotLeaderOrFollower: "NOT_LEADER_FOR_PARTITION", // until 2.6
	}
	// BrokerNotAvailableException is an ApiException and no RetriableException (3.9).
	retriable := map[Code]bool{BrokerNotAvailable: true}
	seen := map[Code]bool{}
	for _, row := range codes {
		require.False(t, seen[row.code], "%s stands there twice", row.name)
		seen[row.code] = true
		if row.code == None {
			continue // which is no error
		}
		theirs := kerr.TypedErrorForCode(int16(row.code))
		require.Equal(t, theirs.Code, int16(row.code), row.name)
		if name := renamed[row.code]; name != "" {
			require.Equal(t, theirs.Message, name)
		} else {
			require.Equal(t, theirs.Message, row.name)
		}
		require.Equal(t, theirs.Retriable, row.retriable || retriable[row.code], row.name)
	}
	require.Equal(t, "ERROR_1234", Code(1234).String())
	require.False(t, Code(1234).Retriable())
}
