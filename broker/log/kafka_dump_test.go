package log

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// kafkaLibs names a directory with the jars of Apache Kafka 3.9: kafka_2.13 and what it depends on.
const kafkaLibs = "SANDCASTLE_KAFKA_LIBS"

// Kafka's own dump tool reads what the log writes: batches and records with their CRCs, and both
// indexes, every entry of which it compares with the log.
func TestKafkaDumpsOurFiles(t *testing.T) {
	libs := os.Getenv(kafkaLibs)
	if libs == "" {
		t.Skip("set " + kafkaLibs + " to a directory with the jars of Apache Kafka 3.9")
	}
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	for epoch := range model.Epoch(3) {
		grow(t, l, 20, epoch)
	}
	appended := small
	appended.LogAppendTime = true
	l.SetConfig(appended)
	_, err := l.AppendAsLeader(batch(l.LogEnd(), 5, 1), 3, 1_000_000_000)
	require.NoError(t, err)
	l.SetConfig(small)
	require.NoError(t, l.Roll(0))
	grow(t, l, 20, 4)
	require.NoError(t, l.TruncateTo(l.LogEnd()-5))
	l, recovery := open(t, disk, small, 30) // indexes made anew
	require.Empty(t, recovery.Reason)
	grow(t, l, 5, 5)
	require.NoError(t, l.Roll(0))

	dir := t.TempDir()
	var files []string
	for _, name := range disk.names("") {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, disk.files[name].data, 0o644))
		switch filepath.Ext(path) {
		case ".log", ".index", ".timeindex", ".snapshot":
			files = append(files, path)
		}
	}
	cmd := exec.Command("java", "-cp", filepath.Join(libs, "*"), "kafka.tools.DumpLogSegments",
		"--print-data-log", "--files", strings.Join(files, ","))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	text := string(out)
	for _, complaint := range []string{"mismatch", "Mismatch", "out of order", "Non-consecutive",
		"isvalid: false", "Found", "Exception"} {
		require.NotContains(t, text, complaint)
	}
	for _, line := range []string{"payload: value 0\n", "isvalid: true", "LogAppendTime: 1000",
		"position: ", "timestamp: "} {
		require.Contains(t, text, line)
	}
	require.Equal(t, int(l.LogEnd()), strings.Count(text, "payload: value "), "%s", text)
}
