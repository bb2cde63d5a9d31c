package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fetchCall is one Fetch and what came of it. It is a poll of the history.
type fetchCall struct {
	op     kafka.Op
	broker kafka.BrokerID
	asked  []fetchedPartition
	err    string // the first error
	got    []fetchedPartition
	next   int  // got[:next] is delivered
	told   bool // the operation is complete
}

// fetchedPartition is one partition of a Fetch.
type fetchedPartition struct {
	p    *ownedPartition
	from kafka.Offset // what was asked for, and after a partial delivery what comes next
	// records from there on, with the epochs up to each end.
	records []kafka.PolledRecord
	whole   []wire.Record // by entry of records, when there is an application to take them
	ends    []epochEnd
	lengths []int        // of the values, while they are read
	end     kafka.Offset // the position when all of it is delivered
}

// epochEnd says that records below the offset, as far as the previous epochEnd, are of the epoch.
type epochEnd struct {
	below kafka.Offset
	epoch kafka.Epoch
}

// fetch sends a Fetch to each broker that has none out, for the partitions that are to be read
// there and that no earlier answer covers.
func (c *Consumer) fetch(out *model.Effects) {
	if len(c.owned) == 0 {
		return
	}
	var calls []*fetchCall
	for i := range c.owned {
		p := c.owned[(c.fetches+i)%len(c.owned)] // begin with another each time: none starves
		if p.state != fetchable || p.inFetch || p.reached {
			continue
		}
		if out.Now < p.retryAt {
			c.alarm.by(out, p.retryAt)
			continue
		}
		broker, ok := c.readReplica(out.Now, p)
		if !ok {
			c.meta.refresh()
			continue
		}
		if slices.Contains(c.fetching, broker) {
			continue
		}
		at := slices.IndexFunc(calls, func(call *fetchCall) bool { return call.broker == broker })
		if at < 0 {
			at = len(calls)
			calls = append(calls, &fetchCall{broker: broker})
		}
		calls[at].asked = append(calls[at].asked, fetchedPartition{p: p, from: p.position})
	}
	slices.SortFunc(calls, func(a, b *fetchCall) int { return int(a.broker - b.broker) })
	for _, call := range calls {
		c.sendFetch(out, call)
	}
}

// readReplica is where to read p: at the follower that the leader named, while that holds and the
// follower is there, otherwise at the leader (AbstractFetch.selectReadReplica, 3.9).
func (c *Consumer) readReplica(now model.Time, p *ownedPartition) (kafka.BrokerID, bool) {
	known, _, ok := c.meta.leader(p.tp)
	if !ok || p.preferred == kafka.NoBroker {
		return known.leader, ok
	}
	if _, there := c.meta.address(p.preferred); !there {
		c.meta.refresh()
		p.preferred = kafka.NoBroker
	}
	if p.preferred == kafka.NoBroker || now > p.preferredUntil {
		p.preferred = kafka.NoBroker
		return known.leader, true
	}
	return p.preferred, true
}

func (c *Consumer) sendFetch(out *model.Effects, call *fetchCall) {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(13)
	req.ReplicaID, req.SessionID, req.SessionEpoch = -1, 0, -1
	req.MaxWaitMillis = int32(c.cfg.FetchMaxWait.Milliseconds())
	req.MinBytes, req.MaxBytes = c.cfg.FetchMinBytes, c.cfg.FetchMaxBytes
	req.Rack = c.cfg.Rack
	for _, a := range call.asked {
		known, _, _ := c.meta.leader(a.p.tp)
		at := slices.IndexFunc(req.Topics, func(t kmsg.FetchRequestTopic) bool {
			return t.Topic == a.p.tp.Topic
		})
		if at < 0 {
			at = len(req.Topics)
			id := c.meta.want(a.p.tp.Topic).id
			if id == ([16]byte{}) {
				req.SetVersion(12) // topics go by their names, as to a broker that knows no ids
			}
			req.Topics = append(req.Topics, kmsg.FetchRequestTopic{Topic: a.p.tp.Topic, TopicID: id})
		}
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition, part.FetchOffset, part.LogStartOffset = a.p.tp.Partition, int64(a.from), -1
		// Followers send the epoch of what they fetched last; Kafka's consumer does not (3.9).
		part.CurrentLeaderEpoch, part.LastFetchedEpoch = c.leaderEpoch(known), -1
		part.PartitionMaxBytes = c.cfg.MaxPartitionBytes
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, part)
		a.p.inFetch = true
	}
	c.fetches++
	c.fetching = append(c.fetching, call.broker)
	call.op = c.invoke(out, kafka.Op{
		F: kafka.FPoll, Value: []kafka.Mop{{F: kafka.FPoll}}, Isolation: "read_uncommitted",
	})
	addr, _ := c.meta.address(call.broker)
	c.links.To(addr).Send(out, req, c.cfg.RequestTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			c.onFetched(out, call, resp, err)
		})
}

func (c *Consumer) onFetched(out *model.Effects, call *fetchCall,
	resp kmsg.Response, err error,
) {
	c.fetching = slices.DeleteFunc(
		c.fetching,
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
		c.takeAnswer(out, call, answer)
	} else {
		name, _ := transportError(err)
		call.fail(name)
		c.meta.refresh()
		for i := range call.asked {
			call.asked[i].p.preferred = kafka.NoBroker
			c.retryLater(out.Now, call.asked[i].p)
		}
	}
	if len(call.got) == 0 || c.closing == consumerClosed || c.failed != wire.None {
		c.finishPoll(out, call, nil)
		return
	}
	for i := range call.got {
		call.got[i].p.inFetch = true // until it is delivered
	}
	c.buffered = append(c.buffered, call)
}

