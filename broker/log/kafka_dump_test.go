package log

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// kafkaLibs names a directory with the jars of Apache Kafka 3.9: kafka_2.13 and what it depends on.
const kafkaLibs = "SANDCASTLE_KAFKA_LIBS"

// kafkaClasspath is the class path of Kafka; without it the test is skipped.
func kafkaClasspath(t *testing.T) string {
	libs := os.Getenv(kafkaLibs)
	if libs == "" {
		t.Skip("set " + kafkaLibs + " to a directory with the jars of Apache Kafka 3.9")
	}
	return filepath.Join(libs, "*")
}

// writeOut copies the disk to a real directory and returns the path of each file.
func writeOut(t *testing.T, disk *memoryDisk) []string {
	dir := t.TempDir()
	var paths []string
	for _, name := range disk.names("") {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, disk.files[name].data, 0o644))
		paths = append(paths, path)
	}
	return paths
}

// Kafka's own dump tool reads what the log writes: batches and records with their CRCs, and both
// indexes, every entry of which it compares with the log.
func TestKafkaDumpsOurFiles(t *testing.T) {
	libs := kafkaClasspath(t)
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	for epoch := range kafka.Epoch(3) {
		grow(t, l, 20, epoch)
	}
	appended := small
	appended.LogAppendTime = true
	l.SetConfig(appended)
	_, err := l.AppendAsLeader(parsed(batch(l.LogEnd(), 5, 1)), 3, 1_000_000_000)
	require.NoError(t, err)
	l.SetConfig(small)
	require.NoError(t, l.Roll(0))
	grow(t, l, 20, 4)
	require.NoError(t, l.TruncateTo(l.LogEnd()-5))
	l, recovery := open(t, disk, small, 30) // indexes made anew
	require.Empty(t, recovery.reason())
	grow(t, l, 5, 5)
	require.NoError(t, l.Roll(0))

	var files []string
	for _, path := range writeOut(t, disk) {
		switch filepath.Ext(path) {
		case ".log", ".index", ".timeindex", ".snapshot":
			files = append(files, path)
		}
	}
	cmd := exec.Command("java", "-cp", libs, "kafka.tools.DumpLogSegments", "--print-data-log",
		"--files", strings.Join(files, ","))
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

// readCheckpoints prints each file as Kafka reads it: a partition's epochs, or all offsets.
const readCheckpoints = `
import java.io.File;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

public class ReadCheckpoints {
  public static void main(String[] paths) throws Exception {
    LogDirFailureChannel failures = new LogDirFailureChannel(1);
    for (String path : paths) {
      File file = new File(path);
      Object read = path.endsWith("leader-epoch-checkpoint")
          ? new LeaderEpochCheckpointFile(file, failures).read()
          : new kafka.server.checkpoints.OffsetCheckpointFile(file, failures).read();
      System.out.println(file.getName() + " " + read);
    }
  }
}`

// Kafka's own classes read the checkpoint files.
func TestKafkaReadsOurCheckpoints(t *testing.T) {
	libs := kafkaClasspath(t)
	disk := newMemoryDisk()
	l, _ := open(t, disk, small, 0)
	grow(t, l, 3, 0)
	grow(t, l, 1, 4)
	require.NoError(t, l.IncrementLogStart(2))
	want := []string{"leader-epoch-checkpoint [EpochEntry(epoch=0, startOffset=2), " +
		"EpochEntry(epoch=4, startOffset=6)]"}
	for _, name := range []string{
		ReplicationOffsetCheckpoint, RecoveryPointCheckpoint, LogStartCheckpoint,
	} {
		require.NoError(t, WriteCheckpoint(disk, name,
			map[kafka.TopicPartition]kafka.Offset{orders: 7, {Topic: "a.b_c", Partition: 12}: 0}))
		want = append(want, name+" HashMap(")
	}
	source := filepath.Join(t.TempDir(), "ReadCheckpoints.java")
	require.NoError(t, os.WriteFile(source, []byte(readCheckpoints), 0o644))
	args := []string{"-cp", libs, source}
	for _, path := range writeOut(t, disk) {
		if strings.HasSuffix(path, "checkpoint") {
			args = append(args, path)
		}
	}
	out, err := exec.Command("java", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, line := range want {
		require.Contains(t, string(out), line)
	}
	require.Equal(t, 3, strings.Count(string(out), "orders-0 -> 7"), "%s", out)
	require.Equal(t, 3, strings.Count(string(out), "a.b_c-12 -> 0"), "%s", out)
}
