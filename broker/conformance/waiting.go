package conformance

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

const (
	// pollWait is a long poll that must end by itself, longPoll one that must not have to.
	pollWait = 300 * time.Millisecond
	longPoll = 30 * time.Second
)

// pollWakes: a fetch at the end of a log is answered when something is written to it.
func pollWakes(p *player) {
	tp := topicPartition("awaited", 0)
	leader := p.topic(tp.Topic, 1, len(p.c.Brokers()))[0]
	c := p.dial(leader)
	defer c.line.Close()
	began := p.c.Now()
	req := fetchRequest(tp, 0, longPoll)
	number := c.send(req)
	p.c.Wait(pollWait)
	p.mustPut(leader, tp, 0, "a")
	part := c.receive(req, number).(*kmsg.FetchResponse).Topics[0].Partitions[0]
	took := p.c.Now().Sub(began)
	p.code(part.ErrorCode, wire.None, "a long poll")
	got := p.values(part, 0)
	p.demand(len(got) == 1 && got[0] == "a", "a long poll gave %q", got)
	p.demand(took >= pollWait, "a long poll ended before there was anything, after %s", took)
	p.demand(took < longPoll, "a long poll slept through a write, for %s", took)
}

// pollEnds: a fetch that finds nothing is answered when its MaxWait is over, not before.
func pollEnds(p *player) {
	tp := topicPartition("silent", 0)
	leader := p.topic(tp.Topic, 1, 1)[0]
	p.mustPut(leader, tp, 0, "a")
	for _, wait := range []time.Duration{0, pollWait} {
		began := p.c.Now()
		part := p.fetchFrom(leader, tp, 1, wait)
		took := p.c.Now().Sub(began)
		p.code(part.ErrorCode, wire.None, "a poll")
		p.demand(len(part.RecordBatches) == 0, "a poll of nothing gave %d bytes", len(part.RecordBatches))
		p.demand(part.HighWatermark == 1, "the high watermark is %d, want 1", part.HighWatermark)
		p.demand(took >= wait, "a poll for %s ended after %s", wait, took)
		p.demand(took < wait+10*time.Second, "a poll for %s took %s", wait, took)
	}
}

// fetchSession: after the first fetch of a session only news is sent, and a number that is out of
// turn is refused (KIP-227).
func fetchSession(p *player) {
	zero, one := topicPartition("session", 0), topicPartition("session", 1)
	leaders := p.topic("session", 2, len(p.c.Brokers()))
	id := leaders[0]
	var parts []kafka.TopicPartition
	for i, tp := range []kafka.TopicPartition{zero, one} {
		if leaders[i] == id {
			parts = append(parts, tp)
		}
	}
	ask := func(session, epoch int32, from int64, list ...kafka.TopicPartition) *kmsg.FetchResponse {
		req := fetchRequest(zero, 0, 0)
		req.Topics, req.SessionID, req.SessionEpoch = nil, session, epoch
		for _, tp := range list {
			addFetch(req, tp, from)
		}
		return p.ask(id, req).(*kmsg.FetchResponse)
	}
	p.mustPut(id, zero, 0, "a")
	resp := ask(0, 0, 0, parts...)
	session := resp.SessionID
	p.demand(session != 0 && count(resp) == len(parts), "a session begins with %d of %d partitions",
		count(resp), len(parts))
	resp = ask(session, 1, 1, zero)
	p.demand(resp.SessionID == session && count(resp) == 0, "no news is %d partitions", count(resp))
	p.mustPut(id, zero, 1, "b")
	resp = ask(session, 2, 0)
	p.demand(count(resp) == 1, "news is %d partitions", count(resp))
	got := p.values(resp.Topics[0].Partitions[0], 1)
	p.demand(len(got) == 1 && got[0] == "b", "news is %q", got)
	p.code(ask(session, 9, 0).ErrorCode, wire.InvalidFetchSessionEpoch, "an epoch out of turn")
	p.code(ask(session+1, 1, 0).ErrorCode, wire.FetchSessionIDNotFound, "another session")
}

// count is how many partitions an answer has.
func count(resp *kmsg.FetchResponse) (n int) {
	for i := range resp.Topics {
		n += len(resp.Topics[i].Partitions)
	}
	return n
}
