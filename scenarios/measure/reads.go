package measure

import (
	"cmp"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// reads follow what was acknowledged and what consumers received, offset by offset. The
// reads by which a run ends are left out.
type reads struct {
	logs     map[kafka.TopicPartition]*measuredLog
	readers  []*reader
	byClient map[string]int64
	took     []model.Time // from send to the first reader
	again    int64
	n        int64
	first    model.Time
	last     model.Time
	end      model.Time // of the workload
	lagMost  int64
	lagEnd   int64
}

// measuredLog is one partition by offset; 0 is "never".
type measuredLog struct {
	sent []model.Time // when the send of the acknowledged record began
	read []model.Time // when a consumer first had it
}

// reader is a group, or a consumer without one.
type reader struct {
	name   string
	topics []string // that it has subscribed to
	at     map[kafka.TopicPartition]*readerLog
	behind int64 // over all partitions
}

// readerLog is how a reader got on in one partition.
type readerLog struct {
	times []uint8 // how often it received each offset, up to 2
	next  kafka.Offset
	acked kafka.Offset // one past the last acknowledged record
}

func newReads(end model.Time) reads {
	return reads{
		logs: map[kafka.TopicPartition]*measuredLog{}, byClient: map[string]int64{}, end: end,
	}
}

// moves sets how far a log and its reader have got, and with it how far the reader is behind.
func (r *reader) moves(l *readerLog, next, acked kafka.Offset) {
	r.behind -= int64(max(0, l.acked-l.next))
	l.next, l.acked = max(l.next, next), max(l.acked, acked)
	r.behind += int64(max(0, l.acked-l.next))
}

// follow has the reader read a partition of which so much is acknowledged.
func (r *reader) follow(tp kafka.TopicPartition, l *measuredLog) *readerLog {
	rl := r.at[tp]
	if rl == nil {
		rl = &readerLog{}
		r.at[tp] = rl
		r.moves(rl, 0, kafka.Offset(len(l.sent)))
	}
	return rl
}

// maxMeasured is up to which offset records are followed one by one.
const maxMeasured = 1 << 22

// extend returns s with a place for index i.
func extend[T any](s []T, i kafka.Offset) []T {
	if n := int(i) + 1 - len(s); n > 0 {
		s = append(s, make([]T, n)...)
	}
	return s
}

// acked takes in an acknowledged record.
func (m *reads) acked(tp kafka.TopicPartition, at kafka.Offset, began, now model.Time) {
	if at < 0 || at >= maxMeasured {
		return // acks=0: nobody knows where it is
	}
	l := m.log(tp)
	l.sent = extend(l.sent, at)
	l.sent[at] = max(began, 1)
	for _, r := range m.readers {
		if rl := r.at[tp]; rl != nil {
			r.moves(rl, 0, at+1)
		}
	}
	m.lag(now)
}

func (m *reads) log(tp kafka.TopicPartition) *measuredLog {
	l := m.logs[tp]
	if l == nil {
		l = &measuredLog{}
		m.logs[tp] = l
		for _, r := range m.readers {
			if slices.Contains(r.topics, tp.Topic) {
				r.follow(tp, l)
			}
		}
	}
	return l
}

// reader finds the reader of that name.
func (m *reads) reader(name string) *reader {
	for _, r := range m.readers {
		if r.name == name {
			return r
		}
	}
	r := &reader{name: name, at: map[kafka.TopicPartition]*readerLog{}}
	m.readers = append(m.readers, r)
	return r
}

// observe takes in a line of the history of a consumer.
func (m *reads) observe(op *kafka.Op) {
	switch {
	case op.Final || op.Type != kafka.OK:
	case op.F == kafka.FSubscribe:
		m.subscribed(m.reader(op.Group), op.Keys)
	case op.F == kafka.FAssign:
		r := m.reader(op.Client) // it reads alone, whatever group it commits for
		for _, key := range op.Keys {
			if tp, ok := kafka.ParseTopicPartition(key); ok {
				r.follow(tp, m.log(tp))
			}
		}
	case op.F == kafka.FPoll:
		r := m.reader(cmp.Or(op.Group, op.Client))
		for i := range op.Value {
			for j := range op.Value[i].Polled {
				p := &op.Value[i].Polled[j]
				m.byClient[op.Client] += int64(len(p.Records))
				m.polled(r, p, op.Time)
			}
		}
		m.lag(op.Time)
	}
}

func (m *reads) subscribed(r *reader, topics []string) {
	r.topics = append(r.topics, topics...)
	for tp, l := range m.logs { //unordered: it fills another map, and adds to a sum
		if slices.Contains(topics, tp.Topic) {
			r.follow(tp, l)
		}
	}
}

// polled takes in what r received of one partition.
func (m *reads) polled(r *reader, p *kafka.PolledRecords, now model.Time) {
	l := m.log(p.Key)
	rl := r.follow(p.Key, l)
	for _, rec := range p.Records {
		if rec.Offset >= maxMeasured {
			continue
		}
		if m.n == 0 {
			m.first = now
		}
		m.n, m.last = m.n+1, now
		l.read, rl.times = extend(l.read, rec.Offset), extend(rl.times, rec.Offset)
		if l.read[rec.Offset] == 0 {
			l.read[rec.Offset] = now
		}
		if rl.times[rec.Offset] > 0 {
			m.again++
		}
		rl.times[rec.Offset] = min(2, rl.times[rec.Offset]+1)
		r.moves(rl, rec.Offset+1, 0)
	}
}

// lag notes how far readers are behind.
func (m *reads) lag(now model.Time) {
	var behind int64
	for _, r := range m.readers {
		m.lagMost = max(m.lagMost, r.behind)
		behind += r.behind
	}
	if now <= m.end {
		m.lagEnd = behind
	}
}

// add writes what was measured.
func (m *reads) add(counters map[string]int64) {
	for client, n := range m.byClient { //unordered: it fills another map
		counters["records.read."+client] = n
	}
	counters["records.read.again"], counters["records.unread"] = m.again, m.unread()
	counters["lag.most"], counters["lag.end"] = m.lagMost, m.lagEnd
	if m.n > 0 {
		counters["read.rate"] = perSecond(m.n, m.last-m.first)
	}
	for _, l := range m.logs { //unordered: they are sorted below
		for at, began := range l.sent {
			if began > 0 && at < len(l.read) && l.read[at] > 0 {
				m.took = append(m.took, l.read[at]-began)
			}
		}
	}
	if len(m.took) > 0 {
		slices.Sort(m.took)
		counters["read.p50"], counters["read.p99"] = rank(m.took, 50), rank(m.took, 99)
	}
}

// unread counts the acknowledged records that a reader of the partition never had.
func (m *reads) unread() int64 {
	var n int64
	for tp, l := range m.logs { //unordered: a sum
		for _, r := range m.readers {
			rl := r.at[tp]
			if rl == nil {
				continue
			}
			for at, began := range l.sent {
				if began > 0 && (at >= len(rl.times) || rl.times[at] == 0) {
					n++
				}
			}
		}
	}
	return n
}
