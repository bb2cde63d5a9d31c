package logs

import (
	"fmt"
	"math/bits"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ObserveOp takes an operation that went well, by a client called who.
func (b *Book) ObserveOp(op *kafka.Op, who string) {
	for i := range op.Value {
		m := &op.Value[i]
		if m.F == kafka.FSend {
			b.observeKey(op, m, who)
		}
		if m.F == kafka.FSend && m.Offset >= 0 && op.Acks == "all" {
			b.observeAck(op, m, who)
		}
		if m.F != kafka.FPoll {
			continue
		}
		for j := range m.Polled {
			b.observePoll(op, &m.Polled[j], who)
		}
	}
}

// observeAck looks whether what a producer with acks=all was told is safe is: below the high
// watermark, and in as many logs as min.insync.replicas.
func (b *Book) observeAck(op *kafka.Op, m *kafka.Mop, who string) {
	p := b.parts[m.Key]
	if p == nil || !p.watched {
		return
	}
	holders := 0
	for _, end := range p.ends { //unordered: they are counted
		if end > m.Offset {
			holders++
		}
	}
	least := min(b.rules.of(m.Key.Topic).minISR.least, int64(len(p.ends)))
	wrong := ""
	switch {
	case m.Offset >= p.high:
		wrong = fmt.Sprintf("the high watermark was never above %d", p.high)
	case int64(holders) < least:
		wrong = fmt.Sprintf("%d replicas have ever had it, min.insync.replicas is %d", holders, least)
	default:
		return
	}
	b.report(Violation{
		Anomaly: kafka.EarlyAck, Identity: fmt.Sprint(m.Key, bits.Len64(uint64(m.Offset))),
		Explanation: fmt.Sprintf(
			"%s was told (acks=all) that %s holds its record at offset %d, but %s",
			who,
			m.Key,
			m.Offset,
			wrong,
		),
		Witnesses: []kafka.Witness{{
			Op: op.Index, At: op.Time, Who: who,
			Text: fmt.Sprintf("send %s %q → offset %d (acks=all)", m.Key, m.Value, m.Offset),
		}},
	})
}

// observePoll looks whether a consumer was given what nobody calls committed.
func (b *Book) observePoll(op *kafka.Op, polled *kafka.PolledRecords, who string) {
	p := b.parts[polled.Key]
	if p == nil || !p.watched || len(polled.Records) == 0 {
		return
	}
	last := polled.Records[len(polled.Records)-1]
	if last.Offset < p.high {
		return
	}
	b.report(Violation{
		Anomaly: kafka.UncommittedRead, Identity: fmt.Sprint(polled.Key, who),
		Explanation: fmt.Sprintf(
			"%s read offset %d of %s, but the high watermark was never above %d",
			who,
			last.Offset,
			polled.Key,
			p.high,
		),
		Witnesses: []kafka.Witness{{
			Op: op.Index, At: op.Time, Who: who,
			Text: fmt.Sprintf("poll %s → offset %d %q", polled.Key, last.Offset, last.Value),
		}},
	})
}

// EarlyAcks are the acknowledgements that came too early.
func (b *Book) EarlyAcks(model.Time, []kafka.ReplicaView) []Violation {
	return b.Heard(kafka.EarlyAck)
}

// UncommittedReads are the reads of what was not committed.
func (b *Book) UncommittedReads(model.Time, []kafka.ReplicaView) []Violation {
	return b.Heard(kafka.UncommittedRead)
}
