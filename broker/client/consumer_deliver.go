package client

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// deliver hands the application up to max.poll.records of the oldest answer and returns how many.
func (f *fetcher) deliver(out *model.Effects) int {
	for len(f.buffered) > 0 {
		call := f.buffered[0]
		polled, n := f.nextRecords(call)
		if call.next == len(call.got) {
			f.buffered[0] = nil
			f.buffered = f.buffered[1:]
		} else if n == 0 {
			return 0 // the application took none
		}
		if n > 0 && call.done {
			// The rest of an answer is a poll of its own, which finds its records waiting.
			call.op = f.history.invokePoll(out)
			call.done = false
		}
		if !call.done {
			f.finishPoll(out, call, polled)
		}
		if n > 0 {
			f.processing.keep(polled)
			return n
		}
	}
	return 0
}

// nextRecords moves the positions over the next records of call, skipping partitions that
// were dropped, paused or moved since they were asked for.
func (f *fetcher) nextRecords(call *fetchCall) (polled []kafka.PolledRecords, n int) {
	for call.next < len(call.got) && n < f.cfg.MaxPollRecords && !f.processing.paused {
		got := &call.got[call.next]
		p := got.p
		if p.dropped || p.paused || p.state != fetchable || p.position != got.from {
			p.inFetch = false
			call.next++
			continue
		}
		taken := f.processing.offer(got, min(len(got.records), f.cfg.MaxPollRecords-n))
		if taken == 0 {
			break
		}
		polled = append(polled, kafka.PolledRecords{Key: p.tp, Records: got.records[:taken:taken]})
		n += taken
		p.position = got.records[taken-1].Offset + 1
		got.records = got.records[taken:]
		if len(got.records) == 0 {
			p.position = got.end
			p.inFetch = false
			call.next++
		}
		got.from = p.position
		for len(got.ends) > 0 && p.position > got.ends[0].below {
			got.ends = got.ends[1:]
		}
		if len(got.ends) > 0 {
			p.epoch = got.ends[0].epoch
		}
		f.maybeReached(p)
	}
	slices.SortFunc(polled, func(a, b kafka.PolledRecords) int { return a.Key.Compare(b.Key) })
	return polled, n
}

// finishPoll completes the operation of call with what it returned, and what changed hands since
// the last one did.
func (f *fetcher) finishPoll(out *model.Effects, call *fetchCall, polled []kafka.PolledRecords) {
	if call.done {
		return
	}
	call.done = true
	op := call.op
	op.Value = []kafka.Mop{{F: kafka.FPoll, Polled: polled}}
	if len(polled) == 0 && call.err != "" {
		op.Error = call.err
		f.history.complete(out, kafka.Fail, op)
		return
	}
	op.Rebalance = f.history.takeRebalance()
	f.history.complete(out, kafka.OK, op)
}

// maybeReached notes that a final read has what it came for, and notifies the application when
// there is nothing further.
func (f *fetcher) maybeReached(p *ownedPartition) {
	if p.highWatermark != kafka.NoOffset && p.position >= p.highWatermark {
		f.processing.notifyEnd(p)
	}
	if f.cfg.FinalRead && p.goal != kafka.NoOffset && p.position >= p.goal {
		p.reached = true
	}
}

// stop ends the polls whose records nobody will take.
func (f *fetcher) stop(out *model.Effects) {
	f.stopped = true
	for _, call := range f.buffered {
		f.finishPoll(out, call, nil)
	}
	f.buffered = nil
}
