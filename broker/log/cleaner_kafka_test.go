package log

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model"
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
		data, _, err := wire.Recompress(b.Bytes(), wire.Codec(i%5))
		require.NoError(t, err)
		wire.SetBaseOffset(data, l.LogEnd())
		wire.SetLeaderEpoch(data, model.Epoch(i/50))
		require.NoError(t, l.AppendAsFollower(data, at(int64(i))))
	}
	// The dump tool takes an emptied batch with the largest timestamp of a segment for a mismatch.
	putOf(t, l, 1, "gone=1", &wire.BatchProducer{ID: 7})
	put(t, l, 200, "key1=last key10=last gone=2")
	require.NoError(t, l.Roll(at(200)))
	c := cleanNow(t, l, 1000, model.NoOffset, bigMap())
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
