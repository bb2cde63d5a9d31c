// Fetch (key 1): v4–v12.
// Does: long poll on MinBytes and MaxWait; sessions (KIP-227); epoch fencing (KIP-320); diverging
// epochs (KIP-595); replica fetches that move the leader's high watermark; consumers read up to it.
// Does not: topic ids (v13), follower fetching by consumers (KIP-392), read_committed (nothing is
// transactional yet). State: fetch_session.go, partition.go, isr.go, deadlines in timer.go.
// Lessons: replication/*, log/*.

package broker

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// delayedFetch is a Fetch in work, which may have to wait for records.
type delayedFetch struct {
	b       *Broker
	r       *request
	replica int32 // −1 for a consumer
	// targets are the partitions that it wants: those of its session, or of the request alone.
	targets  []*fetchTarget
	session  *fetchSession // nil without one
	full     bool          // the answer names every partition, not only those with news
	minBytes int
	maxBytes int
	done     bool
}

// fetchTarget is one partition that is fetched from an offset on.
type fetchTarget struct {
	tp model.TopicPartition
	kmsg.FetchRequestTopicPartition
	p *Partition // as it was found last; nil when it must be looked up

	// What a session has told its client last.
	highWatermark, logStart int64
}

func (b *Broker) handleFetch(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.FetchRequest)
	d := &delayedFetch{
		b: b, r: r, replica: req.ReplicaID, minBytes: int(req.MinBytes),
		maxBytes: min(int(req.MaxBytes), int(b.cfg.FetchMaxBytes)),
	}
	if code := b.sessions.begin(now, d, req); code != wire.None {
		resp := kmsg.NewPtrFetchResponse()
		resp.ErrorCode = int16(code)
		b.reply(now, out, r, resp)
		return
	}
	// The answer is read before the fetch counts as progress of the follower, so the high watermark
	// that it carries does not know of this fetch yet (Partition.fetchRecords, 3.9).
	var resp *kmsg.FetchResponse
	ready := d.ready() || req.MaxWaitMillis <= 0
	if ready {
		resp = d.read()
	}
	if req.ReplicaID >= 0 {
		d.noteProgress(now, out)
	}
	if ready {
		d.answer(now, out, resp)
		return
	}
	for _, t := range d.targets {
		t.p.park(d)
	}
	d.tryComplete(now, out, nil) // noteProgress may have let another request append
	if !d.done {
		b.deadlines.add(out, now.Add(time.Duration(req.MaxWaitMillis)*time.Millisecond), d)
	}
}

// park keeps d until there are records. Fetches that were answered through another partition and
// still stand at the end of the list make room: a follower has one fetch at a time.
func (p *Partition) park(d *delayedFetch) {
	n := len(p.fetches)
	for n > 0 && p.fetches[n-1].done {
		n--
	}
	p.fetches = append(p.fetches[:n], d)
}

// noteProgress takes from a replica's fetch how far its logs reach. A fetch that diverges or is
// fenced tells nothing.
func (d *delayedFetch) noteProgress(now model.Time, out *model.Effects) {
	for _, t := range d.targets {
		p, code := d.b.lead(t)
		from := model.Offset(t.FetchOffset)
		if code != wire.None || from < p.log.LogStart() || from > p.log.LogEnd() {
			continue
		}
		if _, agrees := p.divergence(t.LastFetchedEpoch, from); agrees == logsAgree {
			p.onFollowerFetch(now, out, model.BrokerID(d.replica), from)
			p.onFollowerLogStart(now, out, model.BrokerID(d.replica), model.Offset(t.LogStartOffset))
		}
	}
}

// lead finds the partition of a target, which this broker must lead in the target's epoch.
func (b *Broker) lead(t *fetchTarget) (*Partition, wire.Code) {
	if t.p == nil || t.p.gone {
		p, code := b.partition(t.tp)
		if code != wire.None {
			return nil, code
		}
		t.p = p
	}
	if code := t.p.checkEpoch(t.CurrentLeaderEpoch); code != wire.None {
		return nil, code
	}
	if t.p.role != roleLeader {
		return nil, wire.NotLeaderOrFollower
	}
	return t.p, wire.None
}

