package replica_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// messageSet is a set of magic 0 or 1 with these values, as kmsg writes it.
func messageSet(magic int8, timestamp int64, key []byte, values ...string) []byte {
	var set []byte
	for i, v := range values {
		var b []byte
		if magic == 0 {
			m := kmsg.MessageV0{Offset: int64(i), Key: key, Value: []byte(v)}
			b = m.AppendTo(nil)
		} else {
			m := kmsg.MessageV1{Offset: int64(i), Magic: 1, Timestamp: timestamp + int64(i), Key: key,
				Value: []byte(v)}
			b = m.AppendTo(nil)
		}
		binary.BigEndian.PutUint32(b[8:], uint32(len(b)-12))
		binary.BigEndian.PutUint32(b[12:], crc32.ChecksumIEEE(b[16:]))
		set = append(set, b...)
	}
	return set
}

// produceOld sends a message set in a version of Produce and returns the answer.
func (c *cluster) produceOld(version int16, tp kafka.TopicPartition, set []byte,
) kmsg.ProduceResponseTopicPartition {
	c.T.Helper()
	req := produceRequest(-1, tp, set)
	req.SetVersion(version)
	return produced(c.Request(1, req))
}

// fetchOld reads a partition from an offset on in a version of Fetch.
func (c *cluster) fetchOld(version int16, tp kafka.TopicPartition, from int64,
) (wire.Code, []wire.Record) {
	c.T.Helper()
	req := fetchRequest(tp, from)
	req.SetVersion(version)
	part := fetchedPart(c.Request(1, req))
	require.NotNil(c.T, part.RecordBatches)
	var all []wire.Record
	for r, err := range wire.Messages(part.RecordBatches) {
		require.NoError(c.T, err)
		all = append(all, r)
	}
	if len(part.RecordBatches) > 0 {
		require.Equal(c.T, version >= 2, part.RecordBatches[16] == 1, "magic")
	}
	return wire.Code(part.ErrorCode), all
}

