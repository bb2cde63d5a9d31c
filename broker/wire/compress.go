package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Codec is a compression of record batches, by its number in the batch's attributes.
type Codec int8

// The codecs of Kafka.
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

// ParseCodec returns the codec that Kafka calls name; false if there is none.
func ParseCodec(name string) (Codec, bool) {
	for i := range codecs {
		if codecs[i].name == name {
			return Codec(i), true
		}
	}
	return 0, false
}

// maxDecompressed is how many bytes the records of one batch may have when they are decompressed.
// Kafka has no such limit; without one a few kilobytes from outside could fill the memory.
const maxDecompressed = 64 << 20

// Compressor is memory with which batches are compressed one after the other. That of gzip and of
// zstd is a megabyte, which takes longer to make than a small batch takes to compress. What comes
// out does not depend on what was compressed before. The zero value is ready for use; in place of
// nil each batch has memory of its own.
type Compressor struct {
	gzip *gzip.Writer
	zstd *zstd.Encoder
}

// codecRow is how records are compressed and decompressed. What comes out is the same on every
// machine, and nothing of it starts a goroutine.
type codecRow struct {
	name string
	// open fails when there would be more than maxDecompressed bytes. With an error comes what there
	// is before it.
	open func(compressed []byte) ([]byte, error)
	pack func(with *Compressor, records []byte) []byte
	// What a kilobyte of records costs to compress; to decompress it costs a quarter.
	cost time.Duration
}

// codecs is the table behind Codec, by its number. The costs are of one core of a laptop.
var codecs = [...]codecRow{
	Uncompressed: {name: "none"},
	Gzip:         {"gzip", openGzip, packGzip, 25 * time.Microsecond},
	Snappy:       {"snappy", openSnappy, packSnappy, 2 * time.Microsecond},
	LZ4:          {"lz4", openLZ4, packLZ4, 2 * time.Microsecond},
	Zstd:         {"zstd", openZstd, packZstd, 5 * time.Microsecond},
}

// CompressCost is the CPU time that compressing size bytes of records takes.
func (c Codec) CompressCost(size int) time.Duration {
	return codecs[c].cost * time.Duration(size) / 1024
}

// DecompressCost is the CPU time that decompressing to size bytes of records takes.
func (c Codec) DecompressCost(size int) time.Duration { return c.CompressCost(size) / 4 }

// decompress returns the records that were compressed with c, in new memory. It fails with
// UNSUPPORTED_COMPRESSION_TYPE, with CORRUPT_MESSAGE when the bytes are no output of the codec, and
// with MESSAGE_TOO_LARGE beyond maxDecompressed.
func (c Codec) decompress(compressed []byte) ([]byte, error) {
	if int(c) >= len(codecs) || codecs[c].open == nil {
		return nil, badBatch(UnsupportedCompressionType, "%s", c)
	}
	records, err := codecs[c].open(compressed)
	switch {
	case err == errTooMuch || err == nil && len(records) > maxDecompressed:
		return nil, &BatchError{MessageTooLarge,
			fmt.Sprintf("%s: more than %d bytes of records", c, maxDecompressed), maxDecompressed}
	case err != nil:
		return nil, &BatchError{CorruptMessage, fmt.Sprintf("%s: %v", c, err), len(records)}
	}
	return records, nil
}

// openedUntil is how many bytes were decompressed before err was found, which cost what others do.
func openedUntil(err error) int {
	var bad *BatchError
	if errors.As(err, &bad) {
		return bad.Opened
	}
	return 0
}

// Recompress returns the batch with its records compressed by codec, in new memory, and the CPU
// time that it takes (LogValidator.buildRecordsAndAssignOffsets, 3.9). Everything else of the batch
// stays. The error is a *BatchError of the records that were there.
func (b *Batch) Recompress(codec Codec, with *Compressor) (Batch, time.Duration, error) {
	c, err := b.open()
	if err != nil {
		return Batch{}, 0, err
	}
	cost := codec.CompressCost(len(c.b))
	if from := b.Codec(); from != Uncompressed {
		cost += from.DecompressCost(len(c.b))
	}
	return mustParse(packBatch(b.bytes[:BatchOverhead], c.b, codec, with)), cost, nil
}

// packBatch is a batch, in new memory, of a header that is right but for the codec, and of records
// that are not compressed yet.
func packBatch(header, records []byte, codec Codec, with *Compressor) []byte {
	if codec != Uncompressed {
		if with == nil {
			with = &Compressor{}
		}
		records = codecs[codec].pack(with, records)
	}
	out := make([]byte, 0, BatchOverhead+len(records))
	out = append(append(out, header...), records...)
	attributes := binary.BigEndian.Uint16(out[batchAttributes:])&^7 | uint16(codec)
	binary.BigEndian.PutUint32(out[batchLength:], uint32(len(out)-LogOverhead))
	binary.BigEndian.PutUint16(out[batchAttributes:], attributes)
	binary.BigEndian.PutUint32(out[batchCRC:], crc32.Checksum(out[batchAttributes:], castagnoli))
	return out
}

// readAll reads up to maxDecompressed bytes.
func readAll(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(r, maxDecompressed+1)); err != nil {
		return out.Bytes(), err
	}
	if out.Len() > maxDecompressed {
		return nil, errTooMuch
	}
	return out.Bytes(), nil
}

func openGzip(compressed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return readAll(r)
}

// mustPack writes records through a compressor in memory, which cannot fail.
func mustPack(out *bytes.Buffer, w io.WriteCloser, records []byte) []byte {
	if _, err := w.Write(records); err != nil {
		panic("wire: " + err.Error())
	}
	if err := w.Close(); err != nil {
		panic("wire: " + err.Error())
	}
	return out.Bytes()
}

func packGzip(with *Compressor, records []byte) []byte {
	var out bytes.Buffer
	if with.gzip == nil {
		with.gzip = gzip.NewWriter(&out)
	} else {
		with.gzip.Reset(&out)
	}
	return mustPack(&out, with.gzip, records)
}

func openLZ4(compressed []byte) ([]byte, error) {
	r := lz4.NewReader(bytes.NewReader(compressed))
	if err := r.Apply(lz4.ConcurrencyOption(1)); err != nil {
		panic("wire: " + err.Error())
	}
	return readAll(r)
}

// packLZ4 writes frames as Kafka's Lz4BlockOutputStream does: independent blocks of 64 KiB, without
// checksums of their content.
func packLZ4(_ *Compressor, records []byte) []byte {
	var out bytes.Buffer
	w := lz4.NewWriter(&out)
	if err := w.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ChecksumOption(false),
		lz4.ConcurrencyOption(1)); err != nil {
		panic("wire: " + err.Error())
	}
	return mustPack(&out, w, records)
}

func openZstd(compressed []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxDecompressed))
	if err != nil {
		panic("wire: " + err.Error())
	}
	defer d.Close()
	records, err := d.DecodeAll(compressed, nil)
	if err == zstd.ErrDecoderSizeExceeded || err == zstd.ErrWindowSizeExceeded {
		return nil, errTooMuch
	}
	return records, err
}

func packZstd(with *Compressor, records []byte) []byte {
	if with.zstd == nil {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
			zstd.WithWindowSize(1<<20), zstd.WithEncoderLevel(zstd.SpeedDefault))
		if err != nil {
			panic("wire: " + err.Error())
		}
		with.zstd = e
	}
	return with.zstd.EncodeAll(records, nil)
}
