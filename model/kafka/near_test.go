package kafka

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// What is near is what was found for the same node and partition, and nothing once it is forgotten.
func TestNear(t *testing.T) {
	line := func(n int) *TraceLine {
		l := &TraceLine{}
		l.Node = model.NodeID(fmt.Sprint("broker-", n%3))
		l.Note.Topic, l.Note.Partition = fmt.Sprint("t", n%2), int32(n)
		return l
	}
	var x Near[int]
	_, ok := x.Find(&TraceLine{})
	require.False(t, ok)
	for n := range 20 {
		_, ok := x.Find(line(n))
		require.False(t, ok)
		x.Found(line(n), n)
		for back := range min(n+1, len(x.places)) {
			found, ok := x.Find(line(n - back))
			require.True(t, ok)
			require.Equal(t, n-back, found)
		}
	}
	x.Forget()
	_, ok = x.Find(line(19))
	require.False(t, ok)
}