// Old producers and consumers, and new ones, read and write the same topic.
func TestOldClients(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	next := int64(0)
	for version := range int16(3) {
		for magic := range int8(2) {
			part := c.produceOld(version, orders, messageSet(magic, 500, []byte("k"), "a", "b"))
			require.Zero(t, part.ErrorCode)
			require.Equal(t, next, part.BaseOffset)
			next += 2
		}
	}
	c.MustProduce(orders, "new")
	_, values := c.Fetch(1, orders, 0)
	require.Equal(t, []string{"a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "new"}, values)
	for version := range int16(4) {
		code, all := c.fetchOld(version, orders, 3)
		require.Equal(t, wire.None, code)
		require.Len(t, all, 10)
		require.EqualValues(t, 3, all[0].Offset)
		require.Equal(t, "k", string(all[0].Key))
		require.Equal(t, "b", string(all[0].Value))
		require.Equal(t, "new", string(all[9].Value))
		require.Nil(t, all[9].Key)
		if version < 2 {
			require.EqualValues(t, -1, all[0].Timestamp)
			continue
		}
		require.EqualValues(t, 501, all[0].Timestamp, "the second of a set of magic 1")
		require.EqualValues(t, -1, all[1].Timestamp, "magic 0 had none")
	}
}

// What is compressed stays so; a set that begins below the offset comes whole.
func TestOldConsumersOfCompressedTopics(t *testing.T) {
	c := startCluster(t, 1)
	for _, codec := range []string{"gzip", "snappy", "lz4"} {
		c.CreateTopic(codec, [][]int32{{1}}, "compression.type="+codec)
		part := c.produceOld(2, tp(codec, 0), messageSet(1, 500, nil, "a", "b", "c"))
		require.Zero(t, part.ErrorCode)
		for version := range int16(4) {
			code, all := c.fetchOld(version, tp(codec, 0), 1)
			require.Equal(t, wire.None, code)
			require.Len(t, all, 3, "%s v%d", codec, version)
			require.EqualValues(t, 0, all[0].Offset)
			require.EqualValues(t, 2, all[2].Offset)
			require.Equal(t, "c", string(all[2].Value))
		}
	}
}

// Clients that do not know zstd are told so: by the topic's setting up to v9, by what a producer
// sent up to v3.
func TestOldConsumersOfZstd(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("always", [][]int32{{1}}, "compression.type=zstd")
	c.CreateTopic("once", [][]int32{{1}})
	zstd := packed(t, batch("a"), wire.Zstd)
	c.MustProduce(tp("always", 0), "a")
	require.Zero(t, produced(c.Request(1, produceRequest(-1, tp("once", 0), zstd))).ErrorCode)
	for version := range int16(13) {
		for topic, since := range map[string]int16{"always": 10, "once": 4} {
			req := fetchRequest(tp(topic, 0), 0)
			req.SetVersion(version)
			part := fetchedPart(c.Request(1, req))
			want := wire.None
			if version < since {
				want = wire.UnsupportedCompressionType
			}
			require.Equal(t, want, wire.Code(part.ErrorCode), "%s v%d", topic, version)
			require.Equal(t, want != wire.None, len(part.RecordBatches) == 0)
		}
	}
}

func TestMessageSetsAreHeldToTheRules(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("plain", [][]int32{{1}}, "max.message.bytes=200")
	c.CreateTopic("keyed", [][]int32{{1}}, "cleanup.policy=compact")
	c.CreateTopic("timed", [][]int32{{1}}, "message.timestamp.type=LogAppendTime")
	plain, keyed, timed := tp("plain", 0), tp("keyed", 0), tp("timed", 0)
	long := string(make([]byte, 300))
	code := func(part kmsg.ProduceResponseTopicPartition) wire.Code { return wire.Code(part.ErrorCode) }

	require.Equal(t, wire.MessageTooLarge, code(c.produceOld(2, plain, messageSet(1, 0, nil, long))))
	many := messageSet(1, 0, nil, long[:90], long[:90], long[:90])
	require.Equal(t, wire.MessageTooLarge, code(c.produceOld(2, plain, many)), "as one batch")
	bad := messageSet(1, 0, nil, "a")
	bad[len(bad)-1]++
	require.Equal(t, wire.CorruptMessage, code(c.produceOld(2, plain, bad)))
	require.Equal(t, wire.InvalidRecord, code(c.produceOld(2, keyed, messageSet(1, 0, nil, "a"))))
	require.Equal(t, wire.None, code(c.produceOld(2, keyed, messageSet(1, 0, []byte("k"), "a"))))
	require.Equal(t, wire.InvalidRecord, code(c.produceOld(3, plain, messageSet(1, 0, nil, "a"))))

	stamped := c.produceOld(2, timed, messageSet(0, 0, nil, "a"))
	require.Zero(t, stamped.ErrorCode)
	require.Positive(t, stamped.LogAppendTime)
	_, all := c.fetchOld(3, timed, 0)
	require.Equal(t, stamped.LogAppendTime, all[0].Timestamp)
	claims := messageSet(1, 0, nil, "a")
	claims[17] |= 8
	binary.BigEndian.PutUint32(claims[12:], crc32.ChecksumIEEE(claims[16:]))
	require.Equal(t, wire.InvalidTimestamp, code(c.produceOld(2, timed, claims)))
	require.Equal(t, wire.None, code(c.produceOld(2, plain, claims)))
}

// A set without messages, or one cut off within its first, changes nothing and is no error.
func TestEmptyMessageSets(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	for _, set := range [][]byte{{}, nil, messageSet(1, 0, nil, "a")[:30]} {
		part := c.produceOld(2, orders, set)
		require.Zero(t, part.ErrorCode)
		require.EqualValues(t, -1, part.BaseOffset)
	}
	require.Zero(t, c.View(1, orders).LogEnd)
	require.Equal(t, wire.None, wire.Code(c.produceOld(2, orders, batch("a")).ErrorCode),
		"a record batch is welcome too")
}
