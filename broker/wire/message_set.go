package wire

import (
	"encoding/binary"
	"hash/crc32"
	"iter"

	"sandcastle/model/kafka"
)

// Before record batches there were message sets: messages of magic 0 or 1, each behind its offset
// and size (LegacyRecord and AbstractLegacyRecordBatch, 3.9). A message that is compressed has a
// whole set for its value; the messages in it have offsets of their own in magic 0, and count from
// 0 in magic 1, where the outer message has the offset of the last.
const (
	messageOffset     = 0
	messageSize       = 8
	messageCRC        = 12 // CRC-32 of what follows it
	messageMagic      = 16
	messageAttributes = 17
	messageTime       = 18 // of magic 1 alone
	// What a message without key and value has behind its size.
	messageOverhead0 = 4 + 1 + 1 + 4 + 4
	messageOverhead1 = messageOverhead0 + 8
)

// legacyMessage is one message of a set.
type legacyMessage struct {
	offset     kafka.Offset
	magic      int8
	attributes int8
	timestamp  int64 // −1 in magic 0
	key, value []byte
	opened     int // bytes of the set within it, once that was decompressed
}

func (m *legacyMessage) codec() Codec { return Codec(m.attributes & 7) }

func (m *legacyMessage) logAppendTime() bool {
	return m.magic == 1 && m.attributes&attributeLogAppendTime != 0
}

// nextMessage reads the message at the beginning of b and returns what follows it. It is false at
// the end, also when b ends within a message, which is skipped in silence as Kafka does.
func nextMessage(b []byte) (m legacyMessage, rest []byte, ok bool, err error) {
	if len(b) < LogOverhead {
		return m, nil, false, nil
	}
	size := int(int32(binary.BigEndian.Uint32(b[messageSize:])))
	if size < messageOverhead0 {
		return m, nil, false, badBatch(CorruptMessage, "a message of %d bytes", size)
	}
	if size > len(b)-LogOverhead {
		return m, nil, false, nil
	}
	b, rest = b[:LogOverhead+size], b[LogOverhead+size:]
	m.magic, m.attributes = int8(b[messageMagic]), int8(b[messageAttributes])
	if m.magic < 0 || m.magic > 1 || m.magic == 1 && size < messageOverhead1 {
		return m, nil, false, badBatch(CorruptMessage, "a message of %d bytes and magic %d", size,
			m.magic)
	}
	sum, want := crc32.ChecksumIEEE(b[messageMagic:]), binary.BigEndian.Uint32(b[messageCRC:])
	if sum != want {
		return m, nil, false, badBatch(CorruptMessage, "CRC-32 is %08x, the message says %08x", sum,
			want)
	}
	m.offset = kafka.Offset(binary.BigEndian.Uint64(b[messageOffset:]))
	fields := b[messageTime:]
	if m.timestamp = -1; m.magic == 1 {
		m.timestamp = int64(binary.BigEndian.Uint64(fields))
		fields = fields[8:]
	}
	var whole, more bool
	m.key, fields, whole = legacyField(fields)
	m.value, fields, more = legacyField(fields)
	if !whole || !more || len(fields) > 0 {
		return m, nil, false, badBatch(CorruptMessage, "key and value do not fill the message")
	}
	return m, rest, true, nil
}

// legacyField reads a length of four bytes and that many bytes, nil for −1.
func legacyField(b []byte) (field, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int(int32(binary.BigEndian.Uint32(b)))
	b = b[4:]
	switch {
	case n == -1:
		return nil, b, true
	case n < 0 || n > len(b):
		return nil, nil, false
	default:
		return b[:n:n], b[n:], true
	}
}

// MessageMagic is the magic number of a message set, 0 or 1; false for records that are none, and
// for too few bytes to tell.
func MessageMagic(records []byte) (magic int8, ok bool) {
	if len(records) <= messageMagic || records[messageMagic] >= 2 {
		return 0, false
	}
	return int8(records[messageMagic]), true
}