// ready says whether the fetch is to be answered at once: it has enough bytes, an error, or news of
// a diverging epoch (ReplicaManager.fetchMessages, 3.9).
func (d *delayedFetch) ready() bool {
	bytes := 0
	for _, t := range d.targets {
		if now, n := d.readyAt(t, bytes == 0); now {
			return true
		} else if bytes += n; bytes >= d.minBytes {
			return true
		}
	}
	return len(d.targets) == 0 || d.minBytes <= 0
}

// readyAt is ready for one partition: whether it settles the matter alone, or how many bytes it
// adds.
func (d *delayedFetch) readyAt(t *fetchTarget, first bool) (now bool, bytes int) {
	p, code := d.b.lead(t)
	if code != wire.None {
		return true, 0
	}
	code, diverges, upTo := d.look(p, t)
	if code != wire.None || diverges {
		return true, 0
	}
	from := model.Offset(t.FetchOffset)
	switch {
	case from >= upTo:
		return false, 0
	case d.minBytes <= 1:
		return true, 0
	}
	data, err := p.log.Read(from, min(d.maxBytes, int(t.PartitionMaxBytes)), upTo, first)
	return err != nil, len(data)
}

// look compares a target with the partition: what is wrong with it, or up to where it may read.
func (d *delayedFetch) look(
	p *Partition,
	t *fetchTarget,
) (code wire.Code, diverges bool, upTo model.Offset) {
	upTo = p.highWatermark
	if d.replica >= 0 {
		upTo = p.log.LogEnd()
		if p.follower(model.BrokerID(d.replica)) == nil {
			return wire.UnknownTopicOrPartition, false, 0
		}
	}
	from := model.Offset(t.FetchOffset)
	if t.LastFetchedEpoch >= 0 {
		switch _, a := p.divergence(t.LastFetchedEpoch, from); a {
		case logsUnknown:
			return wire.OffsetOutOfRange, false, 0
		case logsDiverge:
			return wire.None, true, 0
		}
	}
	if from < p.log.LogStart() || from > p.log.LogEnd() {
		return wire.OffsetOutOfRange, false, 0
	}
	return wire.None, false, upTo
}

// read builds the answer as things stand.
func (d *delayedFetch) read() *kmsg.FetchResponse {
	resp := kmsg.NewPtrFetchResponse()
	budget := d.maxBytes
	first := true
	for _, t := range d.targets {
		if !d.full && !d.hasNews(t) {
			continue
		}
		part := kmsg.NewFetchResponseTopicPartition()
		d.readTarget(t, &part, budget, first)
		if n := len(part.RecordBatches); n > 0 {
			first = false
			budget = max(0, budget-n)
		}
		t.highWatermark, t.logStart = part.HighWatermark, part.LogStartOffset
		if n := len(resp.Topics); n == 0 || resp.Topics[n-1].Topic != t.tp.Topic {
			topic := kmsg.NewFetchResponseTopic()
			topic.Topic = t.tp.Topic
			resp.Topics = append(resp.Topics, topic)
		}
		topic := &resp.Topics[len(resp.Topics)-1]
		topic.Partitions = append(topic.Partitions, part)
	}
	if d.session != nil {
		resp.SessionID = d.session.id
	}
	return resp
}

// hasNews tells whether a session's client has to hear of a partition: there are records, an error,
// or other offsets than it was told last.
func (d *delayedFetch) hasNews(t *fetchTarget) bool {
	p, code := d.b.lead(t)
	if code != wire.None {
		return true
	}
	code, diverges, upTo := d.look(p, t)
	return code != wire.None || diverges || model.Offset(t.FetchOffset) < upTo ||
		int64(p.highWatermark) != t.highWatermark || int64(p.log.LogStart()) != t.logStart
}

