package log

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Kafka's own dump tool reads what the cleaner has left, in every codec: CRCs, delete horizons, empty
// batches of producers, and indexes that agree with the log.
func TestKafkaDumpsWhatWasCleaned(t *testing.T) {
	libs := kafkaClasspath(t)
	disk := newMemoryDisk()
	l := compacted(t, disk)
	for i := range 100 {
		var b wire.BatchBuilder
		b.Append(int64(i), fmt.Append(nil, "key", i%30), fmt.Append(nil, "value ", i))
		b.Append(int64(i)+1, fmt.Append(nil, "deleted", i%20), nil)
		b.Append(int64(i)+2, fmt.Append(nil, "gone"), fmt.Append(nil, "value ", i))
		data := b.Compressed(wire.Codec(i%5), nil)
		wire.SetBaseOffset(data, l.LogEnd())
		wire.SetLeaderEpoch(data, kafka.Epoch(i/50))
		require.NoError(t, l.AppendAsFollower(data, at(int64(i))))
	}
	// The dump tool takes an emptied batch with the largest timestamp of a segment for a mismatch.
	putOf(t, l, 1, "gone=1", &wire.BatchProducer{ID: 7})
	put(t, l, 200, "key1=last key10=last gone=2")
	require.NoError(t, l.Roll(at(200)))
	c := cleanNow(t, l, 1000, kafka.NoOffset, bigMap())
	require.EqualValues(t, 304, c.End)

	var files []string
	for _, path := range writeOut(t, disk) {
		if ext := filepath.Ext(path); ext == ".log" || strings.HasSuffix(ext, "index") {
			files = append(files, path)
		}
	}
	cmd := exec.Command("java", "-cp", libs, "kafka.tools.DumpLogSegments", "--print-data-log",
		"--files", strings.Join(files, ","))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	text := string(out)
	for _, complaint := range []string{"mismatch", "Mismatch", "out of order", "isvalid: false",
		"Exception"} {
		require.NotContains(t, text, complaint)
	}
	require.Equal(t, int(c.RecordsAfter), strings.Count(text, "| offset: "), "%s", text)
	require.Contains(t, text, "deleteHorizonMs: OptionalLong["+fmt.Sprint(1000+retained)+"]")
	require.Contains(t, text, "count: 0 baseSequence: ")
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		require.Contains(t, text, "compresscodec: "+codec)
	}
}

// filterLikeTheCleaner applies what Kafka's cleaner asks of each batch and record to a segment, with
// Kafka's own MemoryRecords.filterTo. Arguments: the files from and to, the time, delete.retention.ms
// and the end of the section.
const filterLikeTheCleaner = `
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.utils.BufferSupplier;

public class FilterLikeTheCleaner {
  public static void main(String[] args) throws Exception {
    MemoryRecords in = MemoryRecords.readableRecords(
        ByteBuffer.wrap(Files.readAllBytes(Paths.get(args[0]))));
    long now = Long.parseLong(args[2]), end = Long.parseLong(args[4]);
    Map<ByteBuffer, Long> newest = new HashMap<>();
    for (Record r : in.records())
      newest.put(r.key(), r.offset());
    MemoryRecords.RecordFilter filter =
        new MemoryRecords.RecordFilter(now, Long.parseLong(args[3])) {
      protected BatchRetentionResult checkBatchRetention(RecordBatch b) {
        return new BatchRetentionResult(b.nextOffset() == end
            ? BatchRetention.RETAIN_EMPTY : BatchRetention.DELETE_EMPTY, false);
      }
      protected boolean shouldRetainRecord(RecordBatch b, Record r) {
        boolean kept = !b.deleteHorizonMs().isPresent() || now < b.deleteHorizonMs().getAsLong();
        return r.offset() >= newest.get(r.key()) && (r.hasValue() || kept);
      }
    };
    ByteBuffer out = ByteBuffer.allocate(1 << 20);
    in.filterTo(new TopicPartition("orders", 0), filter, out, 1 << 20, BufferSupplier.create());
    out.flip();
    byte[] bytes = new byte[out.remaining()];
    out.get(bytes);
    Files.write(Paths.get(args[1]), bytes);
  }
}`

// The cleaner leaves the very bytes that Kafka's does, in two rounds of which the second takes the
// tombstones; of compressed batches, which two encoders never write alike, the header and the
// records.
func TestKafkaCleansLikeWise(t *testing.T) {
	libs := kafkaClasspath(t)
	dir := t.TempDir()
	source := filepath.Join(dir, "FilterLikeTheCleaner.java")
	require.NoError(t, os.WriteFile(source, []byte(filterLikeTheCleaner), 0o644))
	l := compacted(t, newMemoryDisk())
	cfg := compacting
	cfg.SegmentBytes = 1 << 20
	for i := range 200 {
		var b wire.BatchBuilder
		for j := range 1 + i%4 {
			key := fmt.Append(nil, "key", (i*7+j*11)%97)
			value := fmt.Append(nil, "value ", i)
			if (i+j)%5 == 0 {
				value = nil
			}
			b.Append(int64(1000+i-j*3), key, value, wire.RecordHeader{Key: "h", Value: value})
		}
		data := b.Compressed(wire.Codec(max(0, i%8-3)), nil)
		cfg.LogAppendTime = i%9 == 0
		l.SetConfig(cfg)
		_, err := l.AppendAsLeader(parsed(data), kafka.Epoch(i/50), at(2000))
		require.NoError(t, err)
	}
	require.NoError(t, l.Roll(at(2000)))
	require.Len(t, l.segments, 2)
	for _, now := range []int64{5000, 5000 + retained} {
		s := l.segments[0]
		before, err := s.bytes(0, int(s.size))
		require.NoError(t, err)
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		require.NoError(t, os.WriteFile(from, before, 0o644))
		out, err := exec.Command("java", "-cp", libs, source, from, to, fmt.Sprint(now),
			fmt.Sprint(retained), fmt.Sprint(l.ActiveBase())).CombinedOutput()
		require.NoError(t, err, "%s", out)
		want, err := os.ReadFile(to)
		require.NoError(t, err)
		cleanNow(t, l, now, kafka.NoOffset, bigMap())
		got, err := l.segments[0].bytes(0, int(l.segments[0].size))
		require.NoError(t, err)
		require.Less(t, len(got), len(before))
		requireSameBatches(t, want, got)
	}
}

func requireSameBatches(t *testing.T, want, got []byte) {
	for len(want) > 0 {
		h1, h2 := parsed(want).BatchHeader, parsed(got).BatchHeader
		n1, n2 := h1.Size(), h2.Size()
		if h1.Codec() == wire.Uncompressed {
			require.Equal(t, want[:n1], got[:n2], "%+v, not %+v", h2, h1)
		}
		require.Equal(t, recordsOf(t, want[:n1]), recordsOf(t, got[:n2]))
		h1.CRC, h2.CRC, h1.Length, h2.Length = 0, 0, 0, 0
		require.Equal(t, h1, h2)
		want, got = want[n1:], got[n2:]
	}
	require.Empty(t, got)
}

func recordsOf(t *testing.T, batch []byte) []wire.Record {
	var out []wire.Record
	for r, err := range wire.AllRecords(batch) {
		require.NoError(t, err)
		out = append(out, r)
	}
	return out
}
