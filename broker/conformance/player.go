package conformance

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// player is a client that says exactly what a clause wants.
type player struct {
	TB
	c     Cluster
	calls map[kafka.BrokerID]*call // a connection to each broker that was asked
}

// call is a connection on which requests are numbered.
type call struct {
	p    *player
	line Line
	last int32
}

// demand ends the test when a promise is broken.
func (p *player) demand(kept bool, format string, args ...any) {
	if kept {
		return
	}
	p.Helper()
	p.Errorf(format, args...)
	p.FailNow()
}

// code requires an error code.
func (p *player) code(got int16, want wire.Code, what string) {
	p.Helper()
	p.demand(wire.Code(got) == want, "%s: %s, want %s", what, wire.Code(got), want)
}

// close hangs up.
func (p *player) close() {
	for _, id := range p.c.Brokers() {
		if c := p.calls[id]; c != nil {
			c.line.Close()
		}
	}
}

func (p *player) dial(id kafka.BrokerID) *call { return &call{p: p, line: p.c.Dial(id)} }

// send sends req and returns its number.
func (c *call) send(req kmsg.Request) int32 {
	c.last++
	c.line.Send(wire.EncodeRequest(req, c.last, "conformance"))
	return c.last
}

// receive waits for the answer to req, which must have its number.
func (c *call) receive(req kmsg.Request, number int32) kmsg.Response {
	c.p.Helper()
	name := kmsg.NameForKey(req.Key())
	frame, open := c.line.Receive()
	c.p.demand(open, "%s v%d: the connection was closed", name, req.GetVersion())
	resp := req.ResponseKind()
	resp.SetVersion(req.GetVersion())
	got, err := wire.DecodeResponse(frame, resp)
	c.p.demand(err == nil, "%s v%d: %v", name, req.GetVersion(), err)
	c.p.demand(got == number, "%s: an answer to request %d came to request %d", name, got, number)
	return resp
}

func (c *call) ask(req kmsg.Request) kmsg.Response {
	c.p.Helper()
	return c.receive(req, c.send(req))
}

// closes requires that the broker closes the connection without a word.
func (c *call) closes(what string) {
	c.p.Helper()
	frame, open := c.line.Receive()
	c.p.demand(!open, "%s was answered with %d bytes", what, len(frame))
}

// ask asks a broker, each time on the same connection.
func (p *player) ask(id kafka.BrokerID, req kmsg.Request) kmsg.Response {
	p.Helper()
	if p.calls[id] == nil {
		p.calls[id] = p.dial(id)
	}
	return p.calls[id].ask(req)
}

// eventually tries until it works.
func (p *player) eventually(what string, works func() bool) {
	p.Helper()
	for range 1000 {
		if works() {
			return
		}
		p.c.Wait(10 * time.Millisecond)
	}
	p.demand(false, "not within 10 s: %s", what)
}

func (p *player) first() kafka.BrokerID { return p.c.Brokers()[0] }

// at sets the version of a request.
func at[R kmsg.Request](version int16, req R) R {
	req.SetVersion(version)
	return req
}

// topic creates a topic with as many replicas as there are brokers, and returns the leader of each
// partition when every broker knows it.
func (p *player) topic(name string, partitions int32, replicas int) []kafka.BrokerID {
	p.Helper()
	resp := p.create(kmsg.CreateTopicsRequestTopic{
		Topic: name, NumPartitions: partitions, ReplicationFactor: int16(replicas),
	}, false)
	p.code(resp.ErrorCode, wire.None, "create "+name)
	var leaders []kafka.BrokerID
	p.eventually("every broker knows who leads "+name, func() bool {
		for _, id := range p.c.Brokers() {
			t := p.metadata(id, name, false)
			if leaders = leadersOf(t); t.ErrorCode != 0 || len(leaders) != int(partitions) {
				return false
			}
		}
		return true
	})
	for part := range partitions {
		tp := kafka.TopicPartition{Topic: name, Partition: part}
		p.eventually("its leader leads "+tp.String(), func() bool {
			return p.fetchFrom(leaders[part], tp, 0, 0).ErrorCode == 0
		})
	}
	return leaders
}

// create asks the controller for a topic.
func (p *player) create(topic kmsg.CreateTopicsRequestTopic, validate bool,
) kmsg.CreateTopicsResponseTopic {
	p.Helper()
	req := at(5, kmsg.NewPtrCreateTopicsRequest())
	req.TimeoutMillis, req.ValidateOnly = 10000, validate
	req.Topics = append(req.Topics, topic)
	resp := p.ask(p.controller(), req).(*kmsg.CreateTopicsResponse)
	p.demand(len(resp.Topics) == 1, "CreateTopics answered %d topics of 1", len(resp.Topics))
	return resp.Topics[0]
}

