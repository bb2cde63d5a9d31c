package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Whatever a peer answers, reading it ends with an answer or an error.
func FuzzDecodeResponse(f *testing.F) {
	for key := range int16(80) {
		if resp := kmsg.ResponseForKey(key); resp != nil {
			resp.SetVersion(resp.MaxVersion())
			f.Add(key, resp.MaxVersion(), AppendResponse(nil, resp, 1))
		}
	}
	f.Fuzz(func(t *testing.T, key, version int16, frame []byte) {
		resp := kmsg.ResponseForKey(key)
		if resp == nil || version < 0 || version > resp.MaxVersion() {
			return
		}
		resp.SetVersion(version)
		_, _ = DecodeResponse(frame, resp)
	})
}

// Whatever claims to be compressed, opening it ends, within the limit.
func FuzzDecompress(f *testing.F) {
	for codec := Gzip; codec <= Zstd; codec++ {
		f.Add(int8(codec), codecs[codec].pack(&Compressor{}, []byte("alpha beta alpha beta")))
	}
	f.Fuzz(func(t *testing.T, codec int8, packed []byte) {
		opened, err := Codec(codec & 7).decompress(packed)
		require.True(t, err == nil || opened == nil)
		require.LessOrEqual(t, len(opened), maxDecompressed)
		mended := mendLZ4(packed)
		require.Len(t, mended, len(packed))
	})
}
