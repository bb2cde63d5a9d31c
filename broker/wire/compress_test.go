package wire

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What was decompressed of records that turn out to be damaged counts like that of others: a request
// with many of them costs as much.
func TestDamagedRecordsAreCounted(t *testing.T) {
	records := make([]byte, 4<<20)
	for _, codec := range []Codec{Gzip, Snappy, LZ4, Zstd} {
		packed := codecs[codec].pack(&Compressor{}, records)
		_, err := codec.decompress(packed[:len(packed)-1])
		var bad *BatchError
		require.ErrorAs(t, err, &bad, codec)
		require.Equal(t, CorruptMessage, bad.Code, codec)
		require.Greater(t, bad.Opened, len(records)/2, codec)
	}
	first := legacyMessage{magic: 1, attributes: int8(Gzip), value: codecs[Gzip].pack(&Compressor{}, records)}
	c, err := ConvertUp(appendMessage(nil, &first))
	require.Error(t, err, "what is in it are no messages")
	require.Equal(t, len(records), c.Opened)
}

// gzipped returns batch with its records compressed.
func gzipped(batch []byte) []byte {
	var out bytes.Buffer
	out.Write(batch[:BatchOverhead])
	z := gzip.NewWriter(&out)
	_, _ = z.Write(batch[BatchOverhead:]) // memory does not fail
	_ = z.Close()
	b := out.Bytes()
	b[batchAttributes+1] |= byte(Gzip)
	return reseal(b)
}

func TestGzip(t *testing.T) {
	plain := oneBatch("alpha", "beta", "gamma")
	batch := gzipped(plain)
	require.NoError(t, validateProduced(batch))
	require.Equal(t, records(t, plain), records(t, batch))

	garbled := append([]byte{}, batch...)
	garbled[len(garbled)-3] ^= 1 // of gzip's own checksum
	require.Equal(t, CorruptMessage, codeOf(t, validateProduced(reseal(garbled))))
	cut := append([]byte{}, batch[:len(batch)-9]...)
	require.Equal(t, CorruptMessage, codeOf(t, validateProduced(reseal(cut))))
}

// A few kilobytes that would become gigabytes are refused, not unpacked. Gzip streams may follow
// one another, so one megabyte of zeros is compressed here, once.
func TestGzipBomb(t *testing.T) {
	one := gzipped(append(oneBatch("a")[:BatchOverhead:BatchOverhead], make([]byte, 1<<20)...))
	records := bytes.Repeat(one[BatchOverhead:], maxDecompressed>>20+1)
	bomb := reseal(append(one[:BatchOverhead:BatchOverhead], records...))
	require.Less(t, len(bomb), 100_000)
	require.Equal(t, MessageTooLarge, codeOf(t, validateProduced(bomb)))
}

func TestCodecsThatThereAreNot(t *testing.T) {
	for _, codec := range []Codec{5, 6, 7} {
		batch := oneBatch("alpha")
		batch[batchAttributes+1] |= byte(codec)
		for _, err := range AllRecords(reseal(batch)) {
			require.Equal(t, UnsupportedCompressionType, codeOf(t, err), codec.String())
			require.ErrorContains(t, err, codec.String())
		}
		require.NoError(t, soundBatch(batch), "it is stored and served all the same")
	}
}

// records that compress well, badly and in between, longer than one block of any codec.
func sample(size int) []byte {
	out := make([]byte, 0, size)
	x := uint64(88172645463325252)
	for len(out) < size {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		switch x % 3 {
		case 0:
			out = append(out, "an order of three apples and one pear, "...)
		case 1:
			out = binary.BigEndian.AppendUint64(out, x)
		default:
			out = append(out, make([]byte, x>>8%70)...)
		}
	}
	return out[:size]
}

// What a codec makes of given records is the same on every machine: the sums were made on amd64 and
// hold for 386 and without assembly too.
func TestCodecsAreTheSameEverywhere(t *testing.T) {
	in := sample(200_000)
	for codec, want := range map[Codec]string{
		Gzip: "d9add52a6e09", Snappy: "a53310ed524a", LZ4: "5b475b959cdd", Zstd: "1264eb389dd4",
	} {
		sum := sha256.Sum256(codecs[codec].pack(&Compressor{}, in))
		require.Equal(t, want, hex.EncodeToString(sum[:6]), codec.String())
	}
}

func TestCodecsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codec := Codec(rapid.IntRange(int(Gzip), int(Zstd)).Draw(t, "codec"))
		from := rapid.IntRange(0, 100_000).Draw(t, "from")
		in := sample(200_000)[from : from+rapid.IntRange(1, 100_000).Draw(t, "size")]
		if rapid.Bool().Draw(t, "own") {
			in = rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "bytes")
		}
		out, err := codec.decompress(codecs[codec].pack(&Compressor{}, in))
		require.NoError(t, err)
		require.True(t, bytes.Equal(in, out))
	})
}

// Bytes from outside never panic, whatever the codec takes them for.
func TestCodecsTakeAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codec := Codec(rapid.IntRange(int(Gzip), int(Zstd)).Draw(t, "codec"))
		b := codecs[codec].pack(&Compressor{}, sample(rapid.IntRange(1, 3000).Draw(t, "size")))
		for range rapid.IntRange(1, 4).Draw(t, "flips") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= rapid.Byte().Draw(t, "bits")
		}
		b = b[:rapid.IntRange(0, len(b)).Draw(t, "cut")]
		if _, err := codec.decompress(b); err != nil {
			var bad *BatchError
			require.ErrorAs(t, err, &bad)
		}
	})
}

func TestBombsOfEveryCodec(t *testing.T) {
	zeros := make([]byte, maxDecompressed+1)
	for codec := Snappy; codec <= Zstd; codec++ {
		_, err := codec.decompress(codecs[codec].pack(&Compressor{}, zeros))
		require.Equal(t, MessageTooLarge, codeOf(t, err), codec.String())
	}
	_, err := Snappy.decompress([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0})
	require.Equal(t, MessageTooLarge, codeOf(t, err), "a block that only says that it is long")
}

// What other clients send: a bare block of snappy, and the library's own encoder.
func TestSnappyOfOthers(t *testing.T) {
	in := sample(70_000)
	out, err := Snappy.decompress(snappy.Encode(nil, in))
	require.NoError(t, err)
	require.True(t, bytes.Equal(in, out))
}

func TestRecompress(t *testing.T) {
	plain := oneBatch("alpha", "alpha alpha alpha alpha alpha alpha", "gamma")
	batch := plain
	for _, codec := range []Codec{Gzip, Snappy, LZ4, Zstd, Uncompressed} {
		was := records(t, batch)
		parsed := mustParse(batch)
		next, cost, err := parsed.Recompress(codec, nil)
		require.NoError(t, err)
		require.Positive(t, cost)
		require.NoError(t, validateProduced(next.Bytes()))
		require.Equal(t, codec, next.Codec())
		require.Equal(t, was, records(t, next.Bytes()))
		again, ok := ParseCodec(codec.String())
		require.True(t, ok)
		require.Equal(t, codec, again)
		batch = next.Bytes()
	}
	require.Equal(t, plain, batch)
	garbled := gzipped(plain)
	garbled[BatchOverhead] ^= 1
	parsed := mustParse(garbled)
	_, _, err := parsed.Recompress(Zstd, nil)
	require.Equal(t, CorruptMessage, codeOf(t, err))
}

// What a compressor makes does not depend on what it made before: a batch compressed with memory that served
// others is the batch that it would be by itself.
func TestCompressorHasNoMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var with Compressor
		for _, text := range rapid.SliceOfN(rapid.SliceOfN(rapid.ByteRange('a', 'd'), 1, 3000), 1, 6).Draw(t, "values") {
			codec := Codec(rapid.IntRange(1, 4).Draw(t, "codec"))
			var alone, served BatchBuilder
			alone.Append(1, nil, text)
			served.Append(1, nil, text)
			require.Equal(t, alone.Compressed(codec, nil), served.Compressed(codec, &with))
		}
	})
}
