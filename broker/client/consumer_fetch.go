package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// fetchCall is one Fetch and what came of it. It is a poll of the history.
type fetchCall struct {
	op     model.Op
	leader model.BrokerID
	asked  []fetchedPartition
	err    string // the first error
	got    []fetchedPartition
	next   int  // got[:next] is delivered
	told   bool // the operation is complete
}

// fetchedPartition is one partition of a Fetch.
type fetchedPartition struct {
	p    *ownedPartition
	from model.Offset // what was asked for, and after a partial delivery what comes next
	// records from there on, with the epochs up to each end.
	records []model.PolledRecord
	ends    []epochEnd
	lengths []int        // of the values, while they are read
	end     model.Offset // the position when all of it is delivered
}

// epochEnd says that records below the offset, as far as the previous epochEnd, are of the epoch.
type epochEnd struct {
	below model.Offset
	epoch model.Epoch
}

// fetch sends a Fetch to each leader that has none out, for the partitions that it leads and that
// no earlier answer covers.
func (c *Consumer) fetch(now model.Time, out *model.Effects) {
	if len(c.owned) == 0 {
		return
	}
	var calls []*fetchCall
	for i := range c.owned {
		p := c.owned[(c.fetches+i)%len(c.owned)] // begin with another each time: none starves
		if p.state != fetchable || p.inFetch || p.reached {
			continue
		}
		if now < p.retryAt {
			c.alarm.by(out, p.retryAt)
			continue
		}
		known, _, ok := c.meta.leader(p.tp)
		if !ok {
			c.meta.refresh()
			continue
		}
		if slices.Contains(c.fetching, known.leader) {
			continue
		}
		at := slices.IndexFunc(calls, func(call *fetchCall) bool { return call.leader == known.leader })
		if at < 0 {
			at = len(calls)
			calls = append(calls, &fetchCall{leader: known.leader})
		}
		calls[at].asked = append(calls[at].asked, fetchedPartition{p: p, from: p.position})
	}
	slices.SortFunc(calls, func(a, b *fetchCall) int { return int(a.leader - b.leader) })
	for _, call := range calls {
		c.sendFetch(now, out, call)
	}
}

func (c *Consumer) sendFetch(now model.Time, out *model.Effects, call *fetchCall) {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12)
	req.ReplicaID, req.SessionID, req.SessionEpoch = -1, 0, -1
	req.MaxWaitMillis = int32(c.cfg.FetchMaxWait.Milliseconds())
	req.MinBytes, req.MaxBytes = c.cfg.FetchMinBytes, c.cfg.FetchMaxBytes
	for _, a := range call.asked {
		known, _, _ := c.meta.leader(a.p.tp)
		at := slices.IndexFunc(req.Topics, func(t kmsg.FetchRequestTopic) bool {
			return t.Topic == a.p.tp.Topic
		})
		if at < 0 {
			at = len(req.Topics)
			req.Topics = append(req.Topics, kmsg.FetchRequestTopic{Topic: a.p.tp.Topic})
		}
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition, part.FetchOffset, part.LogStartOffset = a.p.tp.Partition, int64(a.from), -1
		part.CurrentLeaderEpoch, part.LastFetchedEpoch = int32(known.epoch), int32(a.p.epoch)
		part.PartitionMaxBytes = c.cfg.MaxPartitionBytes
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, part)
		a.p.inFetch = true
	}
	c.fetches++
	c.fetching = append(c.fetching, call.leader)
	call.op = c.invoke(out, model.Op{
		F: model.FPoll, Value: []model.Mop{{F: model.FPoll}}, Isolation: "read_uncommitted",
	})
	addr, _ := c.meta.address(call.leader)
	c.links.To(addr).Send(now, out, req, c.cfg.RequestTimeout,
		func(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
			c.onFetched(now, out, call, resp, err)
		})
}

