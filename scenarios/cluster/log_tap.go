package cluster

import (
	"encoding/binary"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// deletions is told that a broker is asked to delete the records of a partition below an offset,
// NoOffset for the high watermark, and that it has answered or can do so no longer.
type deletions interface {
	DeleteRecords(tp kafka.TopicPartition, before kafka.Offset)
	DeletedRecords(tp kafka.TopicPartition, before kafka.Offset, answer *kafka.DeleteAnswer)
}

// LogTap reads from the wire what brokers are asked to do to logs, and that they have answered:
// what DeleteRecords may have deleted is not told by a broker's own account.
type LogTap struct {
	c    *Cluster
	book deletions
	open map[openRequest]openDeletion
	// waiting are the entries of open by broker.
	waiting map[model.NodeID]int
}

// openDeletion is a DeleteRecords that was not answered yet.
type openDeletion struct {
	version int16
	parts   []deletion
}

type deletion struct {
	tp     kafka.TopicPartition
	before kafka.Offset // NoOffset for the high watermark
}

// keyDeleteRecords is the API key of DeleteRecords.
const keyDeleteRecords = 21

// NewLogTap returns one that tells book what the brokers of c are asked.
func NewLogTap(c *Cluster, book deletions) *LogTap {
	return &LogTap{
		c: c, book: book, open: map[openRequest]openDeletion{}, waiting: map[model.NodeID]int{},
	}
}

// OnFrame takes any frame of the run.
func (t *LogTap) OnFrame(f sim.Frame) {
	switch {
	case f.Sent && t.waiting[f.Node] > 0:
		t.onSent(f)
	case !f.Sent && len(f.Data) > 8 && binary.BigEndian.Uint16(f.Data) == keyDeleteRecords &&
		slices.Contains(t.c.Brokers, f.Node):
		t.onReceived(f)
	}
}

// OnStart ends what the last incarnation of a node was asked: it may have done it.
func (t *LogTap) OnStart(node model.NodeID) {
	if t.waiting[node] == 0 {
		return
	}
	for r, open := range t.open { //unordered: each goes by itself
		if r.node == node {
			t.end(r, open, nil)
		}
	}
}

func (t *LogTap) onReceived(f sim.Frame) {
	req, err := wire.ParseRequest(slices.Clone(f.Data), everyVersion)
	if err != nil {
		return // the broker refuses it
	}
	r := req.Body.(*kmsg.DeleteRecordsRequest)
	open := openDeletion{version: req.Version}
	for i := range r.Topics {
		for _, p := range r.Topics[i].Partitions {
			d := deletion{
				kafka.TopicPartition{Topic: r.Topics[i].Topic, Partition: p.Partition},
				kafka.Offset(p.Offset),
			}
			open.parts = append(open.parts, d)
			t.book.DeleteRecords(d.tp, d.before)
		}
	}
	at := openRequest{f.Node, f.Conn, req.Correlation}
	if before, twice := t.open[at]; twice {
		open.parts = append(open.parts, before.parts...)
	} else {
		t.waiting[f.Node]++
	}
	t.open[at] = open
}

func (t *LogTap) onSent(f sim.Frame) {
	if len(f.Data) < 4 {
		return
	}
	at := openRequest{f.Node, f.Conn, int32(binary.BigEndian.Uint32(f.Data))}
	open, ours := t.open[at]
	if !ours {
		return
	}
	resp := kmsg.NewPtrDeleteRecordsResponse()
	resp.SetVersion(open.version)
	if _, err := wire.DecodeResponse(slices.Clone(f.Data), resp); err != nil {
		resp = nil
	}
	t.end(at, open, resp)
}

// end closes a request with its answer, nil for none.
func (t *LogTap) end(at openRequest, open openDeletion, resp *kmsg.DeleteRecordsResponse) {
	delete(t.open, at)
	t.waiting[at.node]--
	broker := kafka.BrokerID(slices.Index(t.c.Brokers, at.node) + 1)
	for _, d := range open.parts {
		var answer *kafka.DeleteAnswer
		if resp != nil {
			answer = deleteAnswer(resp, broker, d.tp)
		}
		t.book.DeletedRecords(d.tp, d.before, answer)
	}
}

// deleteAnswer is what a response says of a partition; nil for nothing.
func deleteAnswer(resp *kmsg.DeleteRecordsResponse, broker kafka.BrokerID,
	tp kafka.TopicPartition,
) *kafka.DeleteAnswer {
	for i := range resp.Topics {
		for _, p := range resp.Topics[i].Partitions {
			if resp.Topics[i].Topic != tp.Topic || p.Partition != tp.Partition {
				continue
			}
			a := &kafka.DeleteAnswer{Broker: broker, Low: kafka.Offset(p.LowWatermark)}
			switch wire.Code(p.ErrorCode) {
			case wire.None:
				a.Done = true
			case wire.OffsetOutOfRange:
				a.Refused, a.OutOfRange = true, true
			case wire.PolicyViolation, wire.InvalidTopicException:
				a.Refused = true
			}
			return a
		}
	}
	return nil
}