// IsMessageSet reports whether records are in a format older than record batches. Too few bytes to
// tell count as such.
func IsMessageSet(records []byte) bool {
	return len(records) <= messageMagic || records[messageMagic] < 2
}

// Messages yields the messages of a set as records with their offsets, those within compressed ones
// too, and an error, once, where they stop making sense.
func Messages(set []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for {
			m, rest, ok, err := nextMessage(set)
			if err != nil {
				yield(Record{}, err)
			}
			if !ok {
				return
			}
			set = rest
			if m.codec() == Uncompressed {
				if !yield(m.record(), nil) {
					return
				}
				continue
			}
			for r, err := range innerMessages(&m) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

func (m *legacyMessage) record() Record {
	return Record{Offset: m.offset, Timestamp: m.timestamp, Key: m.key, Value: m.value}
}

// innerMessages yields the messages within a compressed one (DeepRecordsIterator, 3.9).
func innerMessages(outer *legacyMessage) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		set, err := outer.open()
		if err != nil {
			yield(Record{}, err)
			return
		}
		shift := kafka.Offset(0)
		if outer.magic == 1 {
			shift = outer.offset - lastMessage(set)
		}
		for n := 0; ; n++ {
			m, rest, ok, err := nextMessage(set)
			switch {
			case err != nil:
			case !ok && n == 0:
				err = badBatch(InvalidRecord, "a compressed message with none in it")
			case !ok:
				return
			case m.magic != outer.magic || m.codec() != Uncompressed:
				err = badBatch(InvalidRecord, "a message of magic %d and codec %s in one of magic %d",
					m.magic, m.codec(), outer.magic)
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			r := m.record()
			r.Offset += shift
			if outer.logAppendTime() {
				r.Timestamp = outer.timestamp
			}
			if !yield(r, nil) {
				return
			}
			set = rest
		}
	}
}

// open returns the set within a compressed message.
func (m *legacyMessage) open() ([]byte, error) {
	switch {
	case m.value == nil:
		return nil, badBatch(InvalidRecord, "a compressed message without a value")
	case m.codec() == Zstd:
		return nil, badBatch(UnsupportedCompressionType, "zstd in a message of magic %d", m.magic)
	case m.codec() == LZ4 && m.magic == 0:
		return m.opens(LZ4.decompress(mendLZ4(m.value)))
	default:
		return m.opens(m.codec().decompress(m.value))
	}
}

// opens notes how much of the message was decompressed.
func (m *legacyMessage) opens(set []byte, err error) ([]byte, error) {
	m.opened = len(set) + openedUntil(err)
	return set, err
}

// lastMessage is the offset of the last whole message of a set.
func lastMessage(set []byte) kafka.Offset {
	last := kafka.Offset(0)
	for len(set) >= LogOverhead {
		size := int(int32(binary.BigEndian.Uint32(set[messageSize:])))
		if size < messageOverhead0 || size > len(set)-LogOverhead {
			break
		}
		last = kafka.Offset(binary.BigEndian.Uint64(set[messageOffset:]))
		set = set[LogOverhead+size:]
	}
	return last
}

// appendMessage writes one message.
func appendMessage(b []byte, m *legacyMessage) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint64(b, uint64(m.offset))
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // size and CRC
	b = append(b, byte(m.magic), byte(m.attributes))
	if m.magic == 1 {
		b = binary.BigEndian.AppendUint64(b, uint64(m.timestamp))
	}
	b = appendLegacyField(appendLegacyField(b, m.key), m.value)
	out := b[start:]
	binary.BigEndian.PutUint32(out[messageSize:], uint32(len(out)-LogOverhead))
	binary.BigEndian.PutUint32(out[messageCRC:], crc32.ChecksumIEEE(out[messageMagic:]))
	return b
}

func appendLegacyField(b, field []byte) []byte {
	if field == nil {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(field))), field...)
}
