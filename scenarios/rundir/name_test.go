package rundir

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSetSuffix(t *testing.T) {
	require.Empty(t, setSuffix(nil))
	require.Equal(t, "-producers0.acks-1", setSuffix([]string{"producers[0].acks=1"}))
	one, other := setSuffix([]string{"topics[0].assignment=[[1, 2]]"}), setSuffix([]string{"topics[0].assignment=[[1 ,2]]"})
	require.NotEqual(t, one, other)
	require.NotContains(t, one, "[")
}
