package wire

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/stretchr/testify/require"
)

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
	require.NoError(t, ValidateProduced(batch))
	require.Equal(t, records(t, plain), records(t, batch))

	garbled := append([]byte{}, batch...)
	garbled[len(garbled)-3] ^= 1 // of gzip's own checksum
	require.Equal(t, CorruptMessage, codeOf(t, ValidateProduced(reseal(garbled))))
	cut := append([]byte{}, batch[:len(batch)-9]...)
	require.Equal(t, CorruptMessage, codeOf(t, ValidateProduced(reseal(cut))))
}

// A few kilobytes that would become gigabytes are refused, not unpacked. Gzip streams may follow
// one another, so one megabyte of zeros is compressed here, once.
func TestGzipBomb(t *testing.T) {
	one := gzipped(append(oneBatch("a")[:BatchOverhead:BatchOverhead], make([]byte, 1<<20)...))
	records := bytes.Repeat(one[BatchOverhead:], maxDecompressed>>20+1)
	bomb := reseal(append(one[:BatchOverhead:BatchOverhead], records...))
	require.Less(t, len(bomb), 100_000)
	require.Equal(t, MessageTooLarge, codeOf(t, ValidateProduced(bomb)))
}

func TestCodecsThatAreNotBuilt(t *testing.T) {
	for _, codec := range []Codec{Snappy, LZ4, Zstd, 5, 6, 7} {
		batch := oneBatch("alpha")
		batch[batchAttributes+1] |= byte(codec)
		for _, err := range Records(reseal(batch)) {
			require.Equal(t, UnsupportedCompressionType, codeOf(t, err), codec.String())
			require.ErrorContains(t, err, codec.String())
		}
		require.NoError(t, ValidateBatch(batch), "it is stored and served all the same")
	}
}
