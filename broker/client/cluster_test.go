package client

import (
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// cluster answers as three brokers would. before, by API key, can answer in its place.
type cluster struct {
	topics     map[string][]*replica
	ids        map[string][16]byte // topic ids; a cluster without them has none
	controller int32
	before     map[int16]func(addr string, req wire.Request) (answer, bool)
	coordinate string // the coordinator's address
	group      fakeGroup
	committed  map[kafka.TopicPartition]int64
	creates    int
	producers  int64 // producer ids given out
}

// replica is a partition with its log.
type replica struct {
	leader  int32
	epoch   int32
	start   int64
	batches [][]byte
	end     int64
	hw      int64 // −1: the end

	producers map[int64]*fakeProducer
}

// fakeProducer is what a leader knows of an idempotent producer: its epoch and the last five
// batches.
type fakeProducer struct {
	epoch   int16
	batches []fakeBatch
}

type fakeBatch struct {
	first, last int32
	base        int64
}

// accept appends a producer's batch by the rules of ProducerAppendInfo (3.9).
func (r *replica) accept(batch []byte) (wire.Code, int64) {
	h, err := wire.ParseBatch(batch)
	if err != nil {
		panic(err)
	}
	if h.ProducerID < 0 {
		return wire.None, r.appendBatch(batch)
	}
	p := r.producers[h.ProducerID]
	if p == nil {
		if r.producers == nil {
			r.producers = map[int64]*fakeProducer{}
		}
		p = &fakeProducer{epoch: h.ProducerEpoch}
		r.producers[h.ProducerID] = p
	}
	last := nextSequence(h.BaseSequence, h.Count-1)
	if h.ProducerEpoch == p.epoch {
		for _, b := range p.batches {
			if b.first == h.BaseSequence && b.last == last {
				return wire.None, b.base
			}
		}
	}
	switch n := len(p.batches); {
	case h.ProducerEpoch < p.epoch:
		return wire.InvalidProducerEpoch, -1
	case h.ProducerEpoch > p.epoch && h.BaseSequence != 0,
		h.ProducerEpoch == p.epoch && n > 0 && h.BaseSequence != nextSequence(p.batches[n-1].last, 1):
		return wire.OutOfOrderSequenceNumber, -1
	case h.ProducerEpoch > p.epoch:
		p.epoch, p.batches = h.ProducerEpoch, nil
	case n == 5:
		p.batches = p.batches[1:]
	}
	base := r.appendBatch(batch)
	p.batches = append(p.batches, fakeBatch{h.BaseSequence, last, base})
	return wire.None, base
}

type fakeGroup struct {
	generation int32
	members    int
	heartbeat  wire.Code
	others     []kmsg.JoinGroupResponseMember // join along with the client
	leader     string                         // "" is the client
	plan       []kmsg.SyncGroupRequestGroupAssignment
	assign     []byte // what Sync answers when the client does not lead
	joinDelay  time.Duration
}

func newCluster() *cluster {
	return &cluster{
		topics: map[string][]*replica{}, controller: 1, coordinate: "broker-3:9092",
		before:    map[int16]func(string, wire.Request) (answer, bool){},
		committed: map[kafka.TopicPartition]int64{},
	}
}

// topic adds a topic whose partitions are led by the brokers in turn.
func (c *cluster) topic(name string, partitions int) []*replica {
	for i := range partitions {
		c.topics[name] = append(c.topics[name], &replica{leader: int32(i%3 + 1), epoch: 1, hw: -1})
	}
	return c.topics[name]
}

func (c *cluster) replica(topic string, partition int32) *replica {
	if list := c.topics[topic]; int(partition) < len(list) {
		return list[partition]
	}
	return nil
}

// append adds a batch of values.
func (r *replica) append(values ...string) {
	var b wire.BatchBuilder
	for _, v := range values {
		b.Append(0, nil, []byte(v))
	}
	r.appendBatch(b.Bytes())
}

func (r *replica) appendBatch(batch []byte) int64 {
	batch = slices.Clone(batch)
	h, err := wire.ParseBatch(batch)
	if err != nil {
		panic(err)
	}
	wire.SetBaseOffset(batch, kafka.Offset(r.end))
	wire.SetLeaderEpoch(batch, kafka.Epoch(r.epoch))
	r.batches = append(r.batches, batch)
	r.end += int64(h.Count)
	return r.end - int64(h.Count)
}

// values is the log.
func (r *replica) values() []string {
	var list []string
	for _, b := range r.batches {
		for rec, err := range wire.AllRecords(b) {
			if err != nil {
				panic(err)
			}
			list = append(list, string(identity(rec.Value)))
		}
	}
	return list
}

func (c *cluster) handle(w *world, addr string, req wire.Request) answer {
	if f := c.before[req.Key]; f != nil {
		if a, done := f(addr, req); done {
			return a
		}
	}
	switch body := req.Body.(type) {
	case *kmsg.ApiVersionsRequest:
		resp := kmsg.NewPtrApiVersionsResponse()
		for key := range int16(62) {
			if kmsg.RequestForKey(key) != nil {
				r, _ := everything(key)
				resp.ApiKeys = append(resp.ApiKeys, kmsg.ApiVersionsResponseApiKey{
					ApiKey: key, MinVersion: r.Min, MaxVersion: r.Max,
				})
			}
		}
		return reply(resp)
	case *kmsg.MetadataRequest:
		return reply(c.metadata(body))
	case *kmsg.ProduceRequest:
		return c.produce(addr, body)
	case *kmsg.FetchRequest:
		return c.fetch(addr, body)
	case *kmsg.OffsetForLeaderEpochRequest:
		return reply(c.epochEnds(addr, body))
	case *kmsg.ListOffsetsRequest:
		return reply(c.listOffsets(addr, body))
	case *kmsg.InitProducerIDRequest:
		resp := kmsg.NewPtrInitProducerIDResponse()
		resp.ProducerID, resp.ProducerEpoch = c.producers, 0
		c.producers++
		return reply(resp)
	case *kmsg.CreateTopicsRequest:
		c.creates++
		resp := kmsg.NewPtrCreateTopicsResponse()
		t := kmsg.NewCreateTopicsResponseTopic()
		t.Topic = body.Topics[0].Topic
		if fmt.Sprintf("broker-%d:9092", c.controller) != addr {
			t.ErrorCode = int16(wire.NotController)
		} else if c.topics[t.Topic] != nil {
			t.ErrorCode = int16(wire.TopicAlreadyExists)
		} else {
			c.topic(t.Topic, max(1, int(body.Topics[0].NumPartitions)))
		}
		resp.Topics = append(resp.Topics, t)
		return reply(resp)
	case *kmsg.DeleteTopicsRequest:
		resp := kmsg.NewPtrDeleteTopicsResponse()
		t := kmsg.NewDeleteTopicsResponseTopic()
		t.Topic = body.Topics[0].Topic
		if c.topics[*t.Topic] == nil {
			t.ErrorCode = int16(wire.UnknownTopicOrPartition)
		}
		delete(c.topics, *t.Topic)
		resp.Topics = append(resp.Topics, t)
		return reply(resp)
	default:
		return c.handleGroup(addr, req.Body)
	}
}

func (c *cluster) metadata(req *kmsg.MetadataRequest) kmsg.Response {
	resp := kmsg.NewPtrMetadataResponse()
	resp.ControllerID = c.controller
	for id := range int32(3) {
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = id+1, fmt.Sprintf("broker-%d", id+1), 9092
		resp.Brokers = append(resp.Brokers, b)
	}
	for i := range req.Topics {
		t := kmsg.NewMetadataResponseTopic()
		t.Topic = req.Topics[i].Topic
		t.TopicID = c.ids[*t.Topic]
		list, ok := c.topics[*t.Topic]
		if !ok {
			t.ErrorCode = int16(wire.UnknownTopicOrPartition)
		}
		for n, r := range list {
			p := kmsg.NewMetadataResponseTopicPartition()
			p.Partition, p.Leader, p.LeaderEpoch = int32(n), r.leader, r.epoch
			t.Partitions = append(t.Partitions, p)
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}

// fences is leads for a request that tells which epoch it takes the leader to be in.
func (c *cluster) fences(addr string, r *replica, epoch int32) wire.Code {
	code := c.leads(addr, r)
	switch {
	case code == wire.None && epoch >= 0 && epoch < r.epoch:
		return wire.FencedLeaderEpoch
	case code == wire.None && epoch > r.epoch:
		return wire.UnknownLeaderEpoch
	}
	return code
}

func (c *cluster) leads(addr string, r *replica) wire.Code {
	switch {
	case r == nil:
		return wire.UnknownTopicOrPartition
	case fmt.Sprintf("broker-%d:9092", r.leader) != addr:
		return wire.NotLeaderOrFollower
	default:
		return wire.None
	}
}

func (c *cluster) produce(addr string, req *kmsg.ProduceRequest) answer {
	resp := produceReply(
		req,
		func(topic string, p kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
			r := c.replica(topic, p.Partition)
			if code := c.leads(addr, r); code != wire.None {
				return code, -1
			}
			return r.accept(p.Records)
		},
	)
	a := reply(resp)
	a.drop = req.Acks == 0
	return a
}

func produceReply(req *kmsg.ProduceRequest,
	each func(topic string, p kmsg.ProduceRequestTopicPartition) (wire.Code, int64),
) *kmsg.ProduceResponse {
	resp := kmsg.NewPtrProduceResponse()
	for _, t := range req.Topics {
		rt := kmsg.NewProduceResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewProduceResponseTopicPartition()
			code, base := each(t.Topic, p)
			rp.Partition, rp.ErrorCode, rp.BaseOffset = p.Partition, int16(code), base
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

// fetch answers at once when there is something, and otherwise with what there is after the wait.
func (c *cluster) fetch(addr string, req *kmsg.FetchRequest) answer {
	read := func() (kmsg.Response, bool) {
		resp := kmsg.NewPtrFetchResponse()
		ready := false
		for _, t := range req.Topics {
			rt := kmsg.NewFetchResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for name, id := range c.ids {
				if id == t.TopicID {
					t.Topic = name
				}
			}
			for _, p := range t.Partitions {
				rp := kmsg.NewFetchResponseTopicPartition()
				rp.Partition, rp.RecordBatches = p.Partition, []byte{}
				r := c.replica(t.Topic, p.Partition)
				code := c.fences(addr, r, p.CurrentLeaderEpoch)
				if t.Topic == "" {
					code = wire.UnknownTopicID
				}
				if code == wire.None {
					rp.HighWatermark = r.end
					if r.hw >= 0 {
						rp.HighWatermark = r.hw
					}
					if p.FetchOffset < r.start || p.FetchOffset > r.end {
						code = wire.OffsetOutOfRange
					}
				}
				rp.ErrorCode = int16(code)
				if code == wire.None {
					for _, b := range r.batches {
						h, _ := wire.ParseBatch(b)
						if int64(h.LastOffset()) >= p.FetchOffset && int64(h.LastOffset()) < rp.HighWatermark {
							rp.RecordBatches = append(rp.RecordBatches, b...)
						}
					}
				}
				ready = ready || code != wire.None || len(rp.RecordBatches) > 0
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, ready
	}
	resp, ready := read()
	if ready {
		return reply(resp)
	}
	return answer{
		resp:  func() kmsg.Response { resp, _ := read(); return resp },
		delay: time.Duration(req.MaxWaitMillis) * time.Millisecond,
	}
}

func (c *cluster) listOffsets(addr string, req *kmsg.ListOffsetsRequest) kmsg.Response {
	resp := kmsg.NewPtrListOffsetsResponse()
	for _, t := range req.Topics {
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition = p.Partition
			r := c.replica(t.Topic, p.Partition)
			rp.ErrorCode = int16(c.leads(addr, r))
			if rp.ErrorCode == 0 {
				rp.Offset = r.end
				if p.Timestamp == -2 {
					rp.Offset = r.start
				}
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

// epochEnds answers as LeaderEpochFileCache.endOffsetFor (3.9) does.
func (c *cluster) epochEnds(addr string, req *kmsg.OffsetForLeaderEpochRequest) kmsg.Response {
	resp := kmsg.NewPtrOffsetForLeaderEpochResponse()
	for _, t := range req.Topics {
		rt := kmsg.NewOffsetForLeaderEpochResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			rp.Partition, rp.LeaderEpoch, rp.EndOffset = p.Partition, -1, -1
			r := c.replica(t.Topic, p.Partition)
			code := c.fences(addr, r, p.CurrentLeaderEpoch)
			rp.ErrorCode = int16(code)
			if code == wire.None {
				rp.LeaderEpoch, rp.EndOffset = r.endOf(p.LeaderEpoch)
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp
}

func (r *replica) endOf(epoch int32) (int32, int64) {
	if epoch > r.epoch {
		return -1, -1
	}
	found := epoch // if no batch is so old
	for _, b := range r.batches {
		h, _ := wire.ParseBatch(b)
		if int32(h.LeaderEpoch) > epoch {
			return found, int64(h.BaseOffset)
		}
		found = int32(h.LeaderEpoch)
	}
	return found, r.end // where the leader's own epoch begins
}

func (c *cluster) handleGroup(addr string, req kmsg.Request) answer {
	g := &c.group
	switch req := req.(type) {
	case *kmsg.FindCoordinatorRequest:
		resp := kmsg.NewPtrFindCoordinatorResponse()
		for _, key := range req.CoordinatorKeys {
			fc := kmsg.NewFindCoordinatorResponseCoordinator()
			fc.Key, fc.Port = key, 9092
			fc.Host = c.coordinate[:len("broker-n")]
			resp.Coordinators = append(resp.Coordinators, fc)
		}
		return reply(resp)
	case *kmsg.JoinGroupRequest:
		resp := kmsg.NewPtrJoinGroupResponse()
		if addr != c.coordinate {
			resp.ErrorCode = int16(wire.NotCoordinator)
		} else if req.MemberID == "" {
			g.members++
			resp.ErrorCode, resp.MemberID = int16(wire.MemberIDRequired), fmt.Sprintf("member-%d", g.members)
		} else {
			g.generation++
			g.heartbeat = wire.None
			resp.Generation, resp.MemberID, resp.LeaderID = g.generation, req.MemberID, g.leader
			resp.Protocol, resp.ProtocolType = &req.Protocols[0].Name, &req.ProtocolType
			if g.leader == "" {
				resp.LeaderID = req.MemberID
				me := kmsg.NewJoinGroupResponseMember()
				me.MemberID, me.ProtocolMetadata = req.MemberID, req.Protocols[0].Metadata
				resp.Members = append(slices.Clone(g.others), me)
			}
		}
		a := reply(resp)
		a.delay = g.joinDelay
		return a
	case *kmsg.SyncGroupRequest:
		resp := kmsg.NewPtrSyncGroupResponse()
		resp.MemberAssignment = g.assign
		if len(req.GroupAssignment) > 0 {
			g.plan = req.GroupAssignment
		}
		for _, share := range req.GroupAssignment {
			if share.MemberID == req.MemberID {
				resp.MemberAssignment = share.MemberAssignment
			}
		}
		return reply(resp)
	case *kmsg.HeartbeatRequest:
		resp := kmsg.NewPtrHeartbeatResponse()
		resp.ErrorCode = int16(g.heartbeat)
		return reply(resp)
	case *kmsg.LeaveGroupRequest:
		return reply(kmsg.NewPtrLeaveGroupResponse())
	case *kmsg.OffsetCommitRequest:
		resp := kmsg.NewPtrOffsetCommitResponse()
		for _, t := range req.Topics {
			rt := kmsg.NewOffsetCommitResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				c.committed[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = p.Offset
				rt.Partitions =
					append(rt.Partitions, kmsg.OffsetCommitResponseTopicPartition{Partition: p.Partition})
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return reply(resp)
	case *kmsg.OffsetFetchRequest:
		resp := kmsg.NewPtrOffsetFetchResponse()
		rg := kmsg.NewOffsetFetchResponseGroup()
		if req.Groups[0].Topics == nil {
			req.Groups[0].Topics = c.everyCommitted()
		}
		for _, t := range req.Groups[0].Topics {
			rt := kmsg.NewOffsetFetchResponseGroupTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetFetchResponseGroupTopicPartition()
				rp.Partition, rp.Offset, rp.LeaderEpoch = p, -1, -1
				if o, ok := c.committed[kafka.TopicPartition{Topic: t.Topic, Partition: p}]; ok {
					rp.Offset = o
				}
				rt.Partitions = append(rt.Partitions, rp)
			}
			rg.Topics = append(rg.Topics, rt)
		}
		resp.Groups = append(resp.Groups, rg)
		return reply(resp)
	default:
		panic(fmt.Sprintf("the cluster knows no %T", req))
	}
}

// everyCommitted asks for all that was committed, in no order.
func (c *cluster) everyCommitted() []kmsg.OffsetFetchRequestGroupTopic {
	var topics []kmsg.OffsetFetchRequestGroupTopic
	for tp := range c.committed {
		t := kmsg.NewOffsetFetchRequestGroupTopic()
		t.Topic, t.Partitions = tp.Topic, []int32{tp.Partition}
		topics = append(topics, t)
	}
	return topics
}
