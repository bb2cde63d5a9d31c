package canary

import (
	"slices"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// draft is a history that can be changed, with what is looked for in it most.
type draft struct {
	ops   kafka.History
	sends []sent // acknowledged, in the order of their acknowledgement
	reads []read // polls that returned something of a partition, in their order
	// plain tells of an offset whether nothing excuses its record from being there.
	plain func(tp kafka.TopicPartition, at kafka.Offset) bool
}

// sent is an acknowledged record.
type sent struct {
	op, mop int
	tp      kafka.TopicPartition
	at      kafka.Offset
	value   string
}

// read is what one poll returned of one partition.
type read struct {
	op, mop, polled int
	tp              kafka.TopicPartition
}

// newDraft copies a history.
func newDraft(h kafka.Operations, o checks.Options) *draft {
	d := &draft{ops: make(kafka.History, h.Len())}
	d.plain = func(tp kafka.TopicPartition, at kafka.Offset) bool {
		return at >= o.Starts[tp] && !slices.Contains(o.Compacted, tp.Topic)
	}
	for i := range d.ops {
		op := *h.At(i)
		op.Value, op.Offsets = slices.Clone(op.Value), slices.Clone(op.Offsets)
		op.Keys = slices.Clone(op.Keys)
		for j := range op.Value {
			m := &op.Value[j]
			m.Polled = slices.Clone(m.Polled)
			for k := range m.Polled {
				m.Polled[k].Records = slices.Clone(m.Polled[k].Records)
			}
		}
		d.ops[i] = op
		if op.Type == kafka.OK {
			d.index(i)
		}
	}
	return d
}

func (d *draft) index(i int) {
	for j := range d.ops[i].Value {
		m := &d.ops[i].Value[j]
		if m.F == kafka.FSend && m.Offset != kafka.NoOffset && d.plain(m.Key, m.Offset) {
			d.sends = append(d.sends, sent{i, j, m.Key, m.Offset, m.Value})
		}
		for k := range m.Polled {
			if len(m.Polled[k].Records) > 0 {
				d.reads = append(d.reads, read{i, j, k, m.Polled[k].Key})
			}
		}
	}
}

// records are those of a read, to be changed in place.
func (d *draft) records(r read) *[]kafka.PolledRecord {
	return &d.ops[r.op].Value[r.mop].Polled[r.polled].Records
}

// split makes two polls of one operation out of a read.
func (d *draft) split(r read, first, second []kafka.PolledRecord) {
	poll := func(records []kafka.PolledRecord) kafka.Mop {
		return kafka.Mop{F: kafka.FPoll, Offset: kafka.NoOffset, Polled: []kafka.PolledRecords{
			{Key: r.tp, Records: records},
		}}
	}
	op := &d.ops[r.op]
	op.F, op.Value = kafka.FTxn, []kafka.Mop{poll(first), poll(second)}
}

// has tells whether somebody read the record.
func (d *draft) has(s sent) bool {
	return slices.ContainsFunc(d.reads, func(r read) bool {
		return r.tp == s.tp && slices.ContainsFunc(*d.records(r), func(x kafka.PolledRecord) bool {
			return x.Offset == s.at && x.Value == s.value
		})
	})
}

// forget has nobody have read the record.
func (d *draft) forget(s sent) {
	for _, r := range d.reads {
		if r.tp == s.tp {
			list := d.records(r)
			*list = slices.DeleteFunc(*list, func(x kafka.PolledRecord) bool { return x.Offset == s.at })
		}
	}
}

// last is the highest offset of a partition that anybody read or was told.
func (d *draft) last(tp kafka.TopicPartition) kafka.Offset {
	last := kafka.NoOffset
	for _, s := range d.sends {
		if s.tp == tp {
			last = max(last, s.at)
		}
	}
	for _, r := range d.reads {
		if r.tp == tp {
			for _, x := range *d.records(r) {
				last = max(last, x.Offset)
			}
		}
	}
	return last
}

// run calls f with each two reads of one partition that the consumer of the run's last reads made
// one after the other, until it says that it has planted something.
func (d *draft) run(f func(one, next read) bool) bool {
	for i, one := range d.reads {
		if !d.ops[one.op].Final {
			continue
		}
		for _, next := range d.reads[i+1:] {
			if next.tp == one.tp && d.ops[next.op].Final {
				if f(one, next) {
					return true
				}
				break
			}
		}
	}
	return false
}
