package wire

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kafkaMessageSets runs testdata/kafka/MessageSets.java on a directory. It is skipped where Kafka's
// classes are not.
func kafkaMessageSets(t *testing.T, what, dir string) string {
	const name = "SANDCASTLE_KAFKA_LIBS"
	libs := os.Getenv(name)
	if libs == "" {
		t.Skip("set " + name + " to a directory with the jars of Apache Kafka 3.9")
	}
	out, err := exec.Command("java", "-cp", filepath.Join(libs, "*"),
		"testdata/kafka/MessageSets.java", what, dir).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// Kafka reads the message sets that we make, checksums and all.
func TestKafkaReadsOurMessageSets(t *testing.T) {
	dir := t.TempDir()
	want := map[string]string{}
	for magic := range int8(2) {
		for codec := Uncompressed; codec <= LZ4; codec++ {
			var b BatchBuilder
			b.Append(1000, []byte("k"), []byte("alpha"), RecordHeader{Key: "lost"})
			b.Append(1001, nil, []byte("beta"))
			b.Append(999, []byte("k"), nil)
			batch := b.Compressed(codec, nil)
			SetBaseOffset(batch, 40)
			set, _, err := ConvertDown(batch, magic, 0)
			require.NoError(t, err)
			name := fmt.Sprintf("%d-%s", magic, codec)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), set, 0o644))
			want[name] = "40@1000=k/alpha 41@1001=null/beta 42@999=k/null"
			if magic == 0 {
				want[name] = "40@-1=k/alpha 41@-1=null/beta 42@-1=k/null"
			}
		}
	}
	got := map[string]string{}
	for line := range strings.Lines(kafkaMessageSets(t, "read", dir)) {
		if name, records, ok := strings.Cut(strings.TrimSpace(line), " "); ok && want[name] != "" {
			got[name] = records
		}
	}
	require.Equal(t, want, got)
}

// And we read Kafka's.
func TestWeReadKafkasMessageSets(t *testing.T) {
	dir := t.TempDir()
	kafkaMessageSets(t, "write", dir)
	for magic := range int8(2) {
		for codec := Uncompressed; codec <= LZ4; codec++ {
			set, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d-%s", magic, codec)))
			require.NoError(t, err)
			all := messagesOf(t, set)
			require.Len(t, all, 3)
			for i, r := range all {
				require.EqualValues(t, 40+i, r.Offset, "magic %d %s", magic, codec)
				if magic == 1 {
					require.EqualValues(t, 1000+i, r.Timestamp)
				}
			}
			require.Equal(t, "alpha", string(all[0].Value))
			require.Nil(t, all[1].Key)
			require.Nil(t, all[2].Value)
			up, err := ConvertUp(set)
			require.NoError(t, err)
			require.Equal(t, codec, up.Codec)
			require.NoError(t, validateProduced(up.Batch.Bytes()))
		}
	}
}
