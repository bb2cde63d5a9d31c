package host

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spoken is a log that a test reads.
type spoken struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *spoken) count(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Count(s.buf.Bytes(), []byte(text))
}

// Requests of a few bytes that count 2³²−1 tagged fields, and frames like them to ZooKeeper, end
// their connections at once; others do not wait, and the log tells of it once.
func TestCountsOfWhatIsNotThereHoldNobody(t *testing.T) {
	var said spoken
	cfg := clusterConfig(t, 1, t.TempDir())
	cfg.Log = slog.New(slog.NewTextHandler(&said, nil))
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(1, 1)))
	undisturbed := standBy(t, c.Addrs()[0], 2*time.Second)
	tags := []byte("\x00\x03\x00\x0c\x00\x00\x00\x07\x00\x01x\x00\x00\x00\x00\xff\xff\xff\xff\x0f")
	for range 3 {
		conn := dialTo(t, c.Addrs()[0])
		_, err := conn.Write(framed(tags))
		require.NoError(t, err)
		require.Zero(t, awaitEnd(t, conn))
	}
	undisturbed()
	require.Equal(t, 1, said.count("malformed frame: Metadata v12: it counts more than it holds"))
	conn := dialTo(t, c.ZooKeeperAddr())
	_, err = conn.Write(framed([]byte("\x7f\xff\xff\xff\x7f\xff\xff\xff")))
	require.NoError(t, err)
	require.Zero(t, awaitEnd(t, conn))
}
