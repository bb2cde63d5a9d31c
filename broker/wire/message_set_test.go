package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// messagesOf are the messages of a set that must all be good.
func messagesOf(t require.TestingT, set []byte) []Record {
	var all []Record
	for r, err := range Messages(set) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// wrapped is one message of codec with a set in it, as a producer sends it.
func wrapped(magic int8, codec Codec, set []byte) []byte {
	packed := codecs[codec].pack(&Compressor{}, set)
	if codec == LZ4 && magic == 0 {
		breakLZ4(packed)
	}
	return appendMessage(nil, &legacyMessage{
		magic: magic, attributes: int8(codec), timestamp: 7, value: packed,
	})
}

// oneSet is a set of magic 1 with these values, from offset 0 and timestamp 100 on.
func oneSet(values ...string) []byte {
	var set []byte
	for i, v := range values {
		set = appendMessage(set, &legacyMessage{
			offset: kafka.Offset(i), magic: 1, timestamp: 100 + int64(i), value: []byte(v),
		})
	}
	return set
}

// The bytes are what kmsg's types for messages of magic 0 and 1 read.
func TestMessagesAgainstKmsg(t *testing.T) {
	b := appendMessage(nil, &legacyMessage{
		offset: 5, magic: 1, timestamp: 1234, key: []byte("k"), value: []byte("value"),
	})
	var v1 kmsg.MessageV1
	require.NoError(t, v1.ReadFrom(b))
	require.EqualValues(t, 5, v1.Offset)
	require.EqualValues(t, len(b)-12, v1.MessageSize)
	require.EqualValues(t, 1, v1.Magic)
	require.EqualValues(t, 1234, v1.Timestamp)
	require.Equal(t, "k", string(v1.Key))
	require.Equal(t, "value", string(v1.Value))
	require.Equal(t, b, v1.AppendTo(nil))

	b = appendMessage(nil, &legacyMessage{offset: 6, value: []byte("value")})
	var v0 kmsg.MessageV0
	require.NoError(t, v0.ReadFrom(b))
	require.EqualValues(t, 6, v0.Offset)
	require.Nil(t, v0.Key)
	require.Equal(t, b, v0.AppendTo(nil))
}

// What is converted down comes back as it was, as far as the old formats know it.
func TestConvertDownAndUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		magic := rapid.Int8Range(0, 1).Draw(t, "magic")
		codec := Codec(rapid.IntRange(0, int(LZ4)).Draw(t, "codec"))
		field := rapid.Custom(func(t *rapid.T) []byte {
			if rapid.Bool().Draw(t, "null") {
				return nil
			}
			return rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "field")
		})
		var in []byte
		var want []Record
		offset := kafka.Offset(rapid.Int64Range(0, 1<<40).Draw(t, "offset"))
		for range rapid.IntRange(0, 3).Draw(t, "batches") {
			var b BatchBuilder
			base := offset
			for range rapid.IntRange(1, 5).Draw(t, "records") {
				r := Record{Offset: offset, Timestamp: rapid.Int64Range(0, 1<<42).Draw(t, "at"),
					Key: field.Draw(t, "key"), Value: field.Draw(t, "value")}
				b.Append(r.Timestamp, r.Key, r.Value, RecordHeader{Key: "lost"})
				offset++
				if magic == 0 {
					r.Timestamp = -1
				}
				want = append(want, r)
			}
			batch := b.Compressed(codec, nil)
			SetBaseOffset(batch, base)
			in = append(in, batch...)
			offset += kafka.Offset(rapid.IntRange(0, 2).Draw(t, "gap"))
		}
		set, _, err := ConvertDown(in, magic, 0)
		require.NoError(t, err)
		require.Equal(t, want, messagesOf(t, set))
		require.True(t, IsMessageSet(set))

		if codec == Uncompressed && len(want) > 0 {
			from := want[rapid.IntRange(0, len(want)-1).Draw(t, "from")].Offset
			tail, _, err := ConvertDown(in, magic, from)
			require.NoError(t, err)
			require.Equal(t, from, messagesOf(t, tail)[0].Offset)
		}
		up, err := ConvertUp(set)
		if codec != Uncompressed && len(messagesOuter(set)) > 1 {
			require.Equal(t, InvalidRecord, codeOf(t, err), "compressed messages come alone")
			return
		}
		require.NoError(t, err)
		require.Equal(t, len(want) == 0, up.Empty)
		if up.Empty {
			return
		}
		require.Equal(t, codec, up.Codec)
		require.NoError(t, validateProduced(up.Batch.Bytes()))
		for i, r := range records(t, up.Batch.Bytes()) {
			require.EqualValues(t, i, r.Offset)
			require.Equal(t, want[i].Timestamp, r.Timestamp)
			require.Equal(t, want[i].Key, r.Key)
			require.Equal(t, want[i].Value, r.Value)
		}
	})
}

