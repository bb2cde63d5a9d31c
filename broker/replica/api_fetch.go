// Fetch (key 1): v0–v17.
// Does: long poll on MinBytes and MaxWait; sessions (KIP-227); epoch fencing (KIP-320); diverging
// epochs (KIP-595); topic ids (KIP-516); consumers on followers, the nearest first (KIP-392);
// replica fetches that move the leader's high watermark; consumers read up to it; record batches
// become message sets of magic 0 or 1 (v0–v3); says who leads instead (v16, KIP-951). Does not:
// read_committed (nothing is transactional yet); cut a batch in two where it is larger than a limit
// (v0–v2); compare the broker epochs of replicas (v15, KIP-903); the directory ids of replicas
// (v17, KIP-853), which are those of a KRaft quorum's voters. State: fetch_session.go,
// fetch_target.go, message_sets.go, partition.go, isr.go, deadlines.go; who leads is
// broker/current_leader.go. Lessons: replication/*, log/*.

package replica

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// delayedFetch is a Fetch in work, which may have to wait for records.
type delayedFetch struct {
	rs       *Set
	version  int16
	from     Requester
	session  *fetchSession // its targets
	epoch    int32         // of the session, since this request
	minBytes int
	maxBytes int
	cost     time.Duration // CPU time of the codecs, for an old client
	done     bool
	resp     kmsg.FetchResponse
	part     kmsg.FetchResponseTopicPartition // the one that is read
	turn     uint64                           // counts the requests that had this memory
}

// fetch returns memory for a request.
func (rs *Set) fetch() *delayedFetch {
	if n := len(rs.spareFetches); n > 0 {
		d := rs.spareFetches[n-1]
		rs.spareFetches = rs.spareFetches[:n-1]
		return d
	}
	return &delayedFetch{rs: rs}
}

// free has the memory of a request that was answered serve another.
func (d *delayedFetch) free() {
	resp, turn := d.resp, d.turn+1
	if len(resp.Topics) > keptTopics {
		resp.Topics = nil
	}
	*d = delayedFetch{rs: d.rs, done: true, resp: resp, turn: turn}
	d.rs.spareFetches = append(d.rs.spareFetches, d)
}

// keptTopics is how many topics an answer may have whose memory is kept for the next.
const keptTopics = 100

// HandleFetch answers a request, at once or when there is enough to read.
func (rs *Set) HandleFetch(out *model.Effects, req *kmsg.FetchRequest, from Requester) {
	rs.leaderQuota.at = out.Now
	d := rs.fetch()
	d.version, d.from, d.done = req.Version, from, false
	d.maxBytes = int(min(req.MaxBytes, rs.cfg.FetchMaxBytes))
	d.minBytes = min(int(req.MinBytes), d.maxBytes)
	wait, turn := time.Duration(req.MaxWaitMillis)*time.Millisecond, d.turn
	if code := rs.sessions.begin(out, d, req); code != wire.None {
		d.done = true
		from.Reply(out, fetchError(code, 0))
		d.free()
		return
	}
	// The answer is read before the fetch counts as progress of the follower, so the high watermark
	// that it carries does not know of this fetch yet (Partition.fetchRecords, 3.9).
	var resp *kmsg.FetchResponse
	ready := wait <= 0 || d.readyAtFirst()
	if ready {
		resp = d.read()
	}
	x := d.session
	if x.reader.replica >= 0 {
		x.noteProgress(out)
	}
	if ready {
		d.answer(out, resp)
		return
	}
	x.waiting = d
	d.tryComplete(out) // noteProgress may have let another request append
	if d.turn == turn {
		rs.deadlines.add(out, wait, d, turn)
	}
}

func fetchError(code wire.Code, session int32) *kmsg.FetchResponse {
	resp := kmsg.NewPtrFetchResponse()
	resp.ErrorCode, resp.SessionID = int16(code), session
	return resp
}

// ready says whether the fetch is to be answered at once: it has enough bytes, something that
// cannot wait, or nothing to wait for (ReplicaManager.fetchMessages, 3.9).
func (d *delayedFetch) ready() bool {
	x := d.session
	x.refresh()
	return x.urgent > 0 || x.bytes >= d.minBytes || x.erroneous == len(x.targets)
}

// readyAtFirst is ready when the request comes. What a read returns counts then: its first batch
// is whole even where it is larger than the limit of its partition.
func (d *delayedFetch) readyAtFirst() bool {
	if d.ready() {
		return true
	}
	x := d.session
	if x.bytes == 0 {
		return false
	}
	bytes := 0
	for _, t := range x.hot.list {
		p, code := x.serve(t)
		if code != wire.None || t.session != x {
			continue
		}
		_, _, upTo := x.look(p, t)
		limit := min(max(0, d.maxBytes-bytes), int(t.PartitionMaxBytes))
		data, _ := p.log.Read(kafka.Offset(t.FetchOffset), limit, upTo, bytes == 0)
		bytes += len(data)
	}
	return bytes >= d.minBytes
}

// read builds the answer as things stand.
func (d *delayedFetch) read() *kmsg.FetchResponse {
	x := d.session
	x.refresh()
	resp := &d.resp
	*resp = kmsg.FetchResponse{Topics: resp.Topics[:0], SessionID: x.id}
	budget := d.maxBytes
	first := true
	hot := x.takeHot()
	for _, t := range hot {
		part := &d.part
		*part = kmsg.NewFetchResponseTopicPartition()
		x.readTarget(t, part, budget, first)
		if n := len(part.RecordBatches); n > 0 {
			first = false
			budget = max(0, budget-n)
			x.toEnd(t)
		}
		d.forOldClient(t, part)
		if t.update(part) {
			addFetched(resp, t, part)
		}
	}
	x.hot.done(hot)
	return resp
}

