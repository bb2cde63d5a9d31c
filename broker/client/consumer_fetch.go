package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fetcher reads the records of the partitions whose positions are known, and keeps them until they
// are delivered (Fetcher, 3.9).
type fetcher struct {
	cfg          *ConsumerConfig
	links        *wire.Links
	meta         *clusterMetadata
	alarm        *alarm
	backoff      retryBackoff
	subscription *subscriptionState
	history      *consumerHistory
	processing   *processing

	fetching []kafka.BrokerID // brokers with a Fetch out
	fetches  int              // requests so far
	calls    []*fetchCall     // memory for those that are about to be sent
	buffered []*fetchCall     // answers with records that were not delivered yet, oldest first
	stopped  bool             // nothing is delivered again
}

// fetchCall is one Fetch and what came of it. It is a poll of the history.
type fetchCall struct {
	op     kafka.Op
	broker kafka.BrokerID
	asked  []fetchedPartition
	err    string // the first error
	got    []fetchedPartition
	next   int  // got[:next] is delivered
	done   bool // the operation is complete

	// Memory for what most requests are: one partition of one topic.
	req       kmsg.FetchRequest
	topic     [1]kmsg.FetchRequestTopic
	partition [1]kmsg.FetchRequestTopicPartition
	one, came [1]fetchedPartition
}

func newFetchCall(broker kafka.BrokerID) *fetchCall {
	call := &fetchCall{broker: broker}
	call.asked, call.got = call.one[:0], call.came[:0]
	return call
}

// run sends a Fetch to each broker that has none out, for the partitions that are to be read
// there and that no earlier answer covers.
func (f *fetcher) run(out *model.Effects) {
	owned := f.subscription.owned
	if len(owned) == 0 {
		return
	}
	calls := f.calls[:0]
	for i := range owned {
		p := owned[(f.fetches+i)%len(owned)] // begin with another each time: none starves
		if p.state != fetchable || p.inFetch || p.reached || p.paused {
			continue
		}
		if out.Now < p.retryAt {
			f.alarm.by(out, p.retryAt)
			continue
		}
		broker, ok := f.readReplica(out.Now, p)
		if !ok {
			f.meta.refresh()
			continue
		}
		if slices.Contains(f.fetching, broker) {
			continue
		}
		at := slices.IndexFunc(calls, func(call *fetchCall) bool { return call.broker == broker })
		if at < 0 {
			at = len(calls)
			calls = append(calls, newFetchCall(broker))
		}
		calls[at].asked = append(calls[at].asked, fetchedPartition{p: p, from: p.position})
	}
	slices.SortFunc(calls, func(a, b *fetchCall) int { return int(a.broker - b.broker) })
	for _, call := range calls {
		f.send(out, call)
	}
	clear(calls)
	f.calls = calls[:0]
}

// readReplica is where to read p: at the follower that the leader named, while that holds and the
// follower is there, otherwise at the leader (AbstractFetch.selectReadReplica, 3.9).
func (f *fetcher) readReplica(now model.Time, p *ownedPartition) (kafka.BrokerID, bool) {
	known, _, ok := f.meta.leader(p.tp)
	if !ok || p.preferred == kafka.NoBroker {
		return known.leader, ok
	}
	if _, there := f.meta.address(p.preferred); !there {
		f.meta.refresh()
		p.preferred = kafka.NoBroker
	}
	if p.preferred == kafka.NoBroker || now > p.preferredUntil {
		p.preferred = kafka.NoBroker
		return known.leader, true
	}
	return p.preferred, true
}

func (f *fetcher) send(out *model.Effects, call *fetchCall) {
	req := &call.req
	req.Default()
	req.SetVersion(13)
	req.Topics = call.topic[:0]
	req.ReplicaID, req.SessionID, req.SessionEpoch = -1, 0, -1
	req.MaxWaitMillis = int32(f.cfg.FetchMaxWait.Milliseconds())
	req.MinBytes, req.MaxBytes = f.cfg.FetchMinBytes, f.cfg.FetchMaxBytes
	req.Rack = f.cfg.Rack
	var topics map[string]int // where in the request, behind the first
	for _, a := range call.asked {
		known, _, _ := f.meta.leader(a.p.tp)
		at, asked := topics[a.p.tp.Topic]
		if len(req.Topics) > 0 && req.Topics[0].Topic == a.p.tp.Topic {
			at, asked = 0, true
		}
		if !asked {
			if at = len(req.Topics); at == 1 {
				topics = map[string]int{}
			}
			if at > 0 {
				topics[a.p.tp.Topic] = at
			}
			id := f.meta.track(a.p.tp.Topic).id
			if id == ([16]byte{}) {
				req.SetVersion(12) // topics go by their names, as to a broker that knows no ids
			}
			req.Topics = append(req.Topics, kmsg.FetchRequestTopic{Topic: a.p.tp.Topic, TopicID: id})
			if at == 0 {
				req.Topics[0].Partitions = call.partition[:0]
			}
		}
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition, part.FetchOffset, part.LogStartOffset = a.p.tp.Partition, int64(a.from), -1
		// Followers send the epoch of what they fetched last; Kafka's consumer does not (3.9).
		part.CurrentLeaderEpoch, part.LastFetchedEpoch = f.cfg.currentEpoch(known), -1
		part.PartitionMaxBytes = f.cfg.MaxPartitionBytes
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, part)
		a.p.inFetch = true
	}
	f.fetches++
	f.fetching = append(f.fetching, call.broker)
	call.op = f.history.invokePoll(out)
	addr, _ := f.meta.address(call.broker)
	f.links.To(addr).Send(out, req, f.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			f.onFetched(out, call, resp, err)
		})
}