// messagesOuter are the messages of a set, those in compressed ones not.
func messagesOuter(set []byte) []legacyMessage {
	var all []legacyMessage
	for {
		m, rest, ok, _ := nextMessage(set)
		if !ok {
			return all
		}
		all, set = append(all, m), rest
	}
}

// In a compressed message of magic 1 the outer offset is the last, and the others count back from
// it; in magic 0 they stand as they are.
func TestOffsetsInCompressedMessages(t *testing.T) {
	set := wrapped(1, Gzip, oneSet("a", "b", "c"))
	binary.BigEndian.PutUint64(set, 42)
	var offsets []kafka.Offset
	for _, r := range messagesOf(t, set) {
		offsets = append(offsets, r.Offset)
	}
	require.Equal(t, []kafka.Offset{40, 41, 42}, offsets)

	inner := appendMessage(nil, &legacyMessage{offset: 17, value: []byte("a")})
	require.EqualValues(t, 17, messagesOf(t, wrapped(0, Gzip, inner))[0].Offset)
}

// Timestamps of the broker's are those of the outer message.
func TestLogAppendTimeInMessages(t *testing.T) {
	set := wrapped(1, Snappy, oneSet("a", "b"))
	set[messageAttributes] |= attributeLogAppendTime
	binary.BigEndian.PutUint32(set[messageCRC:], crc32.ChecksumIEEE(set[messageMagic:]))
	for _, r := range messagesOf(t, set) {
		require.EqualValues(t, 7, r.Timestamp)
	}
	up, err := ConvertUp(set)
	require.NoError(t, err)
	require.True(t, up.LogAppendTime)

	batch := mustParse(oneBatch("a", "b"))
	batch.SetLogAppendTime(99)
	down, _, err := ConvertDown(batch.Bytes(), 1, 0)
	require.NoError(t, err)
	require.EqualValues(t, 99, messagesOf(t, down)[1].Timestamp)
	require.True(t, messagesOuter(down)[0].logAppendTime())
	down, _, err = ConvertDown(batch.Bytes(), 0, 0)
	require.NoError(t, err)
	require.EqualValues(t, -1, messagesOf(t, down)[1].Timestamp)
}

func TestMessageSetsThatAreRefused(t *testing.T) {
	recrc := func(b []byte) []byte {
		binary.BigEndian.PutUint32(b[messageCRC:], crc32.ChecksumIEEE(b[messageMagic:]))
		return b
	}
	magic0 := appendMessage(nil, &legacyMessage{value: []byte("a")})
	for name, row := range map[string]struct {
		set  []byte
		code Code
	}{
		"flipped value":          {func() []byte { b := oneSet("a"); b[len(b)-1] ^= 1; return b }(), CorruptMessage},
		"too small":              {append(make([]byte, 11), 13, 0), CorruptMessage},
		"negative size":          {bytes.Repeat([]byte{0xff}, 30), CorruptMessage},
		"magic 1 too small":      {recrc(append(magic0[:messageMagic:messageMagic], append([]byte{1}, magic0[messageMagic+1:]...)...)), CorruptMessage},
		"magic 2 behind magic 1": {append(oneSet("a"), oneBatch("b")...), InvalidRecord},
		"magic 0 behind magic 1": {append(oneSet("a"), magic0...), InvalidRecord},
		"key longer than all": {recrc(func() []byte {
			b := oneSet("a")
			b[messageTime+8+3] = 200
			return b
		}()), CorruptMessage},
		"bytes behind the value": {recrc(func() []byte {
			b := append(oneSet("a"), 0)
			b[messageSize+3]++
			return b
		}()), CorruptMessage},
		"two compressed":       {append(wrapped(1, Gzip, oneSet("a")), wrapped(1, Gzip, oneSet("b"))...), InvalidRecord},
		"compressed and plain": {append(wrapped(1, Gzip, oneSet("a")), oneSet("b")...), InvalidRecord},
		"plain and compressed": {append(oneSet("b"), wrapped(1, Gzip, oneSet("a"))...), InvalidRecord},
		"empty compressed":     {wrapped(1, Gzip, nil), InvalidRecord},
		"compressed twice":     {wrapped(1, Gzip, wrapped(1, Gzip, oneSet("a"))), InvalidRecord},
		"other magic within":   {wrapped(1, Gzip, magic0), InvalidRecord},
		"no value": {appendMessage(nil, &legacyMessage{magic: 1, attributes: int8(Gzip)}),
			InvalidRecord},
		"zstd": {wrapped(1, Zstd, oneSet("a")), UnsupportedCompressionType},
		"codec 6": {appendMessage(nil, &legacyMessage{magic: 1, attributes: 6, value: []byte("a")}),
			UnsupportedCompressionType},
		"no gzip": {appendMessage(nil, &legacyMessage{magic: 1, attributes: 1, value: []byte("a")}),
			CorruptMessage},
		"lz4 without a header": {appendMessage(nil, &legacyMessage{attributes: 3, value: []byte("a")}),
			CorruptMessage},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ConvertUp(row.set)
			require.Equal(t, row.code, codeOf(t, err))
		})
	}
	var builder BatchBuilder
	builder.Append(1, nil, []byte("a"))
	_, _, err := ConvertDown(builder.Compressed(Zstd, nil), 1, 0)
	require.Equal(t, UnsupportedCompressionType, codeOf(t, err))
}

