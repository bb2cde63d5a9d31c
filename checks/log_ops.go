package checks

import (
	"cmp"
	"slices"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// logOps are the operations of a partition as Porcupine shall see them, in order of rank, at a rank
// appends before polls. They are made a window at a time: all at once would take more memory than
// the history.
type logOps struct {
	p     *partition
	list  []appended // what is left of them, tightened
	polls []pollRun  // what is left of them
	taken int        // how many of list are gone
}

// pollRun are records of one poll that stand next to each other in the log.
type pollRun struct {
	rank     int32 // the largest
	source   int32 // in partition.reads
	from, to int32 // of its records
}

// logWindow are some operations, and the log that they are about.
type logWindow struct {
	ops  []logOp
	base logBase
}

// logBase is the part of the log that operations of a window look at, over ranks in place of
// offsets.
type logBase struct {
	log   kafka.PartitionLog
	first int // the rank of its first record
}

// logOps lists the operations. It narrows the intervals of list.
func (p *partition) logOps(list []appended, proofs []proof) *logOps {
	acked := ackedBelow(list, len(p.ranks))
	ops := &logOps{p: p, list: list}
	tighten(list, proofs)
	for i := range p.reads {
		if p.reads[i].ok {
			ops.polls = p.polls(ops.polls, int32(i), acked)
		}
	}
	slices.SortStableFunc(ops.polls, func(a, b pollRun) int { return cmp.Compare(a.rank, b.rank) })
	return ops
}

// tighten narrows the intervals of appends that nobody acknowledged, which are in order of rank:
// each came after the call of every append of a lower rank, and before the first proof of its own
// or a higher rank. Left open, each of them would be tried at every step.
func tighten(list []appended, proofs []proof) {
	latest := model.Time(0)
	for i := range list {
		a := &list[i]
		a.call = max(a.call, 0)
		if a.ret == model.Never {
			a.call = max(a.call, latest)
		}
		latest = max(latest, a.call)
	}
	earliest, rank := model.Never, int32(len(proofs))
	for i := len(list) - 1; i >= 0; i-- {
		for rank > list[i].rank {
			rank--
			earliest = min(earliest, proofs[rank].at)
		}
		if list[i].ret == model.Never {
			list[i].ret = max(earliest, list[i].call)
		}
	}
}

// polls adds the read with that index, as one operation, or as several where its records may jump:
// over records that nobody acknowledged (an aborted transaction), or anywhere when the partition
// changed hands meanwhile.
func (p *partition) polls(runs []pollRun, source int32, acked []int32) []pollRun {
	r := &p.reads[source]
	run, last := pollRun{source: source}, int32(-1)
	flush := func(next int) {
		if last >= 0 {
			run.to = int32(next)
			runs = append(runs, run)
		}
		run, last = pollRun{source: source, from: int32(next)}, -1
	}
	numbers := p.numbers(r)
	for j, o := range p.positions(r) {
		if o < 0 {
			continue
		}
		rank := p.rank(o, numbers[j])
		if last >= 0 && rank != last+1 &&
			(r.rebalanced || rank > last && acked[rank] == acked[last+1]) {
			flush(j)
		}
		last, run.rank = rank, max(run.rank, rank)
	}
	flush(r.end - r.start)
	return runs
}

// more tells whether operations are left.
func (l *logOps) more() bool { return len(l.list)+len(l.polls) > 0 }

// window takes the next operations, size of them or more: it ends at a change of rank.
func (l *logOps) window(size int) logWindow {
	var ops []logOp
	for l.more() {
		byAppend := len(l.polls) == 0 || len(l.list) > 0 && l.list[0].rank <= l.polls[0].rank
		rank := int32(0)
		if byAppend {
			rank = l.list[0].rank
		} else {
			rank = l.polls[0].rank
		}
		if n := len(ops); n >= size && ops[n-1].rank != rank {
			break
		}
		if byAppend {
			a := &l.list[0]
			ops = append(ops, logOp{
				rank: rank, append: l.p.values[a.value].text, call: a.call, ret: a.ret,
				source: int32(l.taken),
			})
			l.list, l.taken = l.list[1:], l.taken+1
			continue
		}
		ops = append(ops, l.p.poll(l.polls[0]))
		l.polls = l.polls[1:]
	}
	return logWindow{ops, l.p.base(ops)}
}

// poll is the operation of a run.
func (p *partition) poll(run pollRun) logOp {
	r := &p.reads[run.source]
	op := logOp{rank: run.rank, call: r.call, ret: r.ret, source: run.source}
	numbers, positions := p.numbers(r)[run.from:run.to], p.positions(r)[run.from:run.to]
	op.records = make([]kafka.PolledRecord, 0, len(numbers))
	for j, o := range positions {
		if o >= 0 {
			op.records = append(op.records, kafka.PolledRecord{
				Offset: kafka.Offset(p.rank(o, numbers[j])), Value: p.values[numbers[j]].text,
			})
		}
	}
	return op
}

// base is the log from one below the lowest rank that ops name, up to the highest.
func (p *partition) base(ops []logOp) logBase {
	low, high := len(p.ranks), 0
	for i := range ops {
		low, high = min(low, int(ops[i].rank)), max(high, int(ops[i].rank)+1)
		for _, rec := range ops[i].records {
			low = min(low, int(rec.Offset))
		}
	}
	low = max(0, low-1)
	records := make([]kafka.PolledRecord, 0, max(0, high-low))
	from := sort.Search(len(p.slots), func(i int) bool { return int(p.slots[i].rank) >= low })
	for _, s := range p.slots[from:] {
		if int(s.rank) >= high {
			break
		}
		if n := len(records); n > 0 && records[n-1].Offset == kafka.Offset(s.rank) {
			continue // the first one counts
		}
		records = append(records, kafka.PolledRecord{
			Offset: kafka.Offset(s.rank), Value: p.values[s.value].text,
		})
	}
	return logBase{kafka.NewPartitionLog(records), low}
}

// before is the log as ops found it: what lies below their first append was there before. Polls
// alone found everything.
func (b logBase) before(ops []logOp) kafka.PartitionLog {
	for i := range ops {
		if ops[i].records == nil {
			return b.log.Prefix(int(ops[i].rank) - b.first)
		}
	}
	return b.log
}
