package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTimePrints(t *testing.T) {
	require.Equal(t, "5.000125s", Time(5_000_125_999).String())
	require.Equal(t, "never", Never.String())
	require.Equal(t, int64(5000), Time(5_000_999_999).Millis())
}