func (p *player) controller() kafka.BrokerID {
	p.Helper()
	req := at(9, kmsg.NewPtrMetadataRequest())
	req.Topics = []kmsg.MetadataRequestTopic{}
	var resp *kmsg.MetadataResponse
	p.eventually("Metadata shows every broker", func() bool {
		resp = p.ask(p.first(), req).(*kmsg.MetadataResponse)
		return len(resp.Brokers) == len(p.c.Brokers())
	})
	return kafka.BrokerID(resp.ControllerID)
}

// metadata asks a broker about one topic, which it may create.
func (p *player) metadata(id kafka.BrokerID, topic string, create bool) kmsg.MetadataResponseTopic {
	p.Helper()
	req := at(9, kmsg.NewPtrMetadataRequest())
	req.AllowAutoTopicCreation = create
	req.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	resp := p.ask(id, req).(*kmsg.MetadataResponse)
	p.demand(len(resp.Topics) == 1, "Metadata answered %d topics of 1", len(resp.Topics))
	return resp.Topics[0]
}

// leadersOf lists the leaders by partition, none if one has none.
func leadersOf(t kmsg.MetadataResponseTopic) []kafka.BrokerID {
	leaders := make([]kafka.BrokerID, len(t.Partitions))
	for _, part := range t.Partitions {
		if part.ErrorCode != 0 || int(part.Partition) >= len(leaders) {
			return nil
		}
		leaders[part.Partition] = kafka.BrokerID(part.Leader)
	}
	return leaders
}

// batch is a record batch of values whose times are base, base+10 and so on, in milliseconds.
func batch(base int64, values ...string) []byte {
	var b wire.BatchBuilder
	for i, v := range values {
		b.Append(base+int64(10*i), nil, []byte(v))
	}
	return b.Bytes()
}

func produceRequest(acks int16, tp kafka.TopicPartition, records []byte) *kmsg.ProduceRequest {
	req := at(9, kmsg.NewPtrProduceRequest())
	req.Acks, req.TimeoutMillis = acks, 10000
	req.Topics = []kmsg.ProduceRequestTopic{{Topic: tp.Topic,
		Partitions: []kmsg.ProduceRequestTopicPartition{{Partition: tp.Partition, Records: records}}}}
	return req
}

// put writes records and returns what the broker says of the partition.
func (p *player) put(id kafka.BrokerID, acks int16, tp kafka.TopicPartition, records []byte,
) kmsg.ProduceResponseTopicPartition {
	p.Helper()
	resp := p.ask(id, produceRequest(acks, tp, records)).(*kmsg.ProduceResponse)
	return resp.Topics[0].Partitions[0]
}

// mustPut writes values with acks=all and requires their offset.
func (p *player) mustPut(id kafka.BrokerID, tp kafka.TopicPartition, want int64, values ...string) {
	p.Helper()
	got := p.put(id, -1, tp, batch(p.c.Now().Millis(), values...))
	p.code(got.ErrorCode, wire.None, "produce to "+tp.String())
	p.demand(got.BaseOffset == want, "%s: offset %d, want %d", tp, got.BaseOffset, want)
}

func fetchRequest(tp kafka.TopicPartition, from int64, wait time.Duration) *kmsg.FetchRequest {
	req := at(11, kmsg.NewPtrFetchRequest())
	req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes = -1, int32(wait.Milliseconds()), 1,
		1<<20
	req.SessionEpoch = -1 // none
	addFetch(req, tp, from)
	return req
}

func addFetch(req *kmsg.FetchRequest, tp kafka.TopicPartition, from int64) {
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes = tp.Partition, from, 1<<20
	topic := kmsg.FetchRequestTopic{Topic: tp.Topic}
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
}

// fetchFrom reads a partition once.
func (p *player) fetchFrom(id kafka.BrokerID, tp kafka.TopicPartition, from int64,
	wait time.Duration) kmsg.FetchResponseTopicPartition {
	p.Helper()
	resp := p.ask(id, fetchRequest(tp, from, wait)).(*kmsg.FetchResponse)
	p.code(resp.ErrorCode, wire.None, "fetch")
	return resp.Topics[0].Partitions[0]
}

// reads requires that a partition holds exactly these values from an offset on.
func (p *player) reads(id kafka.BrokerID, tp kafka.TopicPartition, from int64, want ...string) {
	p.Helper()
	part := p.fetchFrom(id, tp, from, 0)
	p.code(part.ErrorCode, wire.None, "fetch "+tp.String())
	got := p.values(part, from)
	p.demand(len(got) == len(want), "%s from %d: %q, want %q", tp, from, got, want)
	for i := range want {
		p.demand(got[i] == want[i], "%s from %d: %q, want %q", tp, from, got, want)
	}
}

// values are the records from an offset on: the first batch may begin before it.
func (p *player) values(part kmsg.FetchResponseTopicPartition, from int64) []string {
	p.Helper()
	var values []string
	for rec, err := range wire.AllRecords(part.RecordBatches) {
		p.demand(err == nil, "a batch that does not parse: %v", err)
		if int64(rec.Offset) >= from {
			values = append(values, string(rec.Value))
		}
	}
	return values
}
