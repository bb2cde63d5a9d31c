package group

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// TestPartitionFor compares with java.lang.String.hashCode: "billing".hashCode() and others.
func TestPartitionFor(t *testing.T) {
	hash := func(s string) int32 { return PartitionFor(s, 1<<31-1) }
	require.Equal(t, int32(0), hash(""))
	require.Equal(t, int32(97), hash("a"))
	require.Equal(t, int32(99162322), hash("hello"))
	require.Equal(t, int32(99162322%50), PartitionFor("hello", 50))
	// "polygenelubricants".hashCode() is Integer.MIN_VALUE: & 0x7fffffff makes it 0.
	require.Equal(t, int32(0), hash("polygenelubricants"))
	// "é" is one unit, 0xe9; "😀" is the pair 0xd83d 0xde00.
	require.Equal(t, int32(0xe9), hash("é"))
	require.Equal(t, int32(31*0xd83d+0xde00), hash("😀"))
}

func TestMemberIDs(t *testing.T) {
	c := New(Config{}, nil, model.NewRand(5, "ids"), 1)
	id := c.rebalancer.newMemberID("app")
	require.Regexp(t, `^app-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
	require.NotEqual(t, id, c.rebalancer.newMemberID("app"))
	require.Equal(t, id, New(Config{}, nil, model.NewRand(5, "ids"), 1).rebalancer.newMemberID("app"))
}
