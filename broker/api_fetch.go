// Fetch (key 1): v4–v12.
// Does: long poll on MinBytes and MaxWait; epoch fencing (KIP-320); diverging epochs (KIP-595); replica
// fetches that move the leader's high watermark; consumers read up to the high watermark.
// Does not: fetch sessions (every answer has session id 0, which every client accepts), topic ids (v13),
// follower fetching by consumers (KIP-392), read_committed (nothing is transactional yet).
// State: partition.go, isr.go, deadlines in timer.go.   Lessons: replication/*, log/*.

package broker

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// delayedFetch is a Fetch that waits for records.
type delayedFetch struct {
	b    *Broker
	r    *request
	req  *kmsg.FetchRequest
	done bool
}

func (b *Broker) handleFetch(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.FetchRequest)
	d := &delayedFetch{b: b, r: r, req: req}
	// The answer is read before the fetch counts as progress of the follower, so the high watermark that
	// it carries does not know of this fetch yet (Partition.fetchRecords, 3.9).
	resp, ready := b.readFetch(req)
	if req.ReplicaID >= 0 {
		b.noteFollower(now, out, req)
	}
	if ready || req.MaxWaitMillis <= 0 {
		b.reply(now, out, r, resp)
		return
	}
	for i := range req.Topics {
		t := &req.Topics[i]
		for j := range t.Partitions {
			tp := model.TopicPartition{Topic: t.Topic, Partition: t.Partitions[j].Partition}
			p := b.partitions[tp]
			p.fetches = append(p.fetches, d)
		}
	}
	d.tryComplete(now, out) // noteFollower may have let another request append
	if !d.done {
		b.deadlines.add(out, now.Add(time.Duration(req.MaxWaitMillis)*time.Millisecond), d)
	}
}

// noteFollower takes from a replica's fetch how far its logs reach. A fetch that diverges or is fenced
// tells nothing.
func (b *Broker) noteFollower(now model.Time, out *model.Effects, req *kmsg.FetchRequest) {
	for i := range req.Topics {
		t := &req.Topics[i]
		for j := range t.Partitions {
			part := &t.Partitions[j]
			tp := model.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			p, code := b.leading(tp, part.CurrentLeaderEpoch)
			if code != wire.None {
				continue
			}
			from := model.Offset(part.FetchOffset)
			if from < p.log.LogStart() || from > p.log.LogEnd() {
				continue
			}
			if _, agrees := p.divergence(part.LastFetchedEpoch, from); agrees == logsAgree {
				p.onFollowerFetch(now, out, model.BrokerID(req.ReplicaID), from)
			}
		}
	}
}

// readFetch builds the answer as things stand. ready says that it is to be sent at once: it has enough
// bytes, an error, or news of a diverging epoch (ReplicaManager.fetchMessages, 3.9).
func (b *Broker) readFetch(req *kmsg.FetchRequest) (resp *kmsg.FetchResponse, ready bool) {
	resp = kmsg.NewPtrFetchResponse()
	resp.Topics = make([]kmsg.FetchResponseTopic, len(req.Topics))
	budget := min(int(req.MaxBytes), int(b.cfg.FetchMaxBytes))
	got := 0
	parts := 0
	for i := range req.Topics {
		t, rt := &req.Topics[i], &resp.Topics[i]
		rt.Topic = t.Topic
		rt.Partitions = make([]kmsg.FetchResponseTopicPartition, len(t.Partitions))
		for j := range t.Partitions {
			parts++
			part := &rt.Partitions[j]
			part.Default()
			urgent := b.readPartition(req.ReplicaID, t.Topic, &t.Partitions[j], part, budget, got == 0)
			ready = ready || urgent
			got += len(part.RecordBatches)
			budget = max(0, budget-len(part.RecordBatches))
		}
	}
	return resp, ready || parts == 0 || got >= int(req.MinBytes)
}

