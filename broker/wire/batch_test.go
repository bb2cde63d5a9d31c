package wire

import (
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/model"
)

func records(t testing.TB, b []byte) []Record {
	var out []Record
	for r, err := range AllRecords(b) {
		require.NoError(t, err)
		out = append(out, r)
	}
	return out
}

// What the builder writes, kmsg reads, and the other way: kmsg is the oracle.
func TestBatchAgainstKmsg(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b BatchBuilder
		n := rapid.IntRange(1, 20).Draw(t, "records")
		var keys, values [][]byte
		for i := range n {
			key := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "key")
			value := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "value")
			if rapid.Bool().Draw(t, "null key") {
				key = nil
			}
			before := b.Size()
			b.Append(1000+int64(i), key, value, RecordHeader{Key: "h", Value: []byte("v")})
			require.Equal(t, before+RecordSize(int32(i), int64(i), key, value,
				RecordHeader{Key: "h", Value: []byte("v")}), b.Size())
			keys, values = append(keys, key), append(values, value)
		}
		batch := b.Bytes()
		SetBaseOffset(batch, 500)
		SetLeaderEpoch(batch, 3)
		require.NoError(t, ValidateBatch(batch))

		var oracle kmsg.RecordBatch
		require.NoError(t, oracle.ReadFrom(batch))
		require.EqualValues(t, 500, oracle.FirstOffset)
		require.EqualValues(t, n, oracle.NumRecords)
		require.EqualValues(t, 3, oracle.PartitionLeaderEpoch)
		require.EqualValues(t, crc32.Checksum(batch[21:], crc32.MakeTable(crc32.Castagnoli)), uint32(oracle.CRC))
		require.Equal(t, batch, oracle.AppendTo(nil))

		for i, r := range func() []Record {
			var out []Record
			for r, err := range AllRecords(batch) {
				require.NoError(t, err)
				out = append(out, r)
			}
			return out
		}() {
			require.Equal(t, model.Offset(500+i), r.Offset)
			require.Equal(t, int64(1000+i), r.Timestamp)
			require.Equal(t, keys[i], r.Key)
			require.Equal(t, values[i], r.Value)
			require.Equal(t, "h", r.Headers[0].Key)
		}
	})
}

func oneBatch(values ...string) []byte {
	var b BatchBuilder
	for _, v := range values {
		b.Append(1, nil, []byte(v))
	}
	return b.Bytes()
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	batch := oneBatch("alpha", "beta")
	for i := range batch {
		if i < batchLength || i >= batchLeaderEpoch && i < batchMagic {
			continue // base offset and leader epoch are the leader's to set, outside the CRC
		}
		bad := append([]byte{}, batch...)
		bad[i] ^= 1
		require.Error(t, ValidateBatch(bad), "byte %d", i)
	}
}

func TestPartialBatchAtTheEndIsPassedOver(t *testing.T) {
	first, second := oneBatch("a"), oneBatch("b")
	all := append(append([]byte{}, first...), second...)
	for cut := len(first); cut < len(all); cut++ {
		require.Len(t, records(t, all[:cut]), 1, "cut at %d", cut)
	}
	require.Len(t, records(t, all), 2)
}

func FuzzRecords(f *testing.F) {
	f.Add(oneBatch("alpha", "beta"))
	f.Add(append(oneBatch("a"), oneBatch("b")[:30]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for r, err := range AllRecords(b) {
			if err == nil && len(r.Value) > len(b) {
				t.Fatal("a value longer than the input")
			}
		}
		_ = ValidateBatch(b)
	})
}

func BenchmarkBuildBatch(b *testing.B) {
	value := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		var batch BatchBuilder
		batch.Append(1, nil, value)
		_ = batch.Bytes()
	}
}