// readTarget fills in the answer for one partition. The first batch is returned even when it is
// larger than the budget, if nothing else was (KIP-74).
func (d *delayedFetch) readTarget(
	t *fetchTarget,
	resp *kmsg.FetchResponseTopicPartition,
	budget int,
	first bool,
) {
	resp.Partition = t.Partition
	resp.HighWatermark, resp.LastStableOffset, resp.LogStartOffset = -1, -1, -1
	resp.RecordBatches = []byte{}
	p, code := d.b.lead(t)
	if code != wire.None {
		resp.ErrorCode = int16(code)
		return
	}
	code, diverges, upTo := d.look(p, t)
	from := model.Offset(t.FetchOffset)
	if diverges {
		end, _ := p.divergence(t.LastFetchedEpoch, from)
		resp.DivergingEpoch.Epoch, resp.DivergingEpoch.EndOffset = int32(end.Epoch), int64(end.EndOffset)
		return
	}
	if resp.ErrorCode = int16(code); code != wire.None {
		return
	}
	resp.HighWatermark = int64(p.highWatermark)
	resp.LastStableOffset = int64(p.highWatermark)
	resp.LogStartOffset = int64(p.log.LogStart())
	if from >= upTo {
		return
	}
	data, err := p.log.Read(from, min(budget, int(t.PartitionMaxBytes)), upTo, first)
	if err != nil {
		resp.ErrorCode = int16(wire.KafkaStorageError)
		return
	}
	if len(data) > 0 {
		resp.RecordBatches = data
	}
}

// agreement is what the epochs of two logs tell of them.
type agreement uint8

const (
	logsAgree   agreement = iota // as far as the epochs tell
	logsDiverge                  // the other has records that this one has not
	logsUnknown                  // this log does not know the other's epoch
)

// divergence compares this log with one that ends at from, its last record of epoch last. Where
// they diverge the other must cut back to end and ask again (KIP-595, Partition.readRecords, 3.9).
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

// tryComplete answers the fetch if it need not wait any longer, because of changed. Where one byte
// is enough the other partitions need no look: they wake the fetch themselves.
func (d *delayedFetch) tryComplete(now model.Time, out *model.Effects, changed *Partition) {
	if d.done {
		return
	}
	if changed != nil && d.minBytes <= 1 {
		for _, t := range d.targets {
			if t.p != changed {
				continue
			}
			if ready, _ := d.readyAt(t, true); ready {
				d.answer(now, out, d.read())
			}
			return
		}
	}
	if d.ready() {
		d.answer(now, out, d.read())
	}
}

// complete answers the fetch with what there is.
func (d *delayedFetch) complete(now model.Time, out *model.Effects) {
	if !d.done {
		d.answer(now, out, d.read())
	}
}

// onDeadline implements delayed.
func (d *delayedFetch) onDeadline(now model.Time, out *model.Effects) { d.complete(now, out) }

func (d *delayedFetch) answer(now model.Time, out *model.Effects, resp *kmsg.FetchResponse) {
	r := d.r
	d.done, d.r, d.targets, d.session = true, nil, nil, nil
	d.b.reply(now, out, r, resp)
}

// completeFetches answers the waiting fetches that have enough now. Answering one may bring the
// next request of its connection, so the list is taken first and what still waits is put back.
func (p *Partition) completeFetches(now model.Time, out *model.Effects) {
	if len(p.fetches) == 0 || p.completing {
		return
	}
	p.completing = true
	waiting := p.fetches
	p.fetches = p.spare[:0]
	for i, d := range waiting {
		waiting[i] = nil
		if d.tryComplete(now, out, p); !d.done {
			p.fetches = append(p.fetches, d)
		}
	}
	p.spare = waiting[:0]
	p.completing = false
}
