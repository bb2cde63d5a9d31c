package wire

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
)

// Codec is a compression of record batches, by its number in the batch's attributes.
type Codec int8

// The codecs of Kafka. Uncompressed and Gzip can be opened here; records of the others fail with
// UNSUPPORTED_COMPRESSION_TYPE.
const (
	Uncompressed Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
)

// String is Kafka's name of the codec, as in compression.type.
func (c Codec) String() string {
	if c < 0 || int(c) >= len(codecs) {
		return "codec " + strconv.Itoa(int(c))
	}
	return codecs[c].name
}

// maxDecompressed is how many bytes the records of one batch may have when they are decompressed.
// Kafka has no such limit; without one a few kilobytes from outside could fill the memory.
const maxDecompressed = 64 << 20

// codecRow says how the records behind a batch's header are decompressed; nil where that is not
// built.
type codecRow struct {
	name string
	open func(compressed []byte) (io.Reader, error)
}

// codecs is the table behind Codec, by its number.
var codecs = [...]codecRow{
	Uncompressed: {name: "none"},
	Gzip:         {name: "gzip", open: openGzip},
	Snappy:       {name: "snappy"},
	LZ4:          {name: "lz4"},
	Zstd:         {name: "zstd"},
}

func openGzip(compressed []byte) (io.Reader, error) {
	return gzip.NewReader(bytes.NewReader(compressed))
}

// decompress returns the records that were compressed with c, in new memory. It fails with
// UNSUPPORTED_COMPRESSION_TYPE, with CORRUPT_MESSAGE when the bytes are no output of the codec, and
// with MESSAGE_TOO_LARGE beyond maxDecompressed.
func (c Codec) decompress(compressed []byte) ([]byte, error) {
	if int(c) >= len(codecs) || codecs[c].open == nil {
		return nil, badBatch(UnsupportedCompressionType, "%s", c)
	}
	r, err := codecs[c].open(compressed)
	if err != nil {
		return nil, badBatch(CorruptMessage, "%s: %v", c, err)
	}
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(r, maxDecompressed+1)); err != nil {
		return nil, badBatch(CorruptMessage, "%s: %v", c, err)
	}
	if out.Len() > maxDecompressed {
		return nil, badBatch(MessageTooLarge, "%s: more than %d bytes of records", c, maxDecompressed)
	}
	return out.Bytes(), nil
}
