package log

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

func TestEndOffsetForEpoch(t *testing.T) {
	var c epochCache
	epoch, end := c.endOffsetFor(0, 30)
	require.Equal(t, kafka.NoEpoch, epoch, "an empty cache knows nothing")
	require.Equal(t, kafka.NoOffset, end)
	for _, e := range []epochStart{{1, 0}, {3, 10}, {4, 20}} {
		require.True(t, c.assign(e.epoch, e.start))
	}
	require.False(t, c.assign(4, 25), "known")
	require.False(t, c.assign(2, 25), "older than the newest")
	for _, row := range []struct {
		asked, epoch kafka.Epoch
		end          kafka.Offset
	}{
		{-1, -1, -1}, {0, 0, 0}, {1, 1, 10}, {2, 1, 10}, {3, 3, 20}, {4, 4, 30}, {5, -1, -1},
	} {
		epoch, end := c.endOffsetFor(row.asked, 30)
		require.Equal(t, row.epoch, epoch, "epoch %d", row.asked)
		require.Equal(t, row.end, end, "epoch %d", row.asked)
	}
	require.False(t, c.truncateFrom(21))
	require.True(t, c.truncateFrom(20))
	require.EqualValues(t, 3, c.latest())
}

func TestEpochOfAnOffset(t *testing.T) {
	c := epochCache{entries: []epochStart{{1, 5}, {3, 10}}}
	for offset, epoch := range map[kafka.Offset]kafka.Epoch{0: -1, 4: -1, 5: 1, 9: 1, 10: 3, 11: 3} {
		require.Equal(t, epoch, c.at(offset), "offset %d", offset)
	}
}

// An epoch that begins where others did, or before them, shows that those were wrong.
func TestNewEpochReplacesThoseWithoutRecords(t *testing.T) {
	for start, want := range map[kafka.Offset][]epochStart{
		25: {{1, 0}, {2, 10}, {3, 20}, {9, 25}},
		20: {{1, 0}, {2, 10}, {9, 20}},
		15: {{1, 0}, {2, 10}, {9, 15}},
		0:  {{9, 0}},
	} {
		c := epochCache{entries: []epochStart{{1, 0}, {2, 10}, {3, 20}}}
		require.True(t, c.assign(9, start))
		require.Equal(t, want, c.entries)
	}
}

func TestEpochFile(t *testing.T) {
	disk := newMemoryDisk()
	c := epochCache{entries: []epochStart{{1, 0}, {3, 10}}}
	require.NoError(t, c.write(disk, "orders-0"))
	file := disk.files["orders-0/leader-epoch-checkpoint"]
	require.Equal(t, "0\n2\n1 0\n3 10\n", string(file.data))
	var got epochCache
	ok, err := got.read(disk, "orders-0")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, c, got)
	for _, bad := range []string{
		"", "0\n", "1\n0\n", "0\n2\n1 0\n", "0\n1\n1 0", "0\n1\nx 0\n", "0\n1\n1 -5\n", "0\n2\n1 0\n1 10\n",
		"0\n2\n1 5\n2 5\n", "0\n1\n1\n", "0\n1\n99999999999 0\n",
	} {
		file.data = []byte(bad)
		ok, err := got.read(disk, "orders-0")
		require.NoError(t, err)
		require.False(t, ok, "%q", bad)
		require.Empty(t, got.entries)
	}
}
