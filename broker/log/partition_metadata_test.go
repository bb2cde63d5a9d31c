package log

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The file is Kafka's to the byte, and what is no such file says nothing.
func TestTopicIDOfALog(t *testing.T) {
	disk := newMemoryDisk()
	id, err := TopicID(disk, orders)
	require.NoError(t, err)
	require.Empty(t, id)
	l, _ := open(t, disk, large, 0)
	require.NoError(t, l.WriteTopicID("k0Q-_4NLSJaF8rh9ll_pzw"))
	const whole = "version: 0\ntopic_id: k0Q-_4NLSJaF8rh9ll_pzw"
	f, err := disk.Open(l.dir + "/partition.metadata")
	require.NoError(t, err)
	text := make([]byte, f.Size())
	require.NoError(t, readFull(f, text, 0))
	require.Equal(t, whole, string(text))
	id, err = TopicID(disk, orders)
	require.NoError(t, err)
	require.Equal(t, "k0Q-_4NLSJaF8rh9ll_pzw", id)

	for _, damaged := range []string{"", whole[:30], "version: 7" + whole[10:], "version: 0\nid: x"} {
		require.NoError(t, WriteFile(disk, l.dir+"/partition.metadata", damaged))
		id, err = TopicID(disk, orders)
		require.NoError(t, err)
		require.Empty(t, id, "%q", damaged)
	}
	require.NoError(t, l.Delete())
	names, err := disk.List(l.dir)
	require.NoError(t, err)
	require.Empty(t, names)
}