// update notes what the client is about to hear, and whether it has to
// (CachedPartition.maybeUpdateResponseData, 3.9).
func (t *fetchTarget) update(part *kmsg.FetchResponseTopicPartition) bool {
	news := len(part.RecordBatches) > 0 || part.ErrorCode != 0 || part.DivergingEpoch.EndOffset >= 0 ||
		part.PreferredReadReplica >= 0 || part.HighWatermark != t.highWatermark ||
		part.LogStartOffset != t.logStart
	t.highWatermark, t.logStart = part.HighWatermark, part.LogStartOffset
	if part.DivergingEpoch.EndOffset >= 0 {
		t.highWatermark, t.logStart = -1, -1 // a follower that has to truncate takes nothing else over
	}
	return news
}

// addFetched adds a partition to an answer.
func addFetched(resp *kmsg.FetchResponse, t *fetchTarget,
	part *kmsg.FetchResponseTopicPartition,
) {
	n := len(resp.Topics)
	if n == 0 || resp.Topics[n-1].TopicID != t.topicID || resp.Topics[n-1].Topic != t.tp.Topic {
		resp.Topics = wire.Again(resp.Topics)
		topic := &resp.Topics[n]
		topic.Topic, topic.TopicID, topic.Partitions = t.tp.Topic, t.topicID, topic.Partitions[:0]
		n++
	}
	topic := &resp.Topics[n-1]
	topic.Partitions = append(topic.Partitions, *part)
}

// readTarget fills in the answer for one partition. The first batch is returned even when it is
// larger than the budget, if nothing else was (KIP-74).
func (x *fetchSession) readTarget(
	t *fetchTarget,
	resp *kmsg.FetchResponseTopicPartition,
	budget int,
	first bool,
) {
	resp.Partition = t.Partition
	resp.HighWatermark, resp.LastStableOffset, resp.LogStartOffset = -1, -1, -1
	resp.RecordBatches = []byte{}
	p, code := x.serve(t)
	if code != wire.None {
		resp.ErrorCode = int16(code)
		return
	}
	preferred := x.preferredReplica(p, t)
	code, diverges, upTo := x.look(p, t)
	from := kafka.Offset(t.FetchOffset)
	if code != wire.None && preferred == kafka.NoBroker {
		resp.ErrorCode = int16(code)
		return
	}
	resp.HighWatermark = int64(p.highWatermark)
	resp.LastStableOffset = int64(p.highWatermark)
	resp.LogStartOffset = int64(p.log.LogStart())
	if diverges && preferred == kafka.NoBroker {
		end, _ := p.divergence(t.LastFetchedEpoch, from)
		resp.DivergingEpoch.Epoch, resp.DivergingEpoch.EndOffset = int32(end.Epoch), int64(end.EndOffset)
		return
	}
	if preferred != kafka.NoBroker {
		resp.PreferredReadReplica = int32(preferred) // no records with it
		return
	}
	if from >= upTo || x.throttles(p) {
		return
	}
	data, err := p.log.Read(from, min(budget, int(t.PartitionMaxBytes)), upTo, first)
	if err != nil {
		resp.ErrorCode = int16(wire.KafkaStorageError)
		return
	}
	if len(data) > 0 {
		resp.RecordBatches = data
		if x.reader.replica >= 0 {
			p.meter.ReplicationOut += int64(len(data))
		} else {
			p.meter.BytesOut += int64(len(data))
		}
	}
	if x.reader.replica >= 0 && p.throttledAsLeader() {
		x.rs.leaderQuota.record(len(data))
	}
}

// tryComplete answers the fetch if it need not wait any longer.
func (d *delayedFetch) tryComplete(out *model.Effects) {
	if !d.done && (d.stale() || d.ready()) {
		d.complete(out)
	}
}

// stale is true when another request of the session came after this one.
func (d *delayedFetch) stale() bool { return d.epoch != d.session.epoch }

// complete answers the fetch with what there is.
func (d *delayedFetch) complete(out *model.Effects) {
	switch {
	case d.done:
	case d.stale():
		d.answer(out, fetchError(wire.InvalidFetchSessionEpoch, d.session.id))
	default:
		d.answer(out, d.read())
	}
}

// onDeadline implements delayed.
func (d *delayedFetch) onDeadline(out *model.Effects, turn uint64) {
	if d.turn != turn {
		return
	}
	d.rs.leaderQuota.at = out.Now
	d.complete(out)
}

func (d *delayedFetch) answer(out *model.Effects, resp *kmsg.FetchResponse) {
	from, x := d.from, d.session
	d.done, d.from, d.session = true, nil, nil
	out.Work += d.cost
	if x.waiting == d {
		x.waiting = nil
	}
	if !x.open && x.waiting == nil {
		x.unwatch()
	}
	from.Reply(out, resp)
	d.free()
}

// waitingFetch is a fetch that waits, as long as its memory serves no other.
type waitingFetch struct {
	d    *delayedFetch
	turn uint64
}

// completeFetches answers the waiting fetches that have enough now. Answering one may bring the
// next request of its connection, and that may change the partition again: then it starts over.
func (p *Partition) completeFetches(out *model.Effects) {
	if p.completing {
		p.completeAgain = true
		return
	}
	p.completing = true
	for p.completeAgain = true; p.completeAgain; {
		p.completeAgain = false
		waiting := p.spare[:0]
		for _, t := range p.watchers {
			if d := t.session.waiting; d != nil && len(t.session.touched.list) > 0 {
				waiting = append(waiting, waitingFetch{d, d.turn})
			}
		}
		for _, w := range waiting {
			if w.d.turn == w.turn {
				w.d.tryComplete(out)
			}
		}
		p.spare = waiting
	}
	p.completing = false
}
