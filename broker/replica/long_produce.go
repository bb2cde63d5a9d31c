package replica

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// A Produce may name a quarter of a million partitions, or decompress to a thousand times its size.
// What is more than one step's work is done in pieces, between which others have their turn; and
// what is more than one request's is refused.
const (
	// pieceParts is how many partitions one piece looks at.
	pieceParts = 1000
	// pieceBytes is how many bytes of records, decompressed ones included, a piece takes before it
	// leaves the rest to the next. The last batch of a piece may go past it.
	pieceBytes = 16 << 20
	// maxOpened is how many bytes the records of one request may have when they are decompressed:
	// what is beyond is refused with MESSAGE_TOO_LARGE. Kafka has no such limit.
	maxOpened = 128 << 20
)

// produceWork is a Produce of which a part is done.
type produceWork struct {
	req *kmsg.ProduceRequest
	op  *delayedProduce
	// topics are those of req, each partition once.
	topics []kmsg.ProduceRequestTopic

	topic, partition int // the next
	opened           int // bytes that were decompressed so far
	failed           bool
}

// advance does one piece and reports whether it was the last.
func (w *produceWork) advance(out *model.Effects) bool {
	bytes, opened := 0, w.opened
	for parts := 0; w.topic < len(w.topics); w.topic, w.partition = w.topic+1, 0 {
		for t := &w.topics[w.topic]; w.partition < len(t.Partitions); w.partition++ {
			if parts == pieceParts || bytes+w.opened-opened >= pieceBytes {
				return false
			}
			parts++
			bytes += len(t.Partitions[w.partition].Records)
			w.append(out, t.Topic, &t.Partitions[w.partition])
		}
	}
	return true
}

// append has one partition's records appended.
func (w *produceWork) append(out *model.Effects, topic string,
	from *kmsg.ProduceRequestTopicPartition,
) {
	part := &w.op.resp.Topics[w.topic].Partitions[w.partition]
	*part = kmsg.NewProduceResponseTopicPartition()
	part.Partition = from.Partition
	if w.opened >= maxOpened {
		part.BaseOffset, part.LogStartOffset = -1, -1
		part.ErrorCode, w.failed = int16(wire.MessageTooLarge), true
		return
	}
	tp := kafka.TopicPartition{Topic: topic, Partition: part.Partition}
	p, end, code := w.op.rs.produce(out, w.req, tp, from.Records, part, &w.opened)
	part.ErrorCode = int16(code)
	w.failed = w.failed || code != wire.None
	if local := w.req.Acks == 1 && code == wire.None && p.hold(w.op); code == wire.None &&
		(w.req.Acks == -1 || local) {
		w.op.kept = w.op.kept || local // the flush comes back to it, whatever becomes of it before
		w.op.parts = append(w.op.parts,
			producePart{p: p, required: end, epoch: p.leaderEpoch, resp: part, local: local})
	}
}

// end answers, or waits for what has to be waited for.
func (w *produceWork) end(out *model.Effects) {
	switch {
	case w.req.Acks == 0 && w.failed:
		// The client waits for no reply; a lost connection is all that it can notice.
		w.op.from.HangUp(out)
		w.op.free()
	case w.req.Acks == 0:
		w.op.from.Finish(out)
		w.op.free()
	default:
		w.fenceParts()
		w.op.start(out, time.Duration(w.req.TimeoutMillis)*time.Millisecond)
	}
}

// fenceParts gives up what was appended under a leadership that has ended before the request did:
// what is in its place may be something else.
func (w *produceWork) fenceParts() {
	for i := range w.op.parts {
		if part := &w.op.parts[i]; part.p.leaderEpoch != part.epoch && !part.done {
			part.done, part.resp.ErrorCode = true, int16(wire.NotLeaderOrFollower)
		}
	}
}

// longWork is a request that is more than one step's work.
type longWork interface {
	// advance does one piece and reports whether it was the last.
	advance(out *model.Effects) bool
	// end answers, or waits for what has to be waited for.
	end(out *model.Effects)
}

// longProduces are those that are not done, and other long requests, in the order in which they
// have their turn.
type longProduces struct {
	kind  uint32 // of its timer
	queue []longWork
}

func (l *longProduces) add(out *model.Effects, w longWork) {
	l.queue = append(l.queue, w)
	out.SetTimer(model.Timer{Kind: l.kind}, out.Now)
}

// onTimer does a piece of the first, which goes to the end of the queue if it is not done.
func (l *longProduces) onTimer(out *model.Effects) {
	if len(l.queue) == 0 {
		return
	}
	w := l.queue[0]
	l.queue = append(l.queue[:0], l.queue[1:]...)
	done := w.advance(out)
	if !done {
		l.queue = append(l.queue, w)
	}
	if len(l.queue) > 0 {
		out.SetTimer(model.Timer{Kind: l.kind}, out.Now)
	}
	if done {
		w.end(out)
	}
}
