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

// altered is a batch with something of its header changed and the CRC right again.
func altered(records []byte, alter func(b []byte)) []byte {
	alter(records)
	sum := crc32.Checksum(records[21:], crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(records[17:], sum)
	return records
}

func attributes(bits byte) func([]byte) { return func(b []byte) { b[22] |= bits } }

// produceAll sends records for several partitions of orders in one request, as v9.
func (c *cluster) produceAll(transaction *string, parts ...kmsg.ProduceRequestTopicPartition,
) []kmsg.ProduceResponseTopicPartition {
	req := produceRequest(-1, tp("orders", 0), nil)
	req.SetVersion(9)
	req.TransactionID = transaction
	req.Topics[0].Partitions = parts
	resp := c.Request(1, req).(*kmsg.ProduceResponse)
	require.Len(c.T, resp.Topics, 1)
	return resp.Topics[0].Partitions
}

func records(partition int32, batch []byte) kmsg.ProduceRequestTopicPartition {
	p := kmsg.NewProduceRequestTopicPartition()
	p.Partition, p.Records = partition, batch
	return p
}

// Of a partition that a request names twice the last records count, and it is answered once; a
// topic that is named twice is one topic of the answer.
func TestOnePartitionTwiceInAProduce(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}})
	answers := c.produceAll(nil, records(0, batch("a")), records(1, batch("b")), records(0, batch("c")))
	require.Len(t, answers, 2)
	require.Zero(t, answers[0].BaseOffset)
	_, got := c.Fetch(1, tp("orders", 0), 0)
	require.Equal(t, []string{"c"}, got)

	req := produceRequest(-1, tp("orders", 0), batch("d"))
	req.Topics = append(req.Topics, produceRequest(-1, tp("orders", 1), batch("e")).Topics...)
	resp := c.Request(1, req).(*kmsg.ProduceResponse)
	require.Len(t, resp.Topics, 1)
	require.Len(t, resp.Topics[0].Partitions, 2)
	require.EqualValues(t, 2, c.View(1, tp("orders", 1)).LogEnd)
}

// What begins with nothing at all, or with a transactional batch in a request that is of no
// transaction, takes the whole request with it.
func TestAProduceThatIsRefusedAsAWhole(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}})
	transactional := func() []byte { return altered(batch("t"), attributes(0x10)) }
	for _, row := range []struct {
		name string
		code wire.Code
		bad  []byte
	}{
		{"zeros", wire.CorruptMessage, make([]byte, 100)},
		{"transactional", wire.TransactionalIDNotAuthorized, transactional()},
		{"control and transactional", wire.TransactionalIDNotAuthorized,
			altered(transactional(), attributes(0x20))},
	} {
		for _, part := range c.produceAll(nil, records(0, batch("a")), records(1, row.bad)) {
			require.Equal(t, row.code, wire.Code(part.ErrorCode), row.name)
			require.EqualValues(t, -1, part.BaseOffset)
			require.EqualValues(t, -1, part.LogStartOffset)
		}
	}
	id := "tx"
	parts := c.produceAll(&id, records(0, batch("a")), records(1, transactional()))
	require.Zero(t, parts[0].ErrorCode)
	require.Equal(t, wire.NotEnoughReplicas, wire.Code(parts[1].ErrorCode), "nobody can be asked of it")
	require.NotNil(t, parts[1].ErrorMessage)
	require.EqualValues(t, 1, c.View(1, tp("orders", 0)).LogEnd)
	require.Zero(t, c.View(1, tp("orders", 1)).LogEnd)

	l := c.Dial(1)
	req := produceRequest(0, tp("orders", 0), make([]byte, 100))
	l.Send(req)
	c.Eventually(1e9, "without acks the connection is all that is left to say", func() bool {
		return l.Closed
	})
}