// A set that ends within a message is what comes before it, and nothing is no error.
func TestPartialMessagesArePassedOver(t *testing.T) {
	set := oneSet("a", "b")
	for n := range len(set) {
		up, err := ConvertUp(set[:n])
		require.NoError(t, err)
		require.Equal(t, n < len(set)/2, up.Empty)
	}
}

// The checksum of an LZ4 header, right and as magic 0 has it.
func TestLZ4OfMagic0(t *testing.T) {
	require.EqualValues(t, 0x02cc5d05, shortXXH32(nil))
	require.EqualValues(t, 0x550d7456, shortXXH32([]byte("a")))
	require.EqualValues(t, 0x32d153ff, shortXXH32([]byte("abc")))
	frame := packLZ4(&Compressor{}, []byte("alpha"))
	require.Equal(t, "04224d186040", hex.EncodeToString(frame[:6]))
	right := frame[6]
	breakLZ4(frame)
	require.NotEqual(t, right, frame[6])
	_, err := LZ4.decompress(frame)
	require.Error(t, err)
	require.Equal(t, right, mendLZ4(frame)[6])
	opened, err := LZ4.decompress(mendLZ4(frame))
	require.NoError(t, err)
	require.Equal(t, "alpha", string(opened))
}

// Whatever the bytes, nothing panics; what a leader accepts is a batch that it would accept, and
// goes back down to the same messages.
func FuzzMessageSet(f *testing.F) {
	f.Add(oneSet("alpha", "beta"), true)
	f.Add(appendMessage(nil, &legacyMessage{key: []byte("k"), value: []byte("v")}), true)
	for codec := Gzip; codec <= LZ4; codec++ {
		f.Add(wrapped(1, codec, oneSet("alpha", "beta")), true)
		f.Add(wrapped(0, codec, appendMessage(nil, &legacyMessage{value: []byte("v")})), false)
	}
	f.Add(append(oneSet("a"), oneSet("b")[:20]...), false)
	f.Fuzz(func(t *testing.T, set []byte, seal bool) {
		if size := messageSize + 4; seal && len(set) > messageMagic {
			n := int(int32(binary.BigEndian.Uint32(set[messageSize:])))
			if n >= messageOverhead0 && n <= len(set)-size {
				binary.BigEndian.PutUint32(set[messageCRC:], crc32.ChecksumIEEE(set[messageMagic:size+n]))
			}
		}
		failed := false
		for _, err := range Messages(set) {
			require.False(t, failed, "an error is the last thing")
			failed = err != nil
		}
		up, err := ConvertUp(set)
		if err != nil || up.Empty {
			return
		}
		require.NoError(t, validateProduced(up.Batch.Bytes()))
		down, _, err := ConvertDown(up.Batch.Bytes(), 1, 0)
		require.NoError(t, err)
		want := messagesOf(t, set)
		for i, r := range messagesOf(t, down) {
			require.Equal(t, want[i].Timestamp, r.Timestamp)
			require.Equal(t, want[i].Key, r.Key)
			require.Equal(t, want[i].Value, r.Value)
		}
	})
}