func (call *fetchCall) fail(name string) {
	if call.err == "" {
		call.err = name
	}
}

// takeAnswer reads the partitions of an answer, by topic id from Fetch v13 on. Those that moved
// meanwhile are passed over.
func (c *Consumer) takeAnswer(out *model.Effects, call *fetchCall,
	answer *kmsg.FetchResponse,
) {
	empty := empty(answer)
	for i := range answer.Topics {
		t := &answer.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			at := slices.IndexFunc(call.asked, func(a fetchedPartition) bool {
				return a.p.tp.Partition == part.Partition && c.names(t, a.p.tp.Topic)
			})
			if at < 0 {
				continue
			}
			a := call.asked[at]
			if a.p.gone || a.p.state != fetchable || a.p.position != a.from {
				continue
			}
			if code := wire.Code(part.ErrorCode); code != wire.None {
				c.onFetchError(out, call, a.p, code)
				continue
			}
			c.takePartition(out.Now, call, a, part)
			if empty && part.PreferredReadReplica < 0 && a.p.goal != kafka.NoOffset {
				// All of the log from the position on was compacted away.
				a.p.reached = c.cfg.FinalRead
				c.tellEnd(a.p)
			}
		}
	}
}

// names tells whether t of an answer is the topic.
func (c *Consumer) names(t *kmsg.FetchResponseTopic, topic string) bool {
	if t.TopicID == ([16]byte{}) {
		return t.Topic == topic
	}
	return t.TopicID == c.meta.want(topic).id
}

// empty tells whether the answer has no records at all: then there are none for any partition in
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

// takePartition keeps the records of one partition for delivery.
func (c *Consumer) takePartition(now model.Time, call *fetchCall, a fetchedPartition,
	part *kmsg.FetchResponseTopicPartition,
) {
	p := a.p
	p.failures = 0
	if to := kafka.BrokerID(part.PreferredReadReplica); to >= 0 && to != p.preferred {
		p.preferred, p.preferredUntil = to, now.Add(c.cfg.MetadataMaxAge)
	}
	if p.goal == kafka.NoOffset {
		p.goal = kafka.Offset(part.HighWatermark)
	}
	p.highWatermark = kafka.Offset(part.HighWatermark)
	if err := a.read(part.RecordBatches, c.cfg.Application != nil); err != nil {
		call.fail(wire.CorruptMessage.String())
		c.retryLater(now, p)
	}
	switch {
	case len(a.records) > 0:
		call.got = append(call.got, a)
	case a.end > a.from:
		p.position = a.end // nothing but batches without records
		p.epoch = a.ends[len(a.ends)-1].epoch
	}
	c.maybeReached(p)
}

// onFetchError handles the error of one partition (FetchCollector.handleInitializeErrors, 3.9).
func (c *Consumer) onFetchError(out *model.Effects, call *fetchCall,
	p *ownedPartition, code wire.Code,
) {
	switch {
	case code == wire.OffsetOutOfRange && p.preferred != kafka.NoBroker:
		p.preferred = kafka.NoBroker // a follower that is behind; the leader knows better
		return
	case code == wire.OffsetOutOfRange:
		c.reset(out, p, offsetOutOfRange)
	case code == wire.UnknownLeaderEpoch:
		c.retryLater(out.Now, p) // the broker will hear of its epoch
	default:
		p.preferred = kafka.NoBroker
		c.meta.refresh()
		c.retryLater(out.Now, p)
	}
	call.fail(code.String())
}

// read decodes the batches from a.from on, with whole records for an application or only what the
// history needs of them. What comes before is skipped; a batch cut off at the end is left for the
// next time. Records read before an error stay.
func (a *fetchedPartition) read(data []byte, whole bool) error {
	a.end = a.from
	var text []byte
	for batch, err := range wire.Batches(data) {
		if err != nil {
			a.cut(text)
			return err
		}
		if err := wire.ValidateBatch(batch); err != nil {
			a.cut(text)
			return err
		}
		header, _, _ := wire.ParseBatch(batch)
		if header.LastOffset() < a.from {
			continue
		}
		for r, err := range wire.Records(batch) {
			if err != nil {
				a.cut(text)
				return err
			}
			if r.Offset < a.from || header.Control() {
				continue
			}
			a.records = append(a.records, kafka.PolledRecord{Offset: r.Offset})
			if whole {
				a.whole = append(a.whole, r)
				continue
			}
			value := identity(r.Value)
			text = append(text, value...)
			a.lengths = append(a.lengths, len(value))
		}
		a.end = header.LastOffset() + 1 // also when compaction took the last records
		a.ends = append(a.ends, epochEnd{a.end, header.LeaderEpoch})
	}
	a.cut(text)
	return nil
}

// cut gives the records their values, which lie one after the other in text: one string for all.
func (a *fetchedPartition) cut(text []byte) {
	all := string(text)
	for i, n := range a.lengths {
		a.records[i].Value, all = all[:n], all[n:]
	}
	a.lengths = nil
	if n := len(a.records); n > 0 {
		a.end = max(a.end, a.records[n-1].Offset+1)
	}
}