func (f *fetcher) onFetched(out *model.Effects, call *fetchCall,
	resp kmsg.Response, err error,
) {
	f.fetching = slices.DeleteFunc(
		f.fetching,
		func(id kafka.BrokerID) bool { return id == call.broker },
	)
	for i := range call.asked {
		call.asked[i].p.inFetch = false
	}
	if err == nil {
		answer := resp.(*kmsg.FetchResponse)
		if code := wire.Code(answer.ErrorCode); code != wire.None {
			call.fail(code.String())
		}
		f.readAnswer(out, call, answer)
	} else {
		name, _ := transportError(err)
		call.fail(name)
		f.meta.refresh()
		for i := range call.asked {
			call.asked[i].p.preferred = kafka.NoBroker
			call.asked[i].p.retryLater(out.Now, f.backoff)
		}
	}
	if len(call.got) == 0 || f.stopped {
		f.finishPoll(out, call, nil)
		return
	}
	for i := range call.got {
		call.got[i].p.inFetch = true // until it is delivered
	}
	f.buffered = append(f.buffered, call)
}

func (call *fetchCall) fail(name string) {
	if call.err == "" {
		call.err = name
	}
}

// readAnswer reads the partitions of an answer, by topic id from Fetch v13 on. Those that moved
// meanwhile are skipped.
func (f *fetcher) readAnswer(out *model.Effects, call *fetchCall,
	answer *kmsg.FetchResponse,
) {
	empty := empty(answer)
	next := 0
	for i := range answer.Topics {
		t := &answer.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			at, asked := f.find(call.asked, next, t, part.Partition)
			if !asked {
				continue
			}
			next = at + 1
			a := call.asked[at]
			if a.p.dropped || a.p.state != fetchable || a.p.position != a.from {
				continue
			}
			if code := wire.Code(part.ErrorCode); code != wire.None {
				f.onPartitionError(out, call, a.p, code)
				continue
			}
			f.readPartition(out.Now, call, a, part)
			if empty && part.PreferredReadReplica < 0 && a.p.goal != kafka.NoOffset {
				// All of the log from the position on was compacted away.
				a.p.reached = f.cfg.FinalRead
				f.processing.notifyEnd(a.p)
			}
		}
	}
}

// find is where partition of the topic t is among asked. It looks from next on and then from the
// beginning: answers come in the order of their requests, so that each is found at once however
// many there are.
func (f *fetcher) find(asked []fetchedPartition, next int,
	t *kmsg.FetchResponseTopic, partition int32,
) (at int, ok bool) {
	for i := range asked {
		at := (next + i) % len(asked)
		if tp := asked[at].p.tp; tp.Partition == partition && f.names(t, tp.Topic) {
			return at, true
		}
	}
	return 0, false
}

// names reports whether t of an answer is the topic.
func (f *fetcher) names(t *kmsg.FetchResponseTopic, topic string) bool {
	if t.TopicID == ([16]byte{}) {
		return t.Topic == topic
	}
	return t.TopicID == f.meta.track(topic).id
}

// empty reports whether the answer has no records at all: then there are none for any partition in
// it.
func empty(answer *kmsg.FetchResponse) bool {
	for i := range answer.Topics {
		for j := range answer.Topics[i].Partitions {
			if len(answer.Topics[i].Partitions[j].RecordBatches) > 0 {
				return false
			}
		}
	}
	return true
}

// readPartition keeps the records of one partition for delivery.
func (f *fetcher) readPartition(now model.Time, call *fetchCall, a fetchedPartition,
	part *kmsg.FetchResponseTopicPartition,
) {
	p := a.p
	p.failures = 0
	if to := kafka.BrokerID(part.PreferredReadReplica); to >= 0 && to != p.preferred {
		p.preferred, p.preferredUntil = to, now.Add(f.cfg.MetadataMaxAge)
	}
	if p.goal == kafka.NoOffset {
		p.goal = kafka.Offset(part.HighWatermark)
	}
	p.highWatermark = kafka.Offset(part.HighWatermark)
	if err := a.read(part.RecordBatches, f.cfg.Application != nil); err != nil {
		call.fail(wire.CorruptMessage.String())
		p.retryLater(now, f.backoff)
	}
	switch {
	case len(a.records) > 0:
		call.got = append(call.got, a)
	case a.end > a.from:
		p.position = a.end // nothing but batches without records
		p.epoch = a.ends[len(a.ends)-1].epoch
	}
	f.maybeReached(p)
}

// onPartitionError handles the error of one partition (FetchCollector.handleInitializeErrors, 3.9).
func (f *fetcher) onPartitionError(out *model.Effects, call *fetchCall,
	p *ownedPartition, code wire.Code,
) {
	switch {
	case code == wire.OffsetOutOfRange && p.preferred != kafka.NoBroker:
		p.preferred = kafka.NoBroker // a follower that is behind; the leader knows better
		return
	case code == wire.OffsetOutOfRange:
		f.subscription.reset(out, p, offsetOutOfRange)
	case code == wire.UnknownLeaderEpoch:
		p.retryLater(out.Now, f.backoff) // the broker will hear of its epoch
	default:
		p.preferred = kafka.NoBroker
		f.meta.refresh()
		p.retryLater(out.Now, f.backoff)
	}
	call.fail(code.String())
}
