// DeleteRecords (key 21): v0–v2.
// Does: moves the log start of partitions that this broker leads to an offset, −1 for the high
// watermark; answers when every live replica has moved its own (KIP-107). Does not: internal topics
// and topics without cleanup.policy=delete. The records stay on disk until their segment can go.
// State: log_retention.go, deadlines.go.   Lessons: log/*.

package replica

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// delayedDelete is a DeleteRecords that waits for the followers (DelayedDeleteRecords, 3.9).
type delayedDelete struct {
	rs      *Set
	reply   Reply
	resp    *kmsg.DeleteRecordsResponse
	parts   []deletePart
	waiting int
}

// deletePart is one partition of a delayedDelete whose outcome was open.
type deletePart struct {
	p        *Partition
	required kafka.Offset // the low watermark that completes it
	resp     *kmsg.DeleteRecordsResponseTopicPartition
	done     bool
}

// HandleDeleteRecords answers a request.
func (rs *Set) HandleDeleteRecords(out *model.Effects, req *kmsg.DeleteRecordsRequest,
	reply Reply,
) {
	d := &delayedDelete{rs: rs, reply: reply, resp: kmsg.NewPtrDeleteRecordsResponse()}
	for _, t := range deletionTopics(req) {
		rt := kmsg.NewDeleteRecordsResponseTopic()
		rt.Topic = t.Topic
		rt.Partitions = make([]kmsg.DeleteRecordsResponseTopicPartition, len(t.Partitions))
		for j := range t.Partitions {
			part := &rt.Partitions[j]
			part.Partition, part.LowWatermark = t.Partitions[j].Partition, -1
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			p, to, code := rs.deleteRecords(out, tp, t.Partitions[j].Offset)
			if part.ErrorCode = int16(code); code == wire.None {
				d.parts = append(d.parts, deletePart{p: p, required: to, resp: part})
			}
		}
		d.resp.Topics = append(d.resp.Topics, rt)
	}
	d.waiting = len(d.parts)
	for i := range d.parts {
		d.resolve(&d.parts[i])
	}
	if d.waiting == 0 {
		reply(out, d.resp)
		return
	}
	for i := range d.parts {
		if part := &d.parts[i]; !part.done {
			part.p.deletes = append(part.p.deletes, d)
		}
	}
	rs.deadlines.add(out, time.Duration(req.TimeoutMillis)*time.Millisecond, d, 0)
}

// deletionTopics are the topics of a request, each once; of a partition that is named more than
// once the last offset counts (KafkaApis.handleDeleteRecordsRequest, 3.9).
func deletionTopics(req *kmsg.DeleteRecordsRequest) []kmsg.DeleteRecordsRequestTopic {
	var places wire.Places
	var once []kmsg.DeleteRecordsRequestTopic
	for i := range req.Topics {
		t := &req.Topics[i]
		at, known := places.Topic(t.Topic)
		if !known {
			once = append(once, kmsg.DeleteRecordsRequestTopic{Topic: t.Topic})
		}
		for _, part := range t.Partitions {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			if in, known := places.Partition(tp); known {
				once[at].Partitions[in] = part
			} else {
				once[at].Partitions = append(once[at].Partitions, part)
			}
		}
	}
	return once
}

// deleteRecords moves the log start here and returns where to (Partition.deleteRecordsOnLeader,
// 3.9).
func (rs *Set) deleteRecords(out *model.Effects, tp kafka.TopicPartition,
	before int64,
) (*Partition, kafka.Offset, wire.Code) {
	if tp.Topic == kafka.OffsetsTopic {
		return nil, 0, wire.InvalidTopicException
	}
	p, code := rs.leading(tp, -1)
	if code != wire.None {
		return nil, 0, code
	}
	to := kafka.Offset(before)
	if before == upToHighWatermark {
		to = p.highWatermark
	}
	switch {
	case !p.cfg.CleanupDelete:
		return nil, 0, wire.PolicyViolation
	case to < 0 || to > p.highWatermark:
		return nil, 0, wire.OffsetOutOfRange
	}
	p.incrementLogStart(out, to, "records were deleted")
	if rs.dir.Failed() {
		return nil, 0, wire.KafkaStorageError
	}
	return p, to, wire.None
}

// upToHighWatermark is the offset that stands for the high watermark
// (DeleteRecordsRequest.HIGH_WATERMARK, 3.9).
const upToHighWatermark = -1

// resolve gives a part its outcome if there is one.
func (d *delayedDelete) resolve(part *deletePart) {
	code, low := wire.None, kafka.NoOffset
	switch p := part.p; {
	case part.done:
		return
	case p.gone:
		code = wire.UnknownTopicOrPartition
	case p.role != roleLeader:
		code = wire.NotLeaderOrFollower
	default:
		if low = p.lowWatermark(); low < part.required {
			return
		}
	}
	part.done = true
	part.resp.ErrorCode, part.resp.LowWatermark = int16(code), int64(low)
	d.waiting--
}

// completeDeletes answers the requests that the low watermark has reached, or that p can no longer
// answer. Answering one may bring the next request of its connection, so the list is taken first.
func (p *Partition) completeDeletes(out *model.Effects) {
	for _, d := range slices.Clone(p.deletes) {
		d.completeAt(out, p)
	}
}

func (d *delayedDelete) completeAt(out *model.Effects, p *Partition) {
	if d.waiting == 0 {
		return
	}
	open := false
	for i := range d.parts {
		if part := &d.parts[i]; part.p == p {
			d.resolve(part)
			open = open || !part.done
		}
	}
	if !open {
		p.deletes = slices.DeleteFunc(p.deletes, func(x *delayedDelete) bool { return x == d })
	}
	if d.waiting == 0 {
		d.reply(out, d.resp)
	}
}

// onDeadline implements delayed.
func (d *delayedDelete) onDeadline(out *model.Effects, _ uint64) {
	if d.waiting == 0 {
		return
	}
	for i := range d.parts {
		part := &d.parts[i]
		if !part.done {
			part.done, part.resp.ErrorCode = true, int16(wire.RequestTimedOut)
			p := part.p
			p.deletes = slices.DeleteFunc(p.deletes, func(x *delayedDelete) bool { return x == d })
		}
	}
	d.waiting = 0
	d.reply(out, d.resp)
}
