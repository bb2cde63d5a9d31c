package checks

import (
	"sandcastle/model/kafka"
)

// reset is a reader that auto.offset.reset moved.
type reset struct {
	op     int32 // position in the history
	reader reader
	to     kafka.Offset
	why    string
}

// reader is a group, or a consumer without one.
type reader struct {
	name   string
	member bool
}

// reader is who an operation of that origin reads for.
func (o *origin) reader() reader {
	if o.group != "" {
		return reader{o.group, true}
	}
	return reader{o.who, false}
}

// reset notes where auto.offset.reset moved a reader.
func (g *gatherer) reset(i int, op *kafka.Op) {
	if op.Type != kafka.OK {
		return
	}
	offsets := g.offsetsOf(op)
	if len(offsets) == 0 {
		g.all.unnamed.resets++
	}
	for _, o := range offsets {
		p := g.partition(o.Key)
		p.resets = append(p.resets, reset{int32(i), p.from(int32(i)).reader(), o.Offset, op.Why})
	}
}

// passedOver finds the acknowledged records that resets moved readers past, and that they never
// read: from where a reader stood in the partition, or, where it had not been before, those that
// were acknowledged when it was already reading elsewhere. Where a reader begins is its own affair.
func passedOver(parts []*partition) (list []kafka.PassedOver) {
	var began map[reader]int32 // the first poll of each
	for _, p := range parts {
		for _, r := range p.resets {
			if began == nil {
				began = p.firstPolls()
			}
			from, known := p.stood(r)
			first, reading := began[r.reader]
			if !known && (!reading || first > r.op) {
				continue
			}
			if known {
				first = -1
			}
			if found := p.past(r, max(from, 0), first); found.Count > 0 {
				list = append(list, found)
			}
		}
	}
	return list
}

// firstPolls are the positions of the readers' first ok polls, of anything or nothing.
func (p *partition) firstPolls() map[reader]int32 {
	began := map[reader]int32{}
	for i := range p.origins.list {
		o := &p.origins.list[i]
		if o.polled < 0 {
			continue
		}
		if before, known := began[o.reader()]; !known || o.polled < before {
			began[o.reader()] = o.polled
		}
	}
	return began
}

// stood is the furthest position that the reader had in the partition before a reset, if any.
func (p *partition) stood(r reset) (at kafka.Offset, known bool) {
	reach := func(op int32, by reader, next kafka.Offset) {
		if op < r.op && by == r.reader {
			at, known = max(at, next), true
		}
	}
	for i := range p.reads {
		x := &p.reads[i]
		if x.end > x.start && x.ok && !x.final {
			reach(x.op, p.from(x.op).reader(), p.offsets[x.end-1]+1)
		}
	}
	for i := range p.handled {
		if x := &p.handled[i]; x.commit && x.done && x.group != "" {
			reach(x.op, reader{x.group, true}, x.offset)
		}
	}
	for _, x := range p.resets {
		reach(x.op, x.reader, x.to)
	}
	return at, known
}

// past counts what a reset passed over: records from an offset on, acknowledged after a line of the
// history.
func (p *partition) past(r reset, from kafka.Offset, after int32) kafka.PassedOver {
	op := p.op(r.op)
	found := kafka.PassedOver{
		Reader: r.reader.name, Member: r.reader.member, Key: p.key.String(), To: r.to,
		At: op.Time, Op: op.Index, Why: r.why,
	}
	read := map[kafka.Offset]bool{}
	for i := range p.reads {
		x := &p.reads[i]
		if !x.ok || x.final || p.from(x.op).reader() != r.reader {
			continue
		}
		for _, at := range p.positions(x) {
			read[at] = true
		}
	}
	for i := range p.sends {
		s := &p.sends[i]
		if s.outcome != endedOK || s.op <= after || s.op > r.op || s.offset < from || s.offset >= r.to ||
			read[s.offset] || p.values[s.value].gone != present {
			continue
		}
		if found.Count++; found.Count == 1 || s.offset < found.First {
			found.First = s.offset
		}
		found.Last = max(found.Last, s.offset)
	}
	return found
}
