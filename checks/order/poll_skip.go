package order

import (
	"fmt"
	"strconv"

	"sandcastle/model/kafka"
)

// rebalances says why members of groups may go on elsewhere.
const rebalances = "a rebalance may move a subscribed consumer, and nothing says whether one did"

// PollSkip finds consumers that went past records that they had to read next (Jepsen's :poll-skip).
//
// Where final reads show what stands in a log in the end, that is a second measure: from the last
// record that a consumer read and that is still there, its next one has to be the next. So is found
// who read on in a log that was cut and filled anew, and did not read what stands there now.
// Members of groups are not measured so.
func (c *Consumers) PollSkip(logs []*Log, found func(Case)) {
	finals := map[*Log]*finalLog{}
	c.positions(logs, func(who *consumer, l *Log, r reading, at *position) {
		allowed := ""
		if who.group && !c.RebalancesLogged {
			allowed = rebalances
		}
		skipped := c.pastDue(l, r, at, allowed, found)
		if !l.Reads[r.from].OK || l.Reads[r.from].Final || who.group {
			return
		}
		f, known := finals[l]
		if !known {
			f = l.final()
			finals[l] = f
		}
		f.follow(c, r, at, skipped, found)
	})
}

// due is the first record of an operation, where its rank is known.
func (l *Log) due(r reading) (first place, rank int32) {
	first = place{read: r.from}
	for l.Reads[first.read].End == l.Reads[first.read].Start {
		first.read++
	}
	return first, l.at(first).Rank
}

// pastDue finds what lies between where the consumer was and where it read on, and tells whether
// anything does.
func (c *Consumers) pastDue(l *Log, r reading, at *position, allowed string, found func(Case),
) bool {
	first, rank := l.due(r)
	if at.next == Unknown || rank == Unknown {
		return false
	}
	read := &l.Reads[first.read]
	n, cause := l.between(at.next, rank, read)
	if n == 0 {
		return false
	}
	was := *at
	found(Case{Cause: cause, Allowed: allowed, Evidence: func() (string, []kafka.Witness) {
		text := fmt.Sprintf("%s %s, then read offset %d of %s, and not %s",
			who(c.History.At(int(r.op))), l.before(&was), l.Offsets[rank], l.Name,
			l.passed(was.next, read, n))
		return text, []kafka.Witness{c.before(l, &was), l.witness(first)}
	}})
	return true
}

// before says where a consumer was.
func (l *Log) before(at *position) string {
	if at.last.read >= 0 {
		return fmt.Sprintf("read offset %d", l.Offsets[l.at(at.last).Rank])
	}
	return "was moved"
}

// before is the evidence of where a consumer was.
func (c *Consumers) before(l *Log, at *position) kafka.Witness {
	if at.last.read >= 0 {
		return l.witness(at.last)
	}
	op := c.History.At(int(at.move))
	text := string(op.F) + " " + l.Name
	if int(at.next) < len(l.Offsets) {
		text += ", next is offset " + strconv.FormatInt(int64(l.Offsets[at.next]), 10)
	}
	return kafka.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}

// who names the client of an operation.
func who(op *kafka.Op) string {
	if op.Client != "" {
		return op.Client
	}
	return "process " + strconv.Itoa(op.Process)
}

// finalLog is what the final reads found of a log.
type finalLog struct {
	l      *Log
	values []int32 // in order
	index  []int32 // by value, its place in values, −1 for none
}

// final is what stands in the log in the end; it is empty where nobody looked.
func (l *Log) final() *finalLog {
	f := &finalLog{l: l}
	for i := range l.Reads {
		r := &l.Reads[i]
		if !r.OK || !r.Final {
			continue
		}
		if f.index == nil {
			f.index = make([]int32, l.Values)
			for v := range f.index {
				f.index[v] = -1
			}
		}
		for _, rec := range l.Records[r.Start:r.End] {
			if f.index[rec.Value] < 0 {
				f.index[rec.Value] = int32(len(f.values))
				f.values = append(f.values, rec.Value)
			}
		}
	}
	return f
}

// follow goes through the records of one operation. What the ranks show already, at its first
// record or between two of it, does not count again.
func (f *finalLog) follow(c *Consumers, r reading, at *position, skipped bool, found func(Case)) {
	if len(f.values) == 0 {
		return
	}
	l, last := f.l, Unknown
	for i := r.from; i < r.to; i++ {
		for n, rec := range l.Records[l.Reads[i].Start:l.Reads[i].End] {
			if last != Unknown && rec.Rank != Unknown {
				between, _ := l.between(last+1, rec.Rank, &l.Reads[i])
				skipped = between > 0
			}
			last = rec.Rank
			index := f.index[rec.Value]
			if index < 0 {
				continue
			}
			now, before := place{i, int32(n)}, at.stood
			if before.index < 0 || index > before.index { // a record may stand twice, and be read again
				at.stood = stood{index, now}
			}
			if before.index < 0 || index <= before.index+1 || skipped {
				continue
			}
			found(Case{Evidence: func() (string, []kafka.Witness) {
				text := fmt.Sprintf("%s read %q and then %q of %s, and not the %d records between them",
					who(c.History.At(int(r.op))), l.Tell.Value(f.values[before.index]),
					l.Tell.Value(rec.Value), l.Name, index-before.index-1)
				return text, []kafka.Witness{l.witness(before.at), l.witness(now)}
			}})
		}
	}
}
