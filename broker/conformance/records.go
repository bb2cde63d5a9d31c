package conformance

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// acks: what was written with 0, 1 or all acknowledgements is read in the order of its offsets; 0
// gets no answer.
func acks(p *player) {
	tp := topicPartition("acknowledged", 0)
	leader := p.topic(tp.Topic, 1, len(p.c.Brokers()))[0]
	now := p.c.Now().Millis()
	one := p.put(leader, 1, tp, batch(now, "a"))
	p.code(one.ErrorCode, wire.None, "acks=1")
	p.demand(one.BaseOffset == 0, "acks=1: offset %d", one.BaseOffset)
	p.mustPut(leader, tp, 1, "b", "c")

	c := p.dial(leader)
	defer c.line.Close()
	c.send(produceRequest(0, tp, batch(now, "d")))
	p.demand(c.ask(at(2, kmsg.NewPtrApiVersionsRequest())) != nil, "the next request is answered")
	p.mustPut(leader, tp, 4, "e")
	p.reads(leader, tp, 0, "a", "b", "c", "d", "e")
	p.reads(leader, tp, 2, "c", "d", "e")
	p.reads(leader, tp, 5)

	odd := p.put(leader, 2, tp, batch(now, "f"))
	p.code(odd.ErrorCode, wire.InvalidRequiredAcks, "acks=2")
	p.reads(leader, tp, 5)
}

// offsets: ListOffsets knows the first offset, the next one, and the first from a time on.
func offsets(p *player) {
	tp := topicPartition("offsets", 0)
	leader := p.topic(tp.Topic, 1, 1)[0]
	p.listed(leader, tp, -2, 0)
	p.listed(leader, tp, -1, 0)
	now := p.c.Now().Millis()
	got := p.put(leader, -1, tp, batch(now, "a", "b", "c")) // at now, now+10, now+20
	p.code(got.ErrorCode, wire.None, "produce")
	p.listed(leader, tp, -2, 0)
	p.listed(leader, tp, -1, 3)
	for _, x := range []struct{ after, offset int64 }{
		{-5, 0}, {0, 0}, {1, 1}, {10, 1}, {11, 2}, {20, 2}, {21, -1},
	} {
		p.listed(leader, tp, now+x.after, x.offset)
	}
}

// listed requires what ListOffsets answers.
func (p *player) listed(id kafka.BrokerID, tp kafka.TopicPartition, timestamp, want int64) {
	p.Helper()
	req := at(5, kmsg.NewPtrListOffsetsRequest())
	req.ReplicaID = -1
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.Timestamp = tp.Partition, timestamp
	req.Topics = []kmsg.ListOffsetsRequestTopic{{Topic: tp.Topic,
		Partitions: []kmsg.ListOffsetsRequestTopicPartition{part}}}
	resp := p.ask(id, req).(*kmsg.ListOffsetsResponse).Topics[0].Partitions[0]
	p.code(resp.ErrorCode, wire.None, "ListOffsets")
	p.demand(resp.Offset == want, "%s at %d: offset %d, want %d", tp, timestamp, resp.Offset, want)
}

// outOfRange: an offset that is not there is an error and not an empty answer.
func outOfRange(p *player) {
	tp := topicPartition("range", 0)
	leader := p.topic(tp.Topic, 1, 1)[0]
	p.mustPut(leader, tp, 0, "a")
	for _, from := range []int64{-1, 2, 1 << 60} {
		part := p.fetchFrom(leader, tp, from, pollWait)
		p.code(part.ErrorCode, wire.OffsetOutOfRange, "fetch from an offset that is not there")
	}
	part := p.fetchFrom(leader, topicPartition("never-there", 0), 0, 0)
	p.code(part.ErrorCode, wire.UnknownTopicOrPartition, "fetch a topic that is not there")
}

// corruptBatches: a batch with a changed byte is refused and nothing of it is kept.
func corruptBatches(p *player) {
	tp := topicPartition("corrupt", 0)
	leader := p.topic(tp.Topic, 1, 1)[0]
	b := batch(p.c.Now().Millis(), "a", "b")
	b[len(b)-1] ^= 1
	got := p.put(leader, -1, tp, b)
	p.code(got.ErrorCode, wire.CorruptMessage, "a batch with a wrong checksum")
	p.mustPut(leader, tp, 0, "c")
	p.reads(leader, tp, 0, "c")
}

// deleteRecords: what is deleted is no longer read, and the log begins behind it.
func deleteRecords(p *player) {
	tp := topicPartition("deleted", 0)
	leader := p.topic(tp.Topic, 1, len(p.c.Brokers()))[0]
	for i, v := range []string{"a", "b", "c"} {
		p.mustPut(leader, tp, int64(i), v)
	}
	low, code := p.deleteBefore(leader, tp, 2)
	p.code(code, wire.None, "DeleteRecords")
	p.demand(low == 2, "the low watermark is %d, want 2", low)
	p.listed(leader, tp, -2, 2)
	p.reads(leader, tp, 2, "c")
	part := p.fetchFrom(leader, tp, 1, 0)
	p.code(part.ErrorCode, wire.OffsetOutOfRange, "fetch what was deleted")
	_, code = p.deleteBefore(leader, tp, 9)
	p.code(code, wire.OffsetOutOfRange, "delete what is not there")
}

func (p *player) deleteBefore(id kafka.BrokerID, tp kafka.TopicPartition, offset int64,
) (low int64, code int16) {
	p.Helper()
	req := at(2, kmsg.NewPtrDeleteRecordsRequest())
	req.TimeoutMillis = 10000
	req.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: tp.Topic,
		Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: tp.Partition, Offset: offset}}}}
	resp := p.ask(id, req).(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0]
	return resp.LowWatermark, resp.ErrorCode
}