// readPartition fills in resp for one partition and says whether the client should hear it at once. The
// first batch is returned even when it is larger than the budget, if nothing else was (KIP-74).
func (b *Broker) readPartition(replica int32, topic string, req *kmsg.FetchRequestTopicPartition,
	resp *kmsg.FetchResponseTopicPartition, budget int, first bool,
) (urgent bool) {
	resp.Partition = req.Partition
	resp.HighWatermark, resp.LastStableOffset, resp.LogStartOffset = -1, -1, -1
	resp.RecordBatches = []byte{}
	fail := func(code wire.Code) bool {
		resp.ErrorCode = int16(code)
		return true
	}
	p, code := b.leading(model.TopicPartition{Topic: topic, Partition: req.Partition}, req.CurrentLeaderEpoch)
	if code != wire.None {
		return fail(code)
	}
	if replica >= 0 && p.follower(model.BrokerID(replica)) == nil {
		return fail(wire.UnknownTopicOrPartition)
	}
	from := model.Offset(req.FetchOffset)
	end, agreement := p.divergence(req.LastFetchedEpoch, from)
	switch agreement {
	case logsUnknown:
		return fail(wire.OffsetOutOfRange)
	case logsDiverge:
		resp.DivergingEpoch.Epoch, resp.DivergingEpoch.EndOffset = int32(end.Epoch), int64(end.EndOffset)
		return true
	}
	readable := p.highWatermark
	if replica >= 0 {
		readable = p.log.LogEnd()
	}
	if from < p.log.LogStart() || from > p.log.LogEnd() {
		return fail(wire.OffsetOutOfRange)
	}
	resp.HighWatermark = int64(p.highWatermark)
	resp.LastStableOffset = int64(p.highWatermark)
	resp.LogStartOffset = int64(p.log.LogStart())
	if from >= readable {
		return false
	}
	limit := min(budget, int(req.PartitionMaxBytes))
	data, err := p.log.Read(from, limit, readable, first)
	if err != nil {
		return fail(wire.KafkaStorageError)
	}
	resp.RecordBatches = data
	return false
}

// agreement is what the epochs of two logs tell of them.
type agreement uint8

const (
	logsAgree   agreement = iota // as far as the epochs tell
	logsDiverge                  // the other has records that this one has not
	logsUnknown                  // this log does not know the other's epoch
)

// divergence compares this log with one that ends at from, its last record of epoch last. Where they
// diverge the other must cut back to end and ask again (KIP-595, Partition.readRecords, 3.9).
func (p *Partition) divergence(last int32, from model.Offset) (end epochEnd, a agreement) {
	if last < 0 {
		return epochEnd{}, logsAgree
	}
	end.Epoch, end.EndOffset = p.log.EndOffsetFor(model.Epoch(last))
	switch {
	case end.EndOffset < 0:
		return end, logsUnknown
	case end.Epoch < model.Epoch(last) || end.EndOffset < from:
		return end, logsDiverge
	default:
		return end, logsAgree
	}
}

// epochEnd is the end offset of the largest leader epoch that is not larger than one asked for.
type epochEnd struct {
	Epoch     model.Epoch
	EndOffset model.Offset
}

// tryComplete answers the fetch if it need not wait any longer.
func (d *delayedFetch) tryComplete(now model.Time, out *model.Effects) {
	if d.done {
		return
	}
	if resp, ready := d.b.readFetch(d.req); ready {
		d.answer(now, out, resp)
	}
}

// complete answers the fetch with what there is.
func (d *delayedFetch) complete(now model.Time, out *model.Effects) {
	if d.done {
		return
	}
	resp, _ := d.b.readFetch(d.req)
	d.answer(now, out, resp)
}

// onDeadline implements delayed.
func (d *delayedFetch) onDeadline(now model.Time, out *model.Effects) {
	if d.done {
		return
	}
	for i := range d.req.Topics {
		t := &d.req.Topics[i]
		for j := range t.Partitions {
			tp := model.TopicPartition{Topic: t.Topic, Partition: t.Partitions[j].Partition}
			if p := d.b.partitions[tp]; p != nil {
				p.forgetFetch(d)
			}
		}
	}
	d.complete(now, out)
}

func (d *delayedFetch) answer(now model.Time, out *model.Effects, resp *kmsg.FetchResponse) {
	r := d.r
	d.done, d.r, d.req = true, nil, nil
	d.b.reply(now, out, r, resp)
}

// completeFetches answers the waiting fetches that have enough now. Answering one may bring the next
// request of its connection, so the list is taken first and what still waits is put back.
func (p *Partition) completeFetches(now model.Time, out *model.Effects) {
	if len(p.fetches) == 0 {
		return
	}
	waiting := p.fetches
	p.fetches = nil
	for _, d := range waiting {
		if d.done {
			continue
		}
		d.tryComplete(now, out)
		if !d.done {
			p.fetches = append(p.fetches, d)
		}
	}
}

func (p *Partition) forgetFetch(d *delayedFetch) {
	for i := range p.fetches {
		if p.fetches[i] == d {
			p.fetches = append(p.fetches[:i], p.fetches[i+1:]...)
			return
		}
	}
}
