package replica_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// stamped is a batch with records at the given times.
func stamped(times ...int64) []byte {
	var b wire.BatchBuilder
	for _, at := range times {
		b.Append(at, []byte("k"), []byte("v"))
	}
	return b.Bytes()
}

func packed(t require.TestingT, batch []byte, codec wire.Codec) []byte {
	parsed, err := wire.ParseBatch(batch)
	require.NoError(t, err)
	packed, _, err := parsed.Recompress(codec, nil)
	require.NoError(t, err)
	return packed.Bytes()
}

func (c *cluster) produceV(tp kafka.TopicPartition, version int16, records []byte,
) kmsg.ProduceResponseTopicPartition {
	req := produceRequest(1, tp, records)
	req.SetVersion(version)
	return produced(c.Request(1, req))
}

func TestTimestampsAreBounded(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("bounded", [][]int32{{1}}, "message.timestamp.before.max.ms=5000",
		"message.timestamp.after.max.ms=1000")
	bounded, now := tp("bounded", 0), c.Sim.Now().Millis()
	require.EqualValues(t, wire.None, c.produceV(bounded, 8, stamped(now-4000, now+900, -1)).ErrorCode)
	for _, row := range []struct {
		at     int64
		errors int32
	}{{now - 9000, 1}, {now + 9000, 1}, {-1 << 62, 1}, {1 << 62, 1}} {
		part := c.produceV(bounded, 8, stamped(now, row.at, now))
		require.Equal(t, wire.InvalidTimestamp, wire.Code(part.ErrorCode))
		require.Len(t, part.ErrorRecords, 1)
		require.EqualValues(t, 1, part.ErrorRecords[0].RelativeOffset)
		require.NotNil(t, part.ErrorMessage)
	}
	require.Nil(t, c.produceV(bounded, 7, stamped(now+9000)).ErrorRecords, "v7 has no room for reasons")
	require.EqualValues(t, 3, c.View(1, bounded).LogEnd)
}

func TestCompactedTopicsNeedKeys(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("facts", [][]int32{{1}}, "cleanup.policy=compact")
	part := c.produceV(tp("facts", 0), 9, batch("no key"))
	require.Equal(t, wire.InvalidRecord, wire.Code(part.ErrorCode))
	require.Len(t, part.ErrorRecords, 1)
	require.EqualValues(t, wire.None, c.produceV(tp("facts", 0), 9, stamped(0)).ErrorCode)
}

func TestLogAppendTimeIsTheLeaders(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("clock", [][]int32{{1}}, "message.timestamp.type=LogAppendTime")
	c.Run(3 * time.Second)
	part := c.produceV(tp("clock", 0), 9, stamped(5))
	require.InDelta(t, c.Sim.Now().Millis(), part.LogAppendTime, 5)
	part = c.produceV(tp("clock", 0), 9, packed(t, stamped(1, 2), wire.LZ4))
	require.EqualValues(t, wire.None, part.ErrorCode)
}

// The topic's codec wins; "producer" leaves every batch as it came.
func TestCompressionType(t *testing.T) {
	c := startCluster(t, 1)
	text := strings.Repeat("the same words again and again, ", 20)
	for _, topic := range []string{"producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"} {
		c.CreateTopic(topic, [][]int32{{1}}, "compression.type="+topic)
		want := []string{}
		for _, codec := range []wire.Codec{wire.Uncompressed, wire.Gzip, wire.Snappy, wire.LZ4, wire.Zstd} {
			part := c.produceV(tp(topic, 0), 9, packed(t, batch(text), codec))
			require.Equal(t, wire.None, wire.Code(part.ErrorCode), "%s to %s", codec, topic)
			want = append(want, text)
			require.Equal(t, storedCodec(topic, codec), c.codecAt(tp(topic, 0), part.BaseOffset))
		}
		_, got := c.Fetch(1, tp(topic, 0), 0)
		require.Equal(t, want, got)
	}
	require.Equal(t, wire.UnsupportedCompressionType,
		wire.Code(c.produceV(tp("producer", 0), 6, packed(t, batch("x"), wire.Zstd)).ErrorCode))
}

func storedCodec(topic string, sent wire.Codec) wire.Codec {
	if topic == config.CompressionProducer {
		return sent
	}
	codec, _ := wire.ParseCodec(topic) // none for uncompressed
	return codec
}

// codecAt is the codec of the stored batch that begins at an offset.
func (c *cluster) codecAt(tp kafka.TopicPartition, at int64) wire.Codec {
	l := part(c.Broker(1), tp).Log()
	data, err := l.Read(kafka.Offset(at), 1, l.LogEnd(), true)
	require.NoError(c.T, err)
	h, err := wire.ParseHeader(data)
	require.NoError(c.T, err)
	return h.Codec()
}

// A batch that fits as it was sent is refused when it does not fit as it would be stored.
func TestRecompressionMayBeTooLarge(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("small", [][]int32{{1}}, "compression.type=uncompressed", "max.message.bytes=200")
	sent := packed(t, batch(strings.Repeat("a", 2000)), wire.Zstd)
	require.Less(t, len(sent), 200)
	require.Equal(t, wire.MessageTooLarge, wire.Code(c.produceV(tp("small", 0), 9, sent).ErrorCode))
}

func TestSequenceNumbersOfIdempotentProducers(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	b := batch("a")
	wire.RewriteProducer(b, wire.BatchProducer{ID: 7, Epoch: 0, BaseSequence: -1})
	require.Equal(t, wire.InvalidRecord, wire.Code(c.produceV(tp("orders", 0), 9, b).ErrorCode))
}
