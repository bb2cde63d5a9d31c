package host

import (
	"bytes"
	"log/slog"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// lockedBuffer takes what several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A cluster without clients takes no more descriptors than it says it needs, beside its files.
func TestNeededDescriptors(t *testing.T) {
	before := openDescriptors(t)
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	require.Len(t, acked(t, c, "a", "b"), 2)
	files := 0
	for _, d := range c.dirs {
		files += d.handles.count()
	}
	require.Less(t, openDescriptors(t)-before-files, c.Descriptors().Needed)
}

// What is needed is said, compared with what may be open, and what is too few is a warning.
func TestDescriptorsAreStated(t *testing.T) {
	data := t.TempDir()
	c := startCluster(t, 1, data)
	require.Zero(t, c.Descriptors().OnDisk)
	require.Len(t, acked(t, c, "a"), 1)
	c.kill()
	var log lockedBuffer
	cfg := clusterConfig(t, 1, data)
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	d := c.Descriptors()
	require.Greater(t, d.OnDisk, 5)
	require.Regexp(t, `^descriptors: \d+ are needed, and one for each connection of a client; `+
		`\d+ may be open; of \d+ files on the disk up to \d+ are open at a time`, d.String())

	d.Limit = d.Needed + someClients
	require.False(t, d.Few())
	require.NotContains(t, d.String(), "warning")
	d.Limit--
	require.Contains(t, d.String(), "\nwarning: ")
	require.Contains(t, d.String(), "(ulimit -n)")

	c.dirs[1].handles.short(syscall.EMFILE)
	require.Contains(t, log.String(), "too many descriptors are in use (ulimit -n)",
		"a log that takes warnings alone, as without --verbose")
}
