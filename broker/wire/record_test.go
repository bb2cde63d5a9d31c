package wire

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// oracleRecords reads the records of one uncompressed batch with kmsg.
func oracleRecords(t *testing.T, batch []byte) []kmsg.Record {
	var b kmsg.RecordBatch
	require.NoError(t, b.ReadFrom(batch))
	var out []kmsg.Record
	for rest := b.Records; len(rest) > 0; {
		length, n := binary.Varint(rest)
		require.Positive(t, n)
		var r kmsg.Record
		require.NoError(t, r.ReadFrom(rest[:n+int(length)]))
		out, rest = append(out, r), rest[n+int(length):]
	}
	return out
}

// requireSameRecords compares the records that are read here with kmsg's.
func requireSameRecords(t *testing.T, batch []byte) {
	want := oracleRecords(t, batch)
	h, err := ParseBatch(batch)
	require.NoError(t, err)
	got := records(t, batch)
	require.Len(t, got, len(want))
	for i, r := range got {
		require.Equal(t, h.BaseOffset+kafka.Offset(want[i].OffsetDelta), r.Offset)
		require.Equal(t, want[i].Key, r.Key)
		require.Equal(t, want[i].Value, r.Value)
		if !h.LogAppendTime() {
			require.Equal(t, h.BaseTimestamp+want[i].TimestampDelta64, r.Timestamp)
		}
		require.Len(t, r.Headers, len(want[i].Headers))
		for k, header := range r.Headers {
			require.Equal(t, want[i].Headers[k].Key, header.Key)
			require.Equal(t, want[i].Headers[k].Value, header.Value)
		}
	}
}

// Records that kmsg encodes are read here as they were meant.
func TestRecordsThatKmsgWrote(t *testing.T) {
	var body []byte
	for i := range int32(3) {
		r := kmsg.Record{
			TimestampDelta64: int64(i) * 1e10, OffsetDelta: i, Key: []byte{byte(i)}, Value: []byte("value"),
			Headers: []kmsg.Header{{Key: "trace", Value: []byte{1, 2}}, {Key: "trace"}},
		}
		r.Length = int32(len(r.AppendTo(nil)) - 1) // a length below 64 takes one byte
		body = r.AppendTo(body)
	}
	b := kmsg.RecordBatch{
		Magic: 2, PartitionLeaderEpoch: 4, LastOffsetDelta: 2, FirstTimestamp: 1000,
		MaxTimestamp: 1000 + 2e10, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: 3,
		Records: body,
	}
	batch := reseal(b.AppendTo(nil))
	require.NoError(t, validateProduced(batch))
	requireSameRecords(t, batch)
	require.EqualValues(t, 1000+2e10, records(t, batch)[2].Timestamp)
	require.Nil(t, records(t, batch)[2].Headers[1].Value)
}

// Records that contradict their batch or the format end the reading with an error.
func TestRecordsThatAreMalformed(t *testing.T) {
	for name, row := range map[string]struct {
		alter func(b []byte) []byte
		good  int // records before the error
	}{
		"length of six bytes": {func(b []byte) []byte {
			return slices.Replace(b, BatchOverhead, BatchOverhead+1, 0x8e, 0x80, 0x80, 0x80, 0x80, 0)
		}, 0},
		"length of 33 bits": {func(b []byte) []byte {
			return slices.Replace(b, BatchOverhead, BatchOverhead+1, 0x8e, 0x80, 0x80, 0x80, 0x40)
		}, 0},
		"length beyond the batch": {func(b []byte) []byte {
			b[BatchOverhead+8] = 100
			return b
		}, 1},
		"negative length": {func(b []byte) []byte {
			b[BatchOverhead] = 1
			return b
		}, 0},
		"negative number of headers": {func(b []byte) []byte {
			b[BatchOverhead+7] = 1
			return b
		}, 0},
		"headers that are not there": {func(b []byte) []byte {
			b[BatchOverhead+7] = 2
			return b
		}, 0},
		"more records than there are": {func(b []byte) []byte {
			b[batchCount+3] = 3
			b[batchLastDelta+3] = 2
			return b
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			batch := reseal(row.alter(oneBatch("a", "b")))
			good := 0
			var last error
			for _, err := range AllRecords(batch) {
				if last = err; err == nil {
					good++
				}
			}
			require.Equal(t, CorruptMessage, codeOf(t, last))
			require.Equal(t, row.good, good)
			require.Equal(t, InvalidRecord, codeOf(t, validateProduced(batch)))
		})
	}
}

// Whatever the bytes, nothing panics and no slice reaches outside them; and what a leader would
// accept reads as kmsg reads it. The CRC is set right before, or the fuzzer would never get past
// it.
func FuzzRecordBatch(f *testing.F) {
	var b BatchBuilder
	b.Append(
		1000,
		[]byte("key"),
		nil,
		RecordHeader{Key: "h", Value: []byte("v")},
		RecordHeader{Key: "h"},
	)
	b.Append(900, nil, []byte("value"))
	batch := b.Bytes()
	f.Add(batch, false)
	f.Add(batch, true)
	f.Add(oneBatch("alpha", "beta"), true)
	f.Add(append(oneBatch("a"), oneBatch("b")[:30]...), true)
	f.Add(gzipped(oneBatch("alpha", "beta")), true)
	f.Add(append(batch[:len(batch)-1:len(batch)-1], 0xff), true)
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		if seal && len(b) > BatchOverhead {
			reseal(b)
		}
		failed := false
		for r, err := range AllRecords(b) {
			require.False(t, failed, "an error is the last thing")
			failed = err != nil
			require.LessOrEqual(t, len(r.Key)+len(r.Value), maxDecompressed)
		}
		_ = soundBatch(b)
		if validateProduced(b) == nil && CodecOf(b) == Uncompressed {
			requireSameRecords(t, b)
		}
	})
}

// The quick look at a record says of every one that it takes what the thorough one says.
func TestSkipShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.Int64Range(-1<<22, 1<<22)
		var body []byte
		body = append(body, rapid.Byte().Draw(t, "attributes"))
		body = binary.AppendVarint(body, numbers.Draw(t, "timestamp"))
		body = binary.AppendVarint(body, numbers.Draw(t, "delta"))
		for _, name := range []string{"key", "value"} {
			field := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, name)
			if rapid.Bool().Draw(t, "null") {
				body = append(body, 1) // −1
				continue
			}
			body = append(binary.AppendVarint(body, int64(len(field))), field...)
		}
		body = binary.AppendVarint(body, int64(rapid.IntRange(0, 1).Draw(t, "headers")))
		b := append(binary.AppendVarint(nil, int64(len(body)+rapid.IntRange(-1, 1).Draw(t, "off"))), body...)
		if at := rapid.IntRange(-20, len(b)-1).Draw(t, "damage"); at >= 0 {
			b[at] = rapid.Byte().Draw(t, "damaged")
		}
		b = b[:len(b)-max(0, rapid.IntRange(-20, len(b)).Draw(t, "cut"))]
		b = append(b, rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "behind")...)

		size, delta, later := skipShort(b)
		thorough := cursor{b: b}
		want, wantLater, ok := thorough.skipAny()
		if size > 0 {
			require.True(t, ok)
			require.EqualValues(t, want, delta)
			require.EqualValues(t, wantLater, later)
			require.Equal(t, len(b)-len(thorough.b), size)
		}
	})
	size, delta, later := skipShort([]byte{16, 0, 6, 4, 1, 4, 'a', 'b', 0, 9})
	require.Equal(t, []int{9, 2, 3}, []int{size, delta, later})
}
