package measure

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// sends follow every send from its beginning to its outcome.
type sends struct {
	open    map[int]model.Time // when it began, by process
	took    []model.Time       // of acknowledged sends
	byPart  map[kafka.TopicPartition]int64
	first   model.Time // the first send
	lastAck model.Time
	last    model.Time // the last outcome of any kind
	// waiting is since when somebody has waited without anybody being acknowledged: since the last
	// acknowledgement, or since the first send after it when none was open then.
	waiting model.Time
	gap     model.Time
}

func newSends() sends {
	return sends{
		open: map[int]model.Time{}, byPart: map[kafka.TopicPartition]int64{},
		first: model.Never, waiting: model.Never,
	}
}

// observe takes in a line of the history. It returns since when the send that is acknowledged by it
// had waited; ok is false for every other line.
func (m *sends) observe(op *kafka.Op) (began model.Time, ok bool) {
	if op.F != kafka.FSend {
		return 0, false
	}
	if op.Type == kafka.Invoke {
		m.open[op.Process] = op.Time
		m.first, m.waiting = min(m.first, op.Time), min(m.waiting, op.Time)
		return 0, false
	}
	began = m.open[op.Process]
	delete(m.open, op.Process)
	m.last = op.Time
	if op.Type != kafka.OK {
		return 0, false
	}
	m.took = append(m.took, op.Time-began)
	m.byPart[op.Value[0].Key]++
	m.lastAck = op.Time
	m.gap = max(m.gap, op.Time-m.waiting)
	m.waiting = model.Never
	if len(m.open) > 0 {
		m.waiting = op.Time
	}
	return began, true
}

// add writes what was measured. A wait that nobody ended lasts until the last outcome.
func (m *sends) add(counters map[string]int64) {
	if m.first == model.Never {
		return
	}
	if m.waiting != model.Never {
		m.gap = max(m.gap, m.last-m.waiting)
	}
	counters["ack.gap"] = int64(m.gap)
	for tp, n := range m.byPart { //unordered: it fills another map
		counters["send.ok."+tp.String()] = n
	}
	if len(m.took) > 0 {
		slices.Sort(m.took)
		counters["ack.p50"], counters["ack.p99"] = rank(m.took, 50), rank(m.took, 99)
		counters["ack.max"] = int64(m.took[len(m.took)-1])
		counters["ack.rate"] = perSecond(int64(len(m.took)), m.lastAck-m.first)
	}
}

// rank is the value of sorted, which is not empty, that so many percent of it do not exceed.
func rank(sorted []model.Time, percent int) int64 {
	return int64(sorted[(len(sorted)*percent+99)/100-1])
}

// perSecond is how many a second n in a time are, rounded.
func perSecond(n int64, in model.Time) int64 {
	if in <= 0 {
		return 0
	}
	const second = 1_000_000_000
	return (n*second + int64(in)/2) / int64(in)
}
