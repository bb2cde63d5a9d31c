package wire

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a producer may get wrong, and what Apache Kafka 3.9 answers.
func TestProducedBatchesThatAreRefused(t *testing.T) {
	with := func(alter func(b []byte) []byte) []byte { return alter(oneBatch("alpha", "beta")) }
	length := func(n int32) []byte {
		return with(func(b []byte) []byte {
			binary.BigEndian.PutUint32(b[batchLength:], uint32(n))
			return b
		})
	}
	magic := func(magic int8) []byte {
		return with(func(b []byte) []byte {
			b[batchMagic] = byte(magic)
			return b
		})
	}
	for _, row := range []struct {
		name  string
		code  Code
		batch []byte
	}{
		{"nothing", InvalidRecord, nil},
		{"too little for a length", InvalidRecord, []byte{1, 2, 3}},
		{"garbage too short for a magic", InvalidRecord, []byte("what is this?")},
		{"cut off", InvalidRecord, oneBatch("alpha")[:70]},
		{"zeros", CorruptMessage, make([]byte, 100)},
		{"magic 0", InvalidRecord, magic(0)},
		{"magic 1", InvalidRecord, magic(1)},
		{"magic 3", CorruptMessage, magic(3)},
		{"magic −1", CorruptMessage, magic(-1)},
		{"length too long", InvalidRecord, length(5000)},
		{"length too short", CorruptMessage, length(60)},
		{"length of a header's half", CorruptMessage, length(20)},
		{"length tiny", CorruptMessage, length(3)},
		{"length negative", CorruptMessage, length(-1)},
		{"CRC", CorruptMessage, with(func(b []byte) []byte {
			b[batchCRC]++
			return b
		})},
		{"two batches", InvalidRecord, with(func(b []byte) []byte { return append(b, oneBatch("c")...) })},
		{"a batch of no length behind", CorruptMessage, with(func(b []byte) []byte {
			return append(b, make([]byte, 20)...)
		})},
		{"fewer records than offsets", InvalidRecord, with(func(b []byte) []byte {
			b[batchLastDelta+3] = 2
			return reseal(b)
		})},
		{"negative last offset delta", InvalidRecord, with(func(b []byte) []byte {
			binary.BigEndian.PutUint32(b[batchLastDelta:], 1<<32-3)
			return reseal(b)
		})},
		{"no record", InvalidRecord, with(func(b []byte) []byte {
			clear(b[batchCount:BatchOverhead])
			binary.BigEndian.PutUint32(b[batchLastDelta:], 1<<32-1)
			return reseal(b[:BatchOverhead])
		})},
		{"bytes behind the records", InvalidRecord, with(func(b []byte) []byte {
			return reseal(append(b, 0))
		})},
		{"control batch", InvalidRecord, with(func(b []byte) []byte {
			b[batchAttributes+1] |= attributeControl
			return reseal(b)
		})},
		{"not zstd", CorruptMessage, with(func(b []byte) []byte {
			b[batchAttributes+1] |= byte(Zstd)
			return reseal(b)
		})},
		{"codec 7", UnsupportedCompressionType, with(func(b []byte) []byte {
			b[batchAttributes+1] |= 7
			return reseal(b)
		})},
		{"offsets from 7", InvalidRecord, with(func(b []byte) []byte {
			SetBaseOffset(b, 7)
			return b
		})},
		{"offsets from −1", InvalidRecord, with(func(b []byte) []byte {
			SetBaseOffset(b, -1)
			return b
		})},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.code, codeOf(t, validateProduced(row.batch)))
		})
	}
	_, err := ParseProduced(oneBatch("alpha"), 20)
	require.Equal(t, MessageTooLarge, codeOf(t, err))
}

// Bytes behind the batch that are fewer than a batch begins with are none of it.
func TestBytesBehindTheOnlyBatch(t *testing.T) {
	batch := oneBatch("alpha")
	sole, err := SoleBatch(append(slices.Clone(batch), 1, 2, 3))
	require.NoError(t, err)
	require.Equal(t, batch, sole)
}

// How records are numbered is not asked, but known; nor what the header says of their timestamps.
func TestWhatALeaderLearns(t *testing.T) {
	var b BatchBuilder
	b.Append(1000, nil, []byte("a"))
	b.Append(3000, nil, []byte("b"))
	b.Append(2000, nil, []byte("c"))
	batch := b.Bytes()
	learn := func(alter func(b []byte)) Produced {
		b := slices.Clone(batch)
		alter(b)
		parsed, err := ParseProduced(reseal(b), 1<<20)
		require.NoError(t, err)
		learned, err := parsed.ValidateProduced()
		require.NoError(t, err)
		return learned
	}
	second := BatchOverhead + 8 // records of eight bytes, those of later timestamps of nine
	require.Equal(t, Produced{3000, true}, learn(func([]byte) {}))
	require.Equal(t, Produced{3000, false}, learn(func(b []byte) { b[second+4] = 10 }), "a gap")
	require.Equal(t, Produced{3000, false}, learn(func(b []byte) { b[second+4] = 0 }), "all zero")
	require.Equal(t, Produced{3000, true}, learn(func(b []byte) {
		binary.BigEndian.PutUint64(b[batchMaxTime:], 9999)
	}))
	require.Equal(t, Produced{3000, true}, learn(func(b []byte) {
		b[batchAttributes+1] |= attributeLogAppendTime // its timestamps are the header's
	}))
	require.Equal(t, Produced{-1, true}, learn(func(b []byte) {
		binary.BigEndian.PutUint64(b[batchBaseTime:], 1<<64-5000)
	}), "before 1970")

	anew := slices.Clone(batch)
	anew[second+4] = 10
	parsed := mustParse(reseal(anew))
	numbered, err := parsed.Renumber()
	require.NoError(t, err)
	require.Equal(t, batch, numbered.Bytes())
}

// The header is put right, and its CRC with it; nothing else of it.
func TestTimestampsOfTheHeader(t *testing.T) {
	batch := oneBatch("alpha")
	parsed := mustParse(slices.Clone(batch))
	parsed.SetCreateTime(1)
	require.Equal(t, batch, parsed.Bytes())
	parsed.SetLogAppendTime(77)
	require.True(t, parsed.LogAppendTime())
	require.EqualValues(t, 77, parsed.MaxTimestamp)
	require.NoError(t, parsed.Validate())
	require.Equal(t, parsed.BatchHeader, mustParse(parsed.Bytes()).BatchHeader)
	parsed.SetCreateTime(1)
	require.Equal(t, batch, parsed.Bytes())
}

func TestBeginsTransactional(t *testing.T) {
	batch := oneBatch("alpha")
	is, err := BeginsTransactional(batch)
	require.NoError(t, err)
	require.False(t, is)
	batch[batchAttributes+1] |= attributeTransactional
	is, err = BeginsTransactional(batch)
	require.NoError(t, err)
	require.True(t, is)
	_, err = BeginsTransactional(make([]byte, 100))
	require.Equal(t, CorruptMessage, codeOf(t, err))
	is, err = BeginsTransactional(nil)
	require.NoError(t, err)
	require.False(t, is)
}

// A record batch behind a message is none that a set may have, though each of them is sound.
func TestARecordBatchInAMessageSet(t *testing.T) {
	set := appendMessage(nil, &legacyMessage{magic: 1, value: []byte("a")})
	_, err := ConvertUp(append(set, oneBatch("b")...))
	require.Equal(t, InvalidRecord, codeOf(t, err))
}