func (c *Consumer) onFetched(now model.Time, out *model.Effects, call *fetchCall,
	resp kmsg.Response, err error,
) {
	c.fetching = slices.DeleteFunc(
		c.fetching,
		func(id model.BrokerID) bool { return id == call.leader },
	)
	for i := range call.asked {
		call.asked[i].p.inFetch = false
	}
	if err == nil {
		answer := resp.(*kmsg.FetchResponse)
		if code := wire.Code(answer.ErrorCode); code != wire.None {
			call.fail(code.String())
		}
		c.takeAnswer(now, out, call, answer)
	} else {
		name, _ := transportError(err)
		call.fail(name)
		c.meta.refresh()
		for i := range call.asked {
			c.retryLater(now, call.asked[i].p)
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

// takeAnswer reads the partitions of an answer (Fetch v12, by topic name). Those that moved
// meanwhile are passed over.
func (c *Consumer) takeAnswer(now model.Time, out *model.Effects, call *fetchCall,
	answer *kmsg.FetchResponse,
) {
	for i := range answer.Topics {
		t := &answer.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			tp := model.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			at := slices.IndexFunc(call.asked, func(a fetchedPartition) bool { return a.p.tp == tp })
			if at < 0 {
				continue
			}
			a := call.asked[at]
			if a.p.gone || a.p.state != fetchable || a.p.position != a.from {
				continue
			}
			if code := wire.Code(part.ErrorCode); code != wire.None {
				c.onFetchError(now, out, call, a.p, code)
				continue
			}
			c.takePartition(now, out, call, a, part)
		}
	}
}

// takePartition keeps the records of one partition for delivery.
func (c *Consumer) takePartition(now model.Time, out *model.Effects, call *fetchCall,
	a fetchedPartition, part *kmsg.FetchResponseTopicPartition,
) {
	p := a.p
	if part.DivergingEpoch.EndOffset >= 0 && part.DivergingEpoch.Epoch >= 0 {
		c.onTruncation(out, call, p, part)
		return
	}
	p.failures = 0
	if p.goal == model.NoOffset {
		p.goal = model.Offset(part.HighWatermark)
	}
	if err := a.read(part.RecordBatches); err != nil {
		call.fail(wire.CorruptMessage.String())
		c.retryLater(now, p)
	}
	switch {
	case len(a.records) > 0:
		call.got = append(call.got, a)
	case a.end > a.from:
		p.position = a.end // nothing but batches without records
	}
	c.maybeReached(p)
}

// onTruncation handles the news that the leader's log parts from what was read: records that the
// consumer saw are gone. The position goes back to where the logs part, which needs a reset
// policy; with none the application must decide (KIP-320, LogTruncationException).
func (c *Consumer) onTruncation(out *model.Effects, call *fetchCall, p *ownedPartition,
	part *kmsg.FetchResponseTopicPartition,
) {
	if c.cfg.AutoOffsetReset == resetNone {
		call.fail("LOG_TRUNCATION")
		p.state = stopped
		return
	}
	p.moves++
	p.position = min(p.position, model.Offset(part.DivergingEpoch.EndOffset))
	p.epoch = model.Epoch(part.DivergingEpoch.Epoch)
}

// onFetchError handles the error of one partition (FetchCollector.handleInitializeErrors, 3.9).
func (c *Consumer) onFetchError(now model.Time, out *model.Effects, call *fetchCall,
	p *ownedPartition, code wire.Code,
) {
	switch code {
	case wire.OffsetOutOfRange:
		c.reset(out, p)
	case wire.UnknownLeaderEpoch:
		c.retryLater(now, p) // the broker will hear of its epoch
	default:
		c.meta.refresh()
		c.retryLater(now, p)
	}
	call.fail(code.String())
}

// read decodes the batches from a.from on. What comes before is skipped; a batch cut off at the
// end is left for the next time. Records read before an error stay.
func (a *fetchedPartition) read(data []byte) error {
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
		const control = 1 << 5
		if header.LastOffset() < a.from || header.Attributes&control != 0 {
			a.end = max(a.end, header.LastOffset()+1)
			continue
		}
		for r, err := range wire.Records(batch) {
			if err != nil {
				a.cut(text)
				return err
			}
			if r.Offset < a.from {
				continue
			}
			value := identity(r.Value)
			text = append(text, value...)
			a.records = append(a.records, model.PolledRecord{Offset: r.Offset})
			a.lengths = append(a.lengths, len(value))
		}
		a.end = max(a.end, header.LastOffset()+1)
		a.ends = append(a.ends, epochEnd{header.LastOffset() + 1, header.LeaderEpoch})
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
