package log

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

func TestCheckpoints(t *testing.T) {
	disk := newMemoryDisk()
	offsets, err := ReadCheckpoint(disk, ReplicationOffsetCheckpoint)
	require.NoError(t, err)
	require.Empty(t, offsets)
	require.Empty(t, disk.names(""), "reading creates nothing")
	offsets = map[kafka.TopicPartition]kafka.Offset{orders: 12, {Topic: "a", Partition: 3}: 5}
	require.NoError(t, WriteCheckpoint(disk, ReplicationOffsetCheckpoint, offsets))
	require.Equal(t, []string{ReplicationOffsetCheckpoint}, disk.names(""))
	got, err := ReadCheckpoint(disk, ReplicationOffsetCheckpoint)
	require.NoError(t, err)
	require.Equal(t, offsets, got)

	file := disk.files[ReplicationOffsetCheckpoint]
	require.Equal(t, "0\n2\na 3 5\norders 0 12\n", string(file.data))
	for _, bad := range []string{
		"", "1\n0\n", "0\n2\na 3 5\n", "0\n1\na x 5\n", "0\n1\na 3 -5\n", "0\n1\na 3\n", "0\n1\na 3 5",
	} {
		file.data = []byte(bad)
		_, err = ReadCheckpoint(disk, ReplicationOffsetCheckpoint)
		require.ErrorContains(t, err, ReplicationOffsetCheckpoint, "%q", bad)
	}
}

// Whenever the disk fails, the file is the old one or the new one.
func TestCheckpointIsWhole(t *testing.T) {
	older := map[kafka.TopicPartition]kafka.Offset{orders: 12}
	newer := map[kafka.TopicPartition]kafka.Offset{orders: 13}
	for left := 0; ; left++ {
		disk := newMemoryDisk()
		require.NoError(t, WriteCheckpoint(disk, RecoveryPointCheckpoint, older))
		disk.left = left
		err := WriteCheckpoint(disk, RecoveryPointCheckpoint, newer)
		disk.left = -1
		got, readErr := ReadCheckpoint(disk, RecoveryPointCheckpoint)
		require.NoError(t, readErr)
		if err == nil {
			require.Equal(t, newer, got)
			require.Equal(t, 4, left, "operations of a write")
			return
		}
		require.ErrorIs(t, err, errBroken)
		require.Equal(t, older, got)
	}
}
