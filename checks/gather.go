package checks

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// gatherer turns a history into partitions.
type gatherer struct {
	history kafka.Operations
	parts   map[kafka.TopicPartition]*partition
	open    map[int]invocation // by process, its open invocation
	last    *partition         // the one asked for last, since neighbours are often of one partition
	unsure  []unsureSend
	invoke  int // of the operation being gathered, −1 for none
	// began and ended are how the operation being gathered begins and ends, one of them for both when
	// the other is not there.
	began   invocation
	ended   *kafka.Op
	origins *origins
	options Options
	// superseded are the values of compacted topics of which a later one of the same key is known.
	superseded map[keyedValue]bool
	all        *gathered
}

// invocation is what is kept of the line that begins an operation until the one that ends it: the
// line itself is lent.
type invocation struct {
	at    int // its position
	time  model.Time
	keyed bool // its record had a key
}

func invocationOf(at int, op *kafka.Op) invocation {
	return invocation{at, op.Time, op.RecordKey != ""}
}

// unsureSend is a send whose operation ended with info.
type unsureSend struct {
	p     *partition
	index int // in p.sends
}

// partitions gathers h by partition, in order of key. Of compacted topics only the last record of
// each key counts: the others may be there or not.
func partitions(h kafka.Operations, o Options) []*partition {
	g := gatherer{
		history: h, parts: map[kafka.TopicPartition]*partition{}, open: map[int]invocation{}, options: o,
		all: &gathered{history: h},
	}
	if len(o.Compacted) > 0 {
		g.superseded = superseded(h, o)
	}
	g.origins = newOrigins(h.Len())
	at := 0
	kafka.Each(h, func(op *kafka.Op) {
		if g.origins.add(op); op.Type == kafka.Invoke {
			g.open[op.Process] = invocationOf(at, op)
		} else {
			g.complete(at, op)
		}
		at++
	})
	unfinished := make([]int, 0, len(g.open))
	for _, o := range g.open { //unordered: sorted below
		unfinished = append(unfinished, o.at)
	}
	slices.Sort(unfinished)
	for _, i := range unfinished {
		op := h.At(i)
		g.invoke, g.began, g.ended = i, invocationOf(i, op), op
		g.add(i, kafka.Info, op.Value)
		g.handle(i, op, kafka.Info)
	}
	g.commitUnsure()
	list := make([]*partition, 0, len(g.parts))
	for _, p := range g.parts { //unordered: sorted below
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *partition) int { return a.key.Compare(b.key) })
	for _, p := range list {
		p.closed()
		p.order()
		p.findCauses()
	}
	return list
}

// complete adds the operation that op ends, at position i.
func (g *gatherer) complete(i int, op *kafka.Op) {
	g.invoke, g.began, g.ended = -1, invocationOf(i, op), op
	if began, ok := g.open[op.Process]; ok {
		g.invoke, g.began = began.at, began
		delete(g.open, op.Process)
	}
	mops := op.Value
	if len(mops) == 0 && g.invoke >= 0 { // a failure need not repeat what was asked
		mops = g.history.At(g.invoke).Value
	}
	g.add(i, op.Type, mops)
	g.handle(i, op, op.Type)
	g.move(i, op)
}

// add adds the micro-operations of the operation that ends, with end, at position i.
func (g *gatherer) add(i int, end kafka.OpType, mops []kafka.Mop) {
	g.all.transactions = g.all.transactions || len(mops) > 1
	for m := range mops {
		mop := &mops[m]
		if mop.F == kafka.FSend {
			g.addSend(i, end, mop)
			continue
		}
		for k := range mop.Polled {
			g.addRead(i, end, &mop.Polled[k])
		}
	}
}

func (g *gatherer) addSend(i int, end kafka.OpType, mop *kafka.Mop) {
	if g.superseded[keyedValue{mop.Key, mop.Value}] {
		return
	}
	p := g.partition(mop.Key)
	s := send{
		value: p.value(mop.Value), outcome: endingOf(end), committed: end == kafka.OK,
		offset: mop.Offset, call: g.began.time, ret: g.ended.Time,
		op: int32(i), invoke: int32(g.invoke), keyed: g.invoke >= 0 && g.began.keyed,
	}
	v := &p.values[s.value]
	v.sends++
	switch end {
	case kafka.Info:
		s.ret = model.Never
		g.unsure = append(g.unsure, unsureSend{p, len(p.sends)})
	case kafka.Fail:
		v.fails++
	}
	if g.ended.Type == kafka.Invoke { // it was never completed
		s.offset = kafka.NoOffset
	}
	p.sends = append(roomy(p.sends), s)
}

func (g *gatherer) addRead(i int, end kafka.OpType, polled *kafka.PolledRecords) {
	op := g.ended
	p := g.partition(polled.Key)
	r := read{
		start: len(p.polled), call: g.began.time, ret: op.Time, op: int32(i),
		ok: end == kafka.OK, final: op.Final, readCommitted: op.Isolation == "read_committed",
		rebalanced: rebalanced(op.Rebalance, polled.Key),
	}
	n := int32(-1)
	for _, rec := range g.kept(polled) {
		n = p.valueAfter(n, rec.Value)
		p.polled, p.offsets = append(p.polled, n), append(p.offsets, rec.Offset)
		if r.ok {
			p.values[n].seen = true
			p.values[n].final = p.values[n].final || r.final
		}
	}
	r.end = len(p.polled)
	p.reads = append(p.reads, r)
	p.readToTheEnd = p.readToTheEnd || r.ok && r.final
}

func rebalanced(l *kafka.RebalanceLog, key kafka.TopicPartition) bool {
	if l == nil {
		return false
	}
	k := key.String()
	return slices.Contains(l.Assigned, k) || slices.Contains(l.Revoked, k) ||
		slices.Contains(l.Lost, k)
}

// commitUnsure marks the sends of unknown outcome of which something was read: if one write of an
// operation took effect, all did.
func (g *gatherer) commitUnsure() {
	read := map[int32]bool{} // by operation
	for _, u := range g.unsure {
		if s := &u.p.sends[u.index]; u.p.values[s.value].seen {
			read[s.op] = true
		}
	}
	for _, u := range g.unsure {
		s := &u.p.sends[u.index]
		s.committed = read[s.op]
	}
}

func (g *gatherer) partition(key kafka.TopicPartition) *partition {
	if g.last != nil && g.last.key == key {
		return g.last
	}
	p := g.parts[key]
	if p == nil {
		p = &partition{
			key: key, history: g.history, origins: g.origins, start: g.options.Starts[key], all: g.all,
		}
		g.parts[key] = p
	}
	g.last = p
	return p
}

// valueAfter is value for what stands behind another value in a log, −1 for none: values are mostly
// numbered in the order in which they stand there.
func (p *partition) valueAfter(before int32, text string) int32 {
	if next := before + 1; before >= 0 && int(next) < len(p.values) && p.values[next].text == text {
		return next
	}
	return p.value(text)
}

// value returns the number of the value with that text, a new one when it is new.
func (p *partition) value(text string) int32 {
	hash := hashOf(text)
	n, ok := p.numbered.find(p.values, text, hash)
	if !ok {
		n = int32(len(p.values))
		p.values = append(roomy(p.values), value{text: text, first: kafka.NoOffset, low: -1, high: -1})
		p.numbered.add(p.values, hash)
	}
	return n
}
