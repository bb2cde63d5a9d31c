package palette

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A broker looks the same whoever else is drawn.
func TestBrokersLookTheSameEverywhere(t *testing.T) {
	all := NewCast([]string{"broker-1", "broker-2", "broker-3", "consumer-1"})
	some := NewCast([]string{"consumer-7", "broker-3"})
	require.Equal(t, all.Of("broker-3"), some.Of("broker-3"))
	require.Equal(t, Look{Green, BarGreen, 0}, NewCast(nil).Of("broker-3"))
	require.Equal(t, Nth(11), all.Of("broker-12"))
	require.Equal(t, 1, all.Of("broker-12").Round)
}

// Twelve readers have twelve looks.
func TestReadersAreToldApart(t *testing.T) {
	var nodes []string
	for _, name := range "abcdefghijkl" {
		nodes = append(nodes, string(name))
	}
	cast, seen := NewCast(append([]string{"broker-1"}, nodes...)), map[Look]string{}
	for _, node := range nodes {
		look := cast.Of(node)
		require.Empty(t, seen[look], "%s looks like %s", node, seen[look])
		seen[look] = node
	}
}