// The log's start stands beside an error that is about what is in the log, and −1 beside others.
func TestLogStartBesideAnError(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}}, "max.message.bytes=200", "cleanup.policy=compact")
	req := produceRequest(1, orders, nil)
	req.SetVersion(9)
	for _, row := range []struct {
		name     string
		code     wire.Code
		logStart int64
		records  []byte
	}{
		{"control", wire.InvalidRecord, 0, altered(stamped(0), attributes(0x20))},
		{"offsets from 7", wire.InvalidRecord, 0, altered(stamped(0), func(b []byte) { b[7] = 7 })},
		{"no key", wire.InvalidRecord, 0, batch("a")},
		{"no batch", wire.InvalidRecord, -1, nil},
		{"CRC", wire.CorruptMessage, -1, append(stamped(0)[:69], 0xff)},
		{"too large", wire.MessageTooLarge, -1, batch(string(make([]byte, 500)))},
	} {
		req.Topics[0].Partitions[0].Records = row.records
		part := produced(c.Request(1, req))
		require.Equal(t, row.code, wire.Code(part.ErrorCode), row.name)
		require.Equal(t, row.logStart, part.LogStartOffset, row.name)
		require.Equal(t, row.name == "no key", part.ErrorMessage != nil, row.name)
	}
}

// stored is the header of the batch at the beginning of a log, and its records.
func (c *cluster) stored(tp kafka.TopicPartition) (wire.BatchHeader, []wire.Record) {
	l := part(c.Broker(1), tp).Log()
	data, err := l.Read(0, 1, l.LogEnd(), true)
	require.NoError(c.T, err)
	b, err := wire.ParseBatch(data)
	require.NoError(c.T, err)
	require.NoError(c.T, b.Validate())
	var all []wire.Record
	for r, err := range b.Records() {
		require.NoError(c.T, err)
		all = append(all, r)
	}
	return b.BatchHeader, all
}

// The header that is stored says what the records say.
func TestTheHeaderIsPutRight(t *testing.T) {
	c := startCluster(t, 1)
	maxTime := func(ms int64) func([]byte) {
		return func(b []byte) { binary.BigEndian.PutUint64(b[35:], uint64(ms)) }
	}
	for name, row := range map[string]struct {
		records    []byte
		attributes int16
		maxTime    int64
	}{
		"later":            {altered(stamped(1000, 2000), maxTime(9000)), 0, 2000},
		"absent":           {altered(stamped(1000, 2000), maxTime(-1)), 0, 2000},
		"log-append-time":  {altered(stamped(1000, 2000), attributes(8)), 0, 2000},
		"negative":         {stamped(-5, -7), 0, -1},
		"compressed":       {altered(packed(t, stamped(5, 7), wire.Gzip), maxTime(9)), 1, 7},
		"right, with more": {append(stamped(1000), 1, 2, 3), 0, 1000},
	} {
		topic := "t" + string(rune('a'+len(name)))
		c.CreateTopic(topic, [][]int32{{1}})
		require.Zero(t, c.produceV(tp(topic, 0), 9, row.records).ErrorCode, name)
		h, _ := c.stored(tp(topic, 0))
		require.Equal(t, row.attributes, h.Attributes, name)
		require.Equal(t, row.maxTime, h.MaxTimestamp, name)
	}
}

// How a producer numbers its records is not asked, but where a batch is written anew they are
// numbered.
func TestRecordsThatAreNotNumbered(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("plain", [][]int32{{1}})
	c.CreateTopic("gzip", [][]int32{{1}}, "compression.type=gzip")
	gap := func() []byte { return altered(stamped(1, 1, 1), func(b []byte) { b[61+9+3] = 10 }) }
	offsets := func(topic string, records []byte) (all []kafka.Offset) {
		require.Zero(t, c.produceV(tp(topic, 0), 9, records).ErrorCode)
		_, rs := c.stored(tp(topic, 0))
		for _, r := range rs {
			all = append(all, r.Offset)
		}
		return all
	}
	require.Equal(t, []kafka.Offset{0, 5, 2}, offsets("plain", gap()))
	require.EqualValues(t, 3, c.View(1, tp("plain", 0)).LogEnd)
	require.Equal(t, []kafka.Offset{0, 1, 2}, offsets("gzip", gap()))
	require.Equal(t, wire.InvalidRecord,
		wire.Code(c.produceV(tp("gzip", 0), 9, packed(t, gap(), wire.Gzip)).ErrorCode))
}

// A batch that comes again carries the time of its first append: its largest timestamp.
func TestADuplicateCarriesItsTime(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	b := stamped(5000, 6000)
	wire.RewriteProducer(b, wire.BatchProducer{ID: 7, Epoch: 0, BaseSequence: 0})
	require.EqualValues(t, -1, c.produceV(tp("orders", 0), 9, b).LogAppendTime)
	again := c.produceV(tp("orders", 0), 9, b)
	require.Zero(t, again.ErrorCode)
	require.EqualValues(t, 6000, again.LogAppendTime)
}
