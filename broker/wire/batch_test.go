package wire

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

func records(t require.TestingT, b []byte) []Record {
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
		require.NoError(t, validateProduced(batch))
		SetBaseOffset(batch, 500)
		SetLeaderEpoch(batch, 3)
		require.NoError(t, soundBatch(batch))

		var oracle kmsg.RecordBatch
		require.NoError(t, oracle.ReadFrom(batch))
		require.EqualValues(t, 500, oracle.FirstOffset)
		require.EqualValues(t, n, oracle.NumRecords)
		require.EqualValues(t, 3, oracle.PartitionLeaderEpoch)
		sum := crc32.Checksum(batch[21:], crc32.MakeTable(crc32.Castagnoli))
		require.Equal(t, sum, uint32(oracle.CRC))
		require.Equal(t, batch, oracle.AppendTo(nil))

		for i, r := range records(t, batch) {
			require.Equal(t, kafka.Offset(500+i), r.Offset)
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
		require.Error(t, soundBatch(bad), "byte %d", i)
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

// reseal sets length and CRC of a batch that a test has altered.
func reseal(batch []byte) []byte {
	binary.BigEndian.PutUint32(batch[batchLength:], uint32(len(batch)-LogOverhead))
	binary.BigEndian.PutUint32(batch[batchCRC:], crc32.Checksum(batch[batchAttributes:], castagnoli))
	return batch
}

func codeOf(t require.TestingT, err error) Code {
	var bad *BatchError
	require.ErrorAs(t, err, &bad)
	return bad.Code
}

func TestLogAppendTimeIsTheLeaders(t *testing.T) {
	var b BatchBuilder
	b.Append(5, nil, []byte("a"))
	b.Append(9, nil, []byte("b"))
	batch := b.Bytes()
	batch[batchAttributes+1] |= attributeLogAppendTime
	got := records(t, reseal(batch))
	require.EqualValues(t, 9, got[0].Timestamp)
	require.EqualValues(t, 9, got[1].Timestamp)
}

// validateProduced asks everything that a leader asks of records.
func validateProduced(records []byte) error {
	sole, err := SoleBatch(records)
	if err != nil {
		return err
	}
	if sole == nil {
		return badBatch(InvalidRecord, "no batch")
	}
	batch, err := ParseProduced(sole, math.MaxInt32)
	if err != nil {
		return err
	}
	_, err = batch.ValidateProduced()
	return err
}

func TestReadingRecordsTakesNoMemory(t *testing.T) {
	batch := oneBatch(make([]string, 100)...)
	n := 0
	allocs := testing.AllocsPerRun(100, func() {
		parsed := mustParse(batch)
		for range parsed.Records() {
			n++
		}
		if validateProduced(batch) != nil {
			n = 0
		}
	})
	require.Positive(t, n)
	require.LessOrEqual(t, allocs, 0.0)
}

func BenchmarkReadRecords(b *testing.B) {
	batch := oneBatch(make([]string, 1000)...)
	b.ReportAllocs()
	for b.Loop() {
		parsed := mustParse(batch)
		for range parsed.Records() {
		}
	}
}

func BenchmarkParseProduced(b *testing.B) {
	batch := oneBatch(slices.Repeat([]string{string(make([]byte, 100))}, 1000)...)
	b.SetBytes(int64(len(batch)))
	b.ReportAllocs()
	for b.Loop() {
		_ = validateProduced(batch)
	}
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

// A batch of an idempotent producer carries its state, and can be given another.
func TestBatchOfAnIdempotentProducer(t *testing.T) {
	var b BatchBuilder
	b.Append(5, nil, []byte("a"))
	b.Append(9, nil, []byte("b"))
	b.SetProducer(BatchProducer{ID: 1 << 40, Epoch: 3, BaseSequence: 1<<31 - 1})
	batch := b.Bytes()
	require.NoError(t, validateProduced(batch))
	h, err := ParseBatch(batch)
	require.NoError(t, err)
	require.Equal(t, BatchProducer{1 << 40, 3, 1<<31 - 1},
		BatchProducer{h.ProducerID, h.ProducerEpoch, h.BaseSequence})

	RewriteProducer(batch, BatchProducer{ID: 1 << 40, Epoch: 4})
	require.NoError(t, validateProduced(batch))
	h, err = ParseBatch(batch)
	require.NoError(t, err)
	require.Equal(t, BatchProducer{1 << 40, 4, 0},
		BatchProducer{h.ProducerID, h.ProducerEpoch, h.BaseSequence})
	require.Len(t, records(t, batch), 2)

	b.Append(5, nil, []byte("c"))
	h, err = ParseBatch(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, BatchProducer{-1, -1, -1},
		BatchProducer{h.ProducerID, h.ProducerEpoch, h.BaseSequence}, "the builder begins anew")
}

func soundBatch(b []byte) error {
	batch, err := ParseBatch(b)
	if err != nil {
		return err
	}
	return batch.Validate()
}
